#include "bench/trial/consumer_loop.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <chrono>
#include <deque>
#include <functional>
#include <thread>
#include <vector>

#include "impls/payload.hpp"

namespace ringbench {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr std::size_t kSize = 32;
constexpr auto kNever = ~std::uint64_t{0} / 2;

// Rings that are filled by hand; who was asked is kept.
class ScriptedRings {
 public:
  explicit ScriptedRings(unsigned rings) : rings_(rings) {}

  void put(unsigned ring, std::uint32_t producer, std::uint64_t count) {
    for (; count != 0; --count) rings_[ring].push_back({producer, next_[producer]++, 0});
  }
  template <Sink S>
  std::size_t consume(unsigned ring, S& sink, std::size_t budget) {
    asked.push_back(ring);
    before_poll();
    std::size_t found = 0;
    for (; !rings_[ring].empty() && (budget == 0 || found < budget); ++found) {
      std::array<std::byte, kSize> bytes;
      write_payload(bytes.data(), bytes.size(), rings_[ring].front(), true);
      rings_[ring].pop_front();
      delivered_from.push_back(ring);
      sink.record(bytes);
      after_record();
    }
    return found;
  }
  std::size_t occupancy(unsigned ring) const { return rings_[ring].size() * kSize; }

  std::function<void()> before_poll = [] {};
  std::function<void()> after_record = [] {};
  std::vector<unsigned> asked;
  std::vector<unsigned> delivered_from;

 private:
  std::vector<std::deque<Event>> rings_;
  std::array<std::uint64_t, 4> next_{};
};

// The same with a doorbell. Everything that a second thread touches is atomic.
class RingingRing {
 public:
  RingingRing() : fd_(eventfd(0, EFD_NONBLOCK)) {}
  ~RingingRing() { close(fd_); }
  RingingRing(const RingingRing&) = delete;
  RingingRing& operator=(const RingingRing&) = delete;

  void put_and_ring() {
    ++waiting_;
    const std::uint64_t one = 1;
    ASSERT_EQ(write(fd_, &one, sizeof one), ssize_t{sizeof one});
  }
  template <Sink S>
  std::size_t consume(unsigned /*ring*/, S& sink, std::size_t /*budget*/) {
    const auto count = waiting_.exchange(0);
    for (std::uint64_t i = 0; i < count; ++i) {
      std::array<std::byte, kSize> bytes;
      write_payload(bytes.data(), bytes.size(), {0, next_++, 0}, true);
      sink.record(bytes);
    }
    return count;
  }
  std::size_t occupancy(unsigned /*ring*/) const { return waiting_ * kSize; }
  int wait_fd(unsigned /*ring*/) { return fd_; }
  bool ready_to_wait(unsigned /*ring*/) {
    const bool ready = waiting_ == 0;
    sleeps_ += ready;
    return ready;
  }
  unsigned sleeps() const { return sleeps_; }  // begun, or about to begin

 private:
  std::atomic<std::uint64_t> waiting_{0};
  std::atomic<unsigned> sleeps_{0};
  std::uint64_t next_ = 0;
  int fd_;
};
static_assert(Waitable<RingingRing>);

class ConsumerLoopTest : public ::testing::Test {
 protected:
  ConsumerLoopTest() {
    plan.rings = {0, 1};
    timeline.start = timeline.window_begin = 1;
    timeline.window_end = timeline.drain_end = kNever;
  }
  template <class T>
  ConsumerLog run(T& transport) {
    return ConsumerLoop<T>(transport, receiver, plan, timeline, producing, stop).run();
  }

