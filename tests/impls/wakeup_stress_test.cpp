// A consumer that sleeps until it is told must never sleep over data.
#include <gtest/gtest.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <random>
#include <thread>

#include "tests/impls/payload.hpp"
#include "tests/impls/subject.hpp"
#include "tests/impls/variants.hpp"

namespace ringbench::conformance {
namespace {

constexpr unsigned kWakers = 2;
constexpr int kTimeoutMs = 20'000;
// Of each producer, unless the lock is so slow on few CPUs that the time ends first.
constexpr std::uint32_t kRecords = 1'000;
constexpr auto kLongestSleep = std::chrono::milliseconds(300);

class Counter final : public Receiver {
 public:
  void record(std::span<const std::byte> payload) override {
    ++records;
    if (!read_stamp(payload)) ++wrong;
  }
  void lost(std::uint64_t /*count*/) override {}
  std::uint64_t records = 0;
  std::uint64_t wrong = 0;
};

// Edge-triggered on all rings, and on an event that says that the producers have stopped.
class Sleeper {
 public:
  explicit Sleeper(Subject& subject, unsigned rings) : subject_(subject), rings_(rings) {
    for (unsigned ring = 0; ring < rings; ++ring) watch(subject.wait_fd(ring), ring);
    watch(stop_, rings);
  }
  ~Sleeper() {
    close(stop_);
    close(epoll_);
  }
  Sleeper(const Sleeper&) = delete;
  Sleeper& operator=(const Sleeper&) = delete;

  void stop() const { ASSERT_EQ(eventfd_write(stop_, 1), 0); }

  // Returns after stop(), or when nothing has woken it for long.
  void consume() {
    sleep_and_consume();
    gone.store(true, std::memory_order_relaxed);
  }

  Counter counter;
  std::uint64_t sleeps = 0;
  std::atomic<bool> gone{false};

 private:
  void sleep_and_consume() {
    for (bool stopped = false; !stopped;) {
      consume_all();
      if (!may_sleep()) continue;
      std::array<epoll_event, 8> events{};
      const int count =
          epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), kTimeoutMs);
      ASSERT_GT(count, 0) << "nobody woke the consumer: " << subject_.describe();
      ++sleeps;
      stopped = std::ranges::any_of(events, [&](const auto& event) { return is_stop(event); });
      if (stopped && count == 1) {
        EXPECT_EQ(consume_all(), 0U) << "a wake-up was lost: " << subject_.describe();
      }
    }
    consume_all();
  }
  void watch(int fd, unsigned tag) const {
    epoll_event event{};
    event.events = EPOLLIN | EPOLLET;
    event.data.u32 = tag;
    ASSERT_EQ(epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event), 0);
  }
  bool is_stop(const epoll_event& event) const {
    return event.events != 0 && event.data.u32 == rings_;
  }
  std::uint64_t consume_all() {
    const auto before = counter.records;
    for (unsigned ring = 0; ring < rings_; ++ring) subject_.consume(ring, counter, 0);
    return counter.records - before;
  }
  bool may_sleep() {
    for (unsigned ring = 0; ring < rings_; ++ring) {
      if (!subject_.ready_to_wait(ring)) return false;
    }
    return true;
  }

  Subject& subject_;
  unsigned rings_;
  int epoll_ = epoll_create1(EPOLL_CLOEXEC);
  int stop_ = eventfd(0, EFD_CLOEXEC);
};

// Now and then it pauses, so that the consumer catches up and sleeps.
Tally produce(Subject& subject, const Sleeper& sleeper, unsigned producer, std::uint32_t largest) {
  const auto writer = subject.writer(producer);
  std::mt19937 random(producer + 7);
  const auto end = std::chrono::steady_clock::now() + kLongestSleep;
  for (std::uint32_t sequence = 0; sequence < kRecords && !sleeper.gone;) {
    if (std::chrono::steady_clock::now() > end) break;
    const auto size = static_cast<std::uint32_t>(sizeof(Stamp) + random() % largest);
    const Fill fill_next = [&](std::span<std::byte> payload) {
      fill(payload, producer, sequence);
      return sequence % 16 != 5;
    };
    if (writer->output(size, fill_next)) ++sequence;
    if (random() % 4 == 0) std::this_thread::yield();
    if (random() % 32 == 0) usleep(20);
  }
  return writer->tally();
}

// How often the consumer slept.
std::uint64_t race(const Variant& variant, std::uint32_t largest) {
  auto geometry = geometry_for(*variant.row, 4096, kWakers);
  geometry.waits = true;
  const auto subject = make_subject(*variant.row, geometry, variant.options);
  Sleeper sleeper(*subject, geometry.rings);
  std::array<Tally, kWakers> tallies;
  {
    std::jthread consumer([&] { sleeper.consume(); });
    {
      std::vector<std::jthread> producers;
      for (unsigned p = 0; p < kWakers; ++p) {
        producers.emplace_back([&, p] { tallies[p] = produce(*subject, sleeper, p, largest); });
      }
    }
    sleeper.stop();
  }
  EXPECT_EQ(sleeper.counter.wrong, 0U);
  EXPECT_EQ(sleeper.counter.records + subject->overwritten(),
            tallies[0].committed + tallies[1].committed);
  return sleeper.sleeps;
}

// On a busy machine all may be sent before the consumer has its CPU: then it never needs to sleep.
void race_until_it_sleeps(const Variant& variant, std::uint32_t largest) {
  std::uint64_t sleeps = 0;
  for (int again = 0; again < 50 && sleeps <= 1; ++again) sleeps = race(variant, largest);
  EXPECT_GT(sleeps, 1U);
}

class WakeupStress : public testing::TestWithParam<Variant> {};
INSTANTIATE_TEST_SUITE_P(Every, WakeupStress,
                         testing::ValuesIn(variants_where(wakes_every_sleeper)), name);

TEST_P(WakeupStress, SmallRecords) {
  race_until_it_sleeps(GetParam(), 100);
}
TEST_P(WakeupStress, RecordsAsLargeAsTheRing) {
  race_until_it_sleeps(GetParam(), 4'000);
}

}  // namespace
}  // namespace ringbench::conformance
