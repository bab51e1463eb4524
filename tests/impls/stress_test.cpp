// Threads that race: every byte that arrives is checked, and everything is counted at the end.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <latch>
#include <numeric>
#include <optional>
#include <random>
#include <thread>

#include "tests/impls/payload.hpp"
#include "tests/impls/preemption.hpp"
#include "tests/impls/subject.hpp"
#include "tests/impls/variants.hpp"

namespace ringbench::conformance {
namespace {

using namespace std::chrono_literals;

constexpr unsigned kWriters = 3;

// Three threads that queue for a spin lock on two CPUs wait for the scheduler at each turn: a race
// may take a millisecond or a minute. It ends after this time in any case.
constexpr auto kLongest = 150ms;

struct Plan {
  std::size_t ring_bytes;
  std::uint32_t smallest;
  std::uint32_t largest;
  std::uint32_t attempts;  // of each producer
  bool consumer_per_ring = false;
  bool preempted = false;  // anywhere, now a producer and now a consumer
};

// Another one in each repetition (--gtest_repeat), and the one that --gtest_random_seed names.
std::uint32_t seed() {
  return static_cast<std::uint32_t>(testing::UnitTest::GetInstance()->random_seed());
}

bool is_discarded(std::uint32_t sequence) {
  return sequence % 8 == 3;
}

// The consumer of some rings. Wrong records are counted, not reported one by one.
class Checker final : public Receiver {
 public:
  void record(std::span<const std::byte> payload) override {
    ++records;
    const auto stamp = read_stamp(payload);
    if (!stamp || stamp->producer >= kWriters || is_discarded(stamp->sequence)) {
      ++wrong;
      return;
    }
    auto& next = next_[stamp->producer];
    if (stamp->sequence < next) ++out_of_order;
    for (auto missed = next; missed < stamp->sequence; ++missed)
      gaps += is_discarded(missed) ? 0 : 1;
    next = stamp->sequence + 1;
  }
  void lost(std::uint64_t count) override { lost_count += count; }

  std::uint64_t records = 0;
  std::uint64_t wrong = 0;
  std::uint64_t out_of_order = 0;
  std::uint64_t gaps = 0;
  std::uint64_t lost_count = 0;

 private:
  std::array<std::uint32_t, kWriters> next_{};
};

class Race {
 public:
  Race(const Variant& variant, const Plan& plan)
      : plan_(plan),
        geometry_(geometry_for(*variant.row, plan.ring_bytes, kWriters)),
        subject_(make_subject(*variant.row, geometry_, variant.options)),
        checkers_(plan.consumer_per_ring ? std::max(geometry_.rings, 1U) : 1U) {}

  void run() {
    if (plan_.preempted) preemption_.emplace(seed(), 200us, 300us);
    {
      std::vector<std::jthread> threads;
      for (unsigned p = 0; p < kWriters; ++p) threads.emplace_back([this, p] { produce(p); });
      for (unsigned c = 1; c < checkers_.size(); ++c)
        threads.emplace_back([this, c] { consume(c); });
      consume(0);
    }
    check();
  }

 private:
  using Member = std::optional<Preemption::Member>;

  void join(Member& member) {
    if (preemption_) member.emplace(*preemption_);
  }

  void produce(unsigned producer) {
    const auto writer = subject_->writer(producer);
    std::mt19937 random(seed() * kWriters + producer);
    std::uniform_int_distribution<std::uint32_t> size(plan_.smallest, plan_.largest);
    std::uint32_t sequence = 0;
    start_.arrive_and_wait();
    Member member;
    join(member);
    const Fill fill_next = [&](std::span<std::byte> payload) {
      fill(payload, producer, sequence);
      return !is_discarded(sequence++);
    };
    const auto begin = std::chrono::steady_clock::now();
    auto& attempts = attempts_[producer];
    for (; attempts < plan_.attempts && goes_on_since(begin); ++attempts) {
      const bool granted = writer->output(size(random), fill_next);
      if (!granted || attempts % 16 == 0) std::this_thread::yield();
    }
    tallies_[producer] = writer->tally();
    producing_.fetch_sub(1, std::memory_order_release);
  }