  ScriptedRings rings{2};
  Receiver receiver{4, kSize, false, 0, 0};
  ConsumerPlan plan;
  Timeline timeline;
  std::atomic<unsigned> producing{0};
  std::atomic<bool> stop{false};
};

TEST_F(ConsumerLoopTest, EmptiesItsRingsOnceTheProducersHaveStopped) {
  rings.put(0, 0, 100);
  rings.put(1, 1, 7);
  const auto log = run(rings);
  EXPECT_EQ(receiver.sources()[0].consumed, 100U);
  EXPECT_EQ(receiver.sources()[1].consumed, 7U);
  EXPECT_THAT(receiver.violation(), IsEmpty());
  EXPECT_THAT(rings.asked, ElementsAre(0, 1, 0, 1));
  EXPECT_EQ(log.facts.consumed, 107U);
  EXPECT_EQ(log.facts.busy_records, 107U);
}

TEST_F(ConsumerLoopTest, CountsPollsThatFindNothing) {
  rings.put(1, 1, 3);
  timeline.window_end = 2;  // over: counted in the drain alone, which has no polls in the window
  EXPECT_EQ(run(rings).facts.polls, 0U);
  timeline.window_end = kNever;
  rings.put(1, 1, 3);
  const auto log = run(rings);
  EXPECT_EQ(log.facts.polls, 4U);
  EXPECT_EQ(log.facts.empty_polls, 3U);
}

TEST_F(ConsumerLoopTest, GivesEachRingItsBudgetInTurn) {
  plan.budget = 2;
  rings.put(0, 0, 5);
  rings.put(1, 1, 2);
  run(rings);
  EXPECT_THAT(rings.delivered_from, ElementsAre(0, 0, 1, 1, 0, 0, 0));
}

TEST_F(ConsumerLoopTest, ReadsOnlyItsOwnRings) {
  plan.rings = {1};
  rings.put(0, 0, 5);
  rings.put(1, 1, 2);
  run(rings);
  EXPECT_THAT(rings.delivered_from, ElementsAre(1, 1));
}

TEST_F(ConsumerLoopTest, GoesOnWhileAProducerRuns) {
  producing = 1;
  int polls = 0;
  rings.before_poll = [&] {
    if (++polls == 9) rings.put(0, 0, 3);
    if (polls == 20) producing = 0;
  };
  run(rings);
  EXPECT_EQ(receiver.sources()[0].consumed, 3U);
  EXPECT_GE(polls, 20);
}

// The last record is put just before the producer is seen to have stopped: one more round is due.
TEST_F(ConsumerLoopTest, LooksOnceMoreAfterTheLastProducerHasStopped) {
  producing = 1;
  int polls = 0;
  rings.before_poll = [&] {
    if (++polls != 2) return;  // ring 1's turn: ring 0 has been looked at already
    rings.put(0, 0, 1);
    producing = 0;
  };
  run(rings);
  EXPECT_EQ(receiver.sources()[0].consumed, 1U);
}

TEST_F(ConsumerLoopTest, StopsWhenItIsTold) {
  producing = 1;
  int polls = 0;
  rings.before_poll = [&] { stop = ++polls > 10; };
  run(rings);
  EXPECT_LT(polls, 20);
}

TEST_F(ConsumerLoopTest, WhatIsReadAfterTheDrainIsLeft) {
  timeline.window_end = timeline.drain_end = 2;
  rings.put(0, 0, 10);
  run(rings);
  EXPECT_EQ(receiver.sources()[0].left, 10U);
  EXPECT_EQ(receiver.sources()[0].consumed, 0U);
}

TEST_F(ConsumerLoopTest, NothingIsLeftWhileProducersRun) {
  producing = 1;
  timeline.window_end = timeline.drain_end = 2;
  rings.put(0, 0, 10);
  int polls = 0;
  rings.before_poll = [&] {
    if (++polls == 5) producing = 0;
  };
  run(rings);
  EXPECT_EQ(receiver.sources()[0].consumed, 10U);
}

// One record a poll; the window opens at poll 50 and closes at poll 150. The loop may be a round of
// two polls late in seeing it.
TEST_F(ConsumerLoopTest, CountsWhatIsDeliveredInTheWindow) {
  producing = 1;
  plan.budget = 1;
  timeline.window_begin = kNever;
  rings.before_poll = [&] {
    const auto polls = rings.asked.size();
    if (polls == 50) timeline.window_begin = ticks();
    if (polls == 150) timeline.window_end = ticks();
    if (polls == 200) producing = 0;
    if (polls <= 200) rings.put(rings.asked.back(), rings.asked.back(), 1);
  };
  const auto log = run(rings);
  EXPECT_NEAR(static_cast<double>(log.facts.consumed), 100, 2);
  EXPECT_NEAR(static_cast<double>(log.facts.polls), 100, 2);
  EXPECT_EQ(log.facts.empty_polls, 0U);
  EXPECT_NEAR(static_cast<double>(log.facts.busy_records), 150, 2) << "the drain's count too";
}

// A producer that keeps up never lets an unbounded poll return: the window's edges are seen inside
// it, at every 64th record.
TEST_F(ConsumerLoopTest, SeesTheWindowFromInsideALongPoll) {
  timeline.window_begin = kNever;
  rings.put(0, 0, 1);
  rings.after_record = [&] {
    const auto records = receiver.received();
    if (records == 100) timeline.window_begin = ticks();
    if (records == 400) timeline.window_end = ticks();
    if (records < 600) rings.put(0, 0, 1);
  };
  const auto log = run(rings);
  EXPECT_EQ(receiver.received(), 600U);
  EXPECT_EQ(log.facts.consumed, 448U - 128U);
  EXPECT_THAT(rings.asked, ElementsAre(0, 1, 0, 1));
}

TEST_F(ConsumerLoopTest, KeepsThePeakOfEachRingAndOfThePool) {
  rings.put(0, 0, 10);
  rings.put(1, 1, 4);
  int polls = 0;
  rings.before_poll = [&] {
    if (++polls == 1)
      rings.put(1, 1, 2);  // ring 1 grows to 6 before it is looked at, while ring 0 holds 10
  };
  const auto log = run(rings);
  EXPECT_THAT(log.peak_bytes, ElementsAre(10 * kSize, 6 * kSize));
  EXPECT_EQ(log.peak_pool_bytes, 16 * kSize);
}

TEST_F(ConsumerLoopTest, AfterTheWindowMeansNotBefore) {
  plan.after_window = true;
  producing = 2;
  rings.put(0, 0, 5);
  std::atomic<bool> stopped{false};
  rings.before_poll = [&] { EXPECT_TRUE(stopped.load()); };
  std::thread producers([&] {
    for (int i = 0; i < 2; ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
      stopped = i == 1;
      producing.fetch_sub(1);
      producing.notify_all();
    }
  });
  run(rings);
  producers.join();
  EXPECT_EQ(receiver.sources()[0].consumed, 5U);
}

TEST_F(ConsumerLoopTest, SleepsUntilTheDoorbellRings) {
  RingingRing ring;
  plan.rings = {0};
  plan.sleeps = true;
  producing = 1;
  const auto begin = std::chrono::steady_clock::now();
  std::thread producer([&] {
    for (int i = 0; i < 5; ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(4));
      ring.put_and_ring();
    }
    for (const auto before = ring.sleeps(); ring.sleeps() == before;) std::this_thread::yield();
    std::this_thread::sleep_for(std::chrono::milliseconds(30));
    producing = 0;
  });
  const auto log = run(ring);
  producer.join();
  const std::chrono::duration<double, std::milli> elapsed =
      std::chrono::steady_clock::now() - begin;
  EXPECT_EQ(receiver.sources()[0].consumed, 5U);
  EXPECT_GE(log.facts.wakeups, 1U);
  EXPECT_LE(log.facts.wakeups, 5U);
  // A poll finds records, or sees that some have come since, or ends with a sleep.
  const double sleeps = 5 + elapsed.count() / Sleeper::kPatienceMs;
  EXPECT_LE(static_cast<double>(log.facts.polls), 5 + 5 + sleeps + 1) << "it did not spin";
}

}  // namespace
}  // namespace ringbench
