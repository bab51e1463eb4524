#include "bench/trial/producer_loop.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <array>
#include <functional>
#include <numeric>
#include <set>
#include <thread>

namespace ringbench {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Bucket = Histogram::Bucket;

constexpr std::uint32_t kWriteSize = 32;

// Remembers what was committed; refuses and takes its time as it is told.
struct ScriptedProducer {
  Reservation<ScriptedProducer> reserve(std::uint32_t size) {
    const auto begin = ticks();
    if (reserved_at != 0) longest_rest = std::max(longest_rest, begin - reserved_at);
    const auto attempt = attempts++;
    if (on_attempt) on_attempt();
    while (ticks() < begin + cost) _mm_pause();
    reserved_at = ticks();
    if (refuses(attempt)) return {*this, Drop::no_space};
    return {*this, memory.data(), size};
  }
  void commit(std::byte* payload, std::uint32_t size) {
    const auto event = read_payload({payload, size}, stamps, false, counted);
    ASSERT_TRUE(event) << "a record is committed before it is whole";
    committed.push_back(*event);
    committed_at.push_back(ticks());
  }
  void discard(std::byte* /*payload*/, std::uint32_t /*size*/) {}

  std::function<bool(std::uint64_t)> refuses = [](std::uint64_t) { return false; };
  std::function<void()> on_attempt;
  std::uint64_t cost = 0;
  bool stamps = true;
  bool counted = false;
  std::uint64_t attempts = 0;
  std::uint64_t reserved_at = 0;   // when the last reserve ended
  std::uint64_t longest_rest = 0;  // from the end of a reserve to the next one
  std::vector<Event> committed;
  std::vector<std::uint64_t> committed_at;
  std::array<std::byte, kWriteSize> memory{};
  Tally tally;
};
static_assert(SplitProducer<ScriptedProducer>);

class ProducerLoopTest : public ::testing::Test {
 protected:
  static constexpr std::uint64_t kLater = 60'000'000'000;  // ticks: no test takes so long

  ProducerLoopTest() {
    plan.producer = 5;
    plan.record_size = kWriteSize;
    plan.sample_every = 16;
    plan.stamps = true;
  }
  auto make() { return ProducerLoop<ScriptedProducer>(producer, plan, progress, stop); }
  // Until the producer has been asked so many times, and to the end of the block.
  void saturate(ProducerLoop<ScriptedProducer>& loop, std::uint64_t attempts = 1'000) {
    const auto last = producer.attempts + attempts;
    producer.on_attempt = [this, last] { stop = producer.attempts >= last; };
    loop.saturate(ticks() + kLater, log);
    producer.on_attempt = nullptr;
    stop = false;
  }
  void saturate(std::uint64_t attempts = 1'000) {
    auto loop = make();
    saturate(loop, attempts);
  }
  std::uint64_t samples() const {
    return log.reserve.count() + log.commit.count() + log.event.count();
  }