  // The one who stops the others may be late itself.
  bool goes_on_since(std::chrono::steady_clock::time_point begin) const {
    const auto passed = std::chrono::steady_clock::now() - begin;
    const bool waits = preemption_ && preemption_->slept() == 0;
    return passed < kLongest || (waits && passed < 100 * kLongest);
  }

  void consume(unsigned consumer) {
    Member member;
    join(member);
    bool last = false;
    for (bool more = true; more || !last;) {
      last = producing_.load(std::memory_order_acquire) == 0;
      more = false;
      for (unsigned ring = consumer; ring < geometry_.rings; ring += stride()) {
        more = subject_->consume(ring, checkers_[consumer], 64) != 0 || more;
      }
      if (!more) std::this_thread::yield();
    }
  }

  unsigned stride() const { return static_cast<unsigned>(checkers_.size()); }

  void check() const {
    Tally sum;
    for (const auto& tally : tallies_) {
      sum.committed += tally.committed;
      sum.discarded += tally.discarded;
      for (std::size_t i = 0; i < sum.drops.size(); ++i) sum.drops[i] += tally.drops[i];
    }
    std::uint64_t delivered = 0;
    std::uint64_t gaps = 0;
    std::uint64_t lost = 0;
    for (const auto& checker : checkers_) {
      EXPECT_EQ(checker.wrong, 0U) << subject_->describe();
      EXPECT_EQ(checker.out_of_order, 0U);
      delivered += checker.records;
      gaps += checker.gaps;
      lost += checker.lost_count;
    }
    EXPECT_EQ(sum.committed + sum.discarded + sum.dropped(),
              std::accumulate(attempts_.begin(), attempts_.end(), 0U));
    EXPECT_EQ(sum.committed, delivered + subject_->overwritten());
    EXPECT_LE(gaps, subject_->overwritten()) << "records are missing from the middle of a sequence";
    EXPECT_LE(lost, sum.dropped());
    EXPECT_GT(sum.committed, 0U);
    for (unsigned ring = 0; ring < geometry_.rings; ++ring)
      EXPECT_EQ(subject_->occupancy(ring), 0U);
    if (preemption_) {
      EXPECT_GT(preemption_->slept(), 0U) << "nobody was stopped";
    }
  }

  Plan plan_;
  Geometry geometry_;
  std::unique_ptr<Subject> subject_;
  std::vector<Checker> checkers_;
  std::array<std::uint32_t, kWriters> attempts_{};
  std::array<Tally, kWriters> tallies_{};
  std::latch start_{kWriters};
  std::atomic<unsigned> producing_{kWriters};
  std::optional<Preemption> preemption_;
};

class Stress : public testing::TestWithParam<Variant> {};
INSTANTIATE_TEST_SUITE_P(Every, Stress, testing::ValuesIn(variants_where(has_fallback_numbers)),
                         name);

TEST_P(Stress, SmallRing) {
  Race(GetParam(), {.ring_bytes = 4096, .smallest = 12, .largest = 150, .attempts = 4'000}).run();
}
TEST_P(Stress, LargeRing) {
  Race(GetParam(), {.ring_bytes = 65'536, .smallest = 12, .largest = 700, .attempts = 3'000}).run();
}
TEST_P(Stress, RecordsAsLargeAsTheRing) {
  Race(GetParam(), {.ring_bytes = 4096, .smallest = 1'900, .largest = 4'000, .attempts = 1'000})
      .run();
}
TEST_P(Stress, OneConsumerARing) {
  Race(GetParam(), {.ring_bytes = 8192,
                    .smallest = 12,
                    .largest = 300,
                    .attempts = 2'000,
                    .consumer_per_ring = true})
      .run();
}
// So many attempts that it is the time that ends it.
TEST_P(Stress, StoppedAnywhere) {
  Race(GetParam(), {.ring_bytes = 4096,
                    .smallest = 12,
                    .largest = 300,
                    .attempts = 100'000'000,
                    .preempted = true})
      .run();
}

}  // namespace
}  // namespace ringbench::conformance