  ScriptedProducer producer;
  ProducerPlan plan;
  std::atomic<std::uint64_t> progress{0};
  std::atomic<bool> stop{false};
  ProducerLog log;
};

TEST_F(ProducerLoopTest, NumbersEveryAttempt) {
  producer.refuses = [](std::uint64_t attempt) { return attempt % 7 == 3; };
  auto loop = make();
  const auto end = ticks() + 300'000;
  loop.saturate(end, log);
  EXPECT_GE(ticks(), end);
  const auto first = producer.committed.empty() ? end : producer.committed[0].stamp;
  EXPECT_GE(log.producing_ticks + first, end) << "it begins to count before the first event";
  EXPECT_EQ(loop.attempted(), producer.attempts);
  EXPECT_EQ(loop.attempted(), producer.tally.committed + producer.tally.dropped());
  EXPECT_EQ(progress.load(), loop.attempted());
  std::uint64_t wanted = 0;
  for (const auto& event : producer.committed) {
    if (wanted % 7 == 3) ++wanted;
    ASSERT_EQ(event.sequence, wanted++);
    ASSERT_EQ(event.producer, 5U);
  }
}

TEST_F(ProducerLoopTest, RemembersItsFirstDropOverAllPhases) {
  for (const std::uint64_t every : {0, 1, 16}) {
    plan.sample_every = every;
    producer.attempts = 0;
    producer.refuses = [](std::uint64_t attempt) { return attempt == 70 || attempt == 71; };
    auto loop = make();
    EXPECT_FALSE(loop.accepted_before_drop());
    loop.follow({0}, ticks(), ticks() + kLater, log);
    EXPECT_FALSE(loop.accepted_before_drop());
    while (loop.attempted() < 100) loop.saturate(ticks() + 10'000, log);
    EXPECT_EQ(loop.accepted_before_drop(), 70U) << every;
    ProducerLog window;
    producer.refuses = [](std::uint64_t) { return true; };
    loop.saturate(ticks() + 10'000, window);
    EXPECT_EQ(loop.accepted_before_drop(), 70U) << every;
  }
}

TEST_F(ProducerLoopTest, GoesOnWhereThePhaseBeforeEnded) {
  auto loop = make();
  saturate(loop);
  const auto before = loop.attempted();
  EXPECT_GE(before, 1'000U);
  saturate(loop);
  EXPECT_GE(loop.attempted(), before + 1'000);
  EXPECT_EQ(producer.committed[before].sequence, before);
}

TEST_F(ProducerLoopTest, StampsAreTakenBeforeTheReserve) {
  producer.cost = 2'000;
  saturate(100);
  ASSERT_GE(producer.committed.size(), 100U);
  for (std::size_t i = 0; i < producer.committed.size(); ++i) {
    ASSERT_GE(producer.committed_at[i] - producer.committed[i].stamp, producer.cost) << i;
    if (i > 0) {
      ASSERT_GE(producer.committed[i].stamp, producer.committed_at[i - 1]) << i;
    }
  }
}

TEST_F(ProducerLoopTest, WithoutStampsTheClockIsNotRead) {
  plan.stamps = false;
  plan.sample_every = 0;
  saturate();
  ASSERT_FALSE(producer.committed.empty());
  for (const auto& event : producer.committed) ASSERT_EQ(event.stamp, 0U);
}

// A short record without a stamp has the sequence in its place, whoever writes it.
TEST_F(ProducerLoopTest, WithoutStampsShortRecordsHaveALongSequence) {
  plan.record_size = 8;
  plan.stamps = producer.stamps = false;
  for (const std::uint64_t every : {0, 1, 4}) {
    plan.sample_every = every;
    producer.committed.clear();
    auto loop = make();
    saturate(loop);
    loop.follow({0}, ticks(), ticks() + kLater, log);
    EXPECT_EQ(producer.committed.size(), loop.attempted());
    for (std::size_t i = 0; i < producer.committed.size(); ++i) {
      ASSERT_EQ(producer.committed[i].sequence, i) << every;
      ASSERT_EQ(producer.committed[i].producer, 5U);
    }
  }
}

TEST_F(ProducerLoopTest, EachAttemptTakesTheNextNumberOfTheCounter) {
  std::atomic<std::uint64_t> counter{100};
  plan.counter = &counter;
  producer.counted = true;
  producer.refuses = [](std::uint64_t attempt) { return attempt % 5 == 1; };
  for (const bool stamps : {true, false}) {
    for (const std::uint64_t every : {0, 1, 4}) {
      plan.stamps = producer.stamps = stamps;
      plan.sample_every = every;
      producer.attempts = 0;
      producer.committed.clear();
      counter = 100;
      auto loop = make();
      saturate(loop);
      loop.follow({0, 0, 0}, ticks(), ticks() + kLater, log);
      EXPECT_EQ(counter, 100 + producer.attempts);
      ASSERT_FALSE(producer.committed.empty());
      for (const auto& event : producer.committed) {
        ASSERT_EQ(event.counter, 100 + event.sequence) << every;
      }
    }
  }
}

TEST_F(ProducerLoopTest, NothingIsTimedAtAnIntervalOfZero) {
  plan.sample_every = 0;
  producer.refuses = [](std::uint64_t attempt) { return attempt % 2 == 0; };
  saturate();
  EXPECT_GT(producer.attempts, 0U);
  EXPECT_EQ(samples() + log.refused.count(), 0U);
}

TEST_F(ProducerLoopTest, EveryEventIsTimedAtAnIntervalOfOne) {
  plan.sample_every = 1;
  saturate();
  EXPECT_EQ(samples(), producer.attempts);
}

TEST_F(ProducerLoopTest, OneEventInSoManyIsTimed) {
  for (const std::uint64_t every : {2, 16, 128}) {
    SCOPED_TRACE(every);
    plan.sample_every = every;
    producer = {};
    log = {};
    saturate(1'000 * every);
    const auto n = static_cast<double>(samples());
    // A block's length is uniform between about half and one and a half of the interval.
    EXPECT_NEAR(static_cast<double>(producer.attempts) / n, static_cast<double>(every),
                static_cast<double>(every) * 3 / std::sqrt(n) + 0.01);
  }
}

TEST_F(ProducerLoopTest, TimedEventsTakeTurns) {
  saturate();
  const auto n = log.reserve.count();
  EXPECT_GE(n, 1U);
  EXPECT_NEAR(static_cast<double>(log.commit.count()), static_cast<double>(n), 1);
  EXPECT_NEAR(static_cast<double>(log.event.count()), static_cast<double>(n), 1);
}

TEST_F(ProducerLoopTest, TimedSectionsHoldWhatTheySay) {
  plan.sample_every = 1;
  producer.cost = 50'000;
  saturate(300);
  EXPECT_GE(log.reserve.percentile(0), 50'000 * (1 - 1.0 / 64));
  EXPECT_GE(log.event.percentile(0), 50'000 * (1 - 1.0 / 64));
  EXPECT_GT(log.commit.count(), 0U);
  EXPECT_LE(log.commit.max(), std::max(producer.longest_rest, ticks() - producer.reserved_at));
}

TEST_F(ProducerLoopTest, TheTimersOwnCostIsTakenOff) {
  plan.sample_every = 1;
  plan.timer_pair_ticks = 1'000'000'000'000;
  saturate();
  EXPECT_GT(samples(), 0U);
  EXPECT_EQ(log.event.max(), 0U) << "and never below nothing";
}

TEST_F(ProducerLoopTest, ARefusedReserveIsTimedApart) {
  plan.sample_every = 1;
  producer.refuses = [](std::uint64_t) { return true; };
  saturate();
  EXPECT_GT(log.refused.count(), 0U);
  EXPECT_EQ(samples(), 0U);
  EXPECT_EQ(producer.tally.dropped(), producer.attempts);
}

TEST_F(ProducerLoopTest, StopsWhenItIsTold) {
  std::thread other([&] {
    while (progress == 0) std::this_thread::yield();
    stop = true;
  });
  make().saturate(~std::uint64_t{0}, log);
  other.join();
}

// Runs of refusals: 3 long, 1 long twice, and one that the end of the phase cuts at 4.
TEST_F(ProducerLoopTest, GapsAreRunsOfRefusals) {
  const std::set<std::uint64_t> refused{0, 1, 2, 5, 7, 96, 97, 98, 99};
  producer.refuses = [&](std::uint64_t attempt) { return refused.contains(attempt); };
  std::vector<std::uint64_t> due(100);
  make().follow(due, ticks(), ticks() + kLater, log);
  EXPECT_EQ(producer.attempts, 100U);
  EXPECT_THAT(log.gap.buckets(), ElementsAre(Bucket{1, 1, 2}, Bucket{3, 3, 1}, Bucket{4, 4, 1}));
}

TEST_F(ProducerLoopTest, GapsOfSaturationAreRunsOfRefusalsToo) {
  for (const std::uint64_t every : {0, 1, 3}) {
    SCOPED_TRACE(every);
    producer = {};
    log = {};
    plan.sample_every = every;
    producer.refuses = [](std::uint64_t attempt) { return attempt % 10 < 4; };
    saturate();
    const auto whole = producer.attempts / 10;
    ASSERT_GT(whole, 0U);
    ASSERT_FALSE(log.gap.buckets().empty());
    const auto longest = log.gap.buckets().back();
    EXPECT_EQ(longest.lower, 4U);
    EXPECT_GE(longest.count, whole);
  }
}

TEST_F(ProducerLoopTest, TheFirstDropIsDated) {
  producer.refuses = [](std::uint64_t attempt) { return attempt == 50; };
  const auto begin = ticks();
  saturate();
  ASSERT_TRUE(log.first_drop_ticks);
  EXPECT_GE(*log.first_drop_ticks, begin);
  EXPECT_LE(*log.first_drop_ticks, ticks());
  ProducerLog without;
  make().saturate(ticks() + 1'000, without);
  EXPECT_FALSE(without.first_drop_ticks);
}

TEST_F(ProducerLoopTest, SendsEachEventWhenItIsDue) {
  std::vector<std::uint64_t> due;
  for (std::uint64_t i = 0; i < 50; ++i) due.push_back(20'000 * i);
  const auto start = ticks() + 100'000;
  make().follow(due, start, start + kLater, log);
  ASSERT_EQ(producer.committed.size(), due.size());
  for (std::size_t i = 0; i < due.size(); ++i) {
    ASSERT_EQ(producer.committed[i].sequence, i);
    ASSERT_GE(producer.committed_at[i], start + due[i]);
  }
  EXPECT_EQ(log.lag_ticks.count(), due.size());
  EXPECT_EQ(samples(), due.size()) << "every paced event is timed";
}

// A transport ten times too slow for its rate: the events keep their due times, so they get later
// and later, and none is left out.
TEST_F(ProducerLoopTest, LateEventsAreSentAtOnceAndTheirLagIsKept) {
  producer.cost = 100'000;
  std::vector<std::uint64_t> due;
  for (std::uint64_t i = 0; i < 30; ++i) due.push_back(10'000 * i);
  const auto start = ticks();
  make().follow(due, start, start + kLater, log);
  EXPECT_EQ(producer.committed.size(), due.size());
  EXPECT_GE(log.lag_ticks.max(), 29 * (100'000U - 10'000U));
  EXPECT_GE(log.lag_ticks.percentile(0.5), 0.9 * 14 * (100'000 - 10'000));
}

TEST_F(ProducerLoopTest, WhatWasNotSentInTimeIsTheNextPhases) {
  producer.cost = 100'000;
  std::vector<std::uint64_t> due(20);
  std::iota(due.begin(), due.end(), 1U);
  auto loop = make();
  const auto start = ticks();
  ProducerLog warm_up;
  loop.follow(due, start, start + 450'000, warm_up);
  const auto before = loop.attempted();
  EXPECT_LT(before, 6U);
  loop.follow(due, start, start + kLater, log);
  EXPECT_EQ(loop.attempted(), 20U);
  EXPECT_EQ(log.lag_ticks.count(), 20U - before);
}

TEST_F(ProducerLoopTest, EventsAtOrBeyondTheEndAreNotSent) {
  const std::vector<std::uint64_t> due{0, 10, 500'000, 500'001};
  const auto start = ticks();
  make().follow(due, start, start + 500'000, log);
  EXPECT_LE(producer.attempts, 2U);
}

TEST_F(ProducerLoopTest, StopsWaitingForAnEventWhenItIsTold) {
  std::thread other([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
    stop = true;
  });
  make().follow({std::uint64_t{1} << 60}, 0, ~std::uint64_t{0}, log);
  other.join();
  EXPECT_THAT(producer.committed, IsEmpty());
}

TEST_F(ProducerLoopTest, PacedEventsNeedNotBeTimed) {
  plan.sample_every = 0;
  make().follow({0, 1, 2}, ticks(), ticks() + kLater, log);
  EXPECT_EQ(producer.committed.size(), 3U);
  EXPECT_EQ(samples(), 0U);
  EXPECT_EQ(log.lag_ticks.count(), 3U);
}

}  // namespace
}  // namespace ringbench
