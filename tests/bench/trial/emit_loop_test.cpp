#include "bench/trial/emit_loop.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <functional>
#include <thread>
#include <vector>

namespace ringbench {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Bucket = Histogram::Bucket;

void burn(std::uint64_t length) {
  for (const auto until = ticks() + length; ticks() < until;) _mm_pause();
}

// Remembers its calls; refuses, and takes its time, as it is told.
struct ScriptedEmitter {
  struct Call {
    std::uint64_t sequence;
    unsigned events;
    std::uint64_t at;
    std::uint64_t until;
    bool empty = false;
  };

  unsigned batch() const { return most; }
  bool is_timed() const { return timed; }
  std::uint64_t emit(std::uint64_t sequence, unsigned events) {
    calls.push_back({sequence, events, ticks(), 0});
    burn(call_cost + event_cost * events);
    words.fill(0);
    any_refused = false;
    for (unsigned i = 0; i < events; ++i) {
      if (refuses(sequence + i)) {
        words[i / 64] |= std::uint64_t{1} << i % 64;
        ++tally.drops[static_cast<std::size_t>(Drop::no_space)];
        any_refused = true;
      } else {
        ++tally.committed;
      }
    }
    if (on_emit) on_emit();
    calls.back().until = ticks();
    return events + others;
  }
  void emit_nothing(std::uint64_t sequence, unsigned events) {
    empty_calls.push_back({sequence, events, ticks(), 0, true});
    burn(call_cost);
    empty_calls.back().until = ticks();
  }
  std::span<const std::uint64_t> refused() const {
    return any_refused ? std::span<const std::uint64_t>(words) : std::span<const std::uint64_t>();
  }
  std::uint64_t settle() {
    ++tally.committed;
    return 1;
  }

  bool timed = true;
  unsigned most = 100;
  std::uint64_t call_cost = 0;   // ticks
  std::uint64_t event_cost = 0;  // ticks
  std::uint64_t others = 0;      // attempts that others made in its name, each call
  std::function<bool(std::uint64_t)> refuses = [](std::uint64_t) { return false; };
  std::function<void()> on_emit;
  std::vector<Call> calls, empty_calls;
  std::array<std::uint64_t, 16> words{};
  bool any_refused = false;
  Tally tally;
};
static_assert(WholeProducer<ScriptedEmitter>);

class EmitLoopTest : public ::testing::Test {
 protected:
  static constexpr std::uint64_t kLater = 60'000'000'000;  // ticks: no test takes so long

  EmitLoopTest() { producer.calls.reserve(1 << 16); }
  auto make() { return EmitLoop<ScriptedEmitter>(producer, plan, progress, stop); }
  // Saturates until the producer has been called that often.
  void saturate(EmitLoop<ScriptedEmitter>& loop, std::size_t calls) {
    producer.on_emit = [this, calls] { stop = producer.calls.size() >= calls; };
    stop = false;
    loop.saturate(ticks() + kLater, log);
    stop = false;
    producer.on_emit = nullptr;
  }

  // What the loop can have measured of each call, whenever it was interrupted: no less than what
  // lies between the producer's two readings, no more than between those of the calls beside it.
  struct Bounds {
    bool empty;
    std::uint64_t least;
    std::uint64_t most;
  };
  std::vector<Bounds> bounds() const {
    auto calls = producer.calls;
    calls.insert(calls.end(), producer.empty_calls.begin(), producer.empty_calls.end());
    std::ranges::sort(calls, {}, &ScriptedEmitter::Call::at);
    std::vector<Bounds> found;
    for (std::size_t i = 0; i < calls.size(); ++i) {
      const auto before = i == 0 ? begun : calls[i - 1].until;
      const auto after = i + 1 == calls.size() ? ticks() : calls[i + 1].at;
      found.push_back({calls[i].empty, calls[i].until - calls[i].at, after - before});
    }
    return found;
  }

  std::uint64_t begun = ticks();  // before the first call
  ScriptedEmitter producer;
  ProducerPlan plan;
  std::atomic<std::uint64_t> progress{0};
  std::atomic<bool> stop{false};
  ProducerLog log;
};

TEST_F(EmitLoopTest, NumbersEventsThroughEveryBatch) {
  auto loop = make();
  saturate(loop, 20);
  ASSERT_EQ(producer.calls.size(), 20U);
  for (std::size_t i = 0; i < 20; ++i) {
    EXPECT_EQ(producer.calls[i].events, 100U);
    EXPECT_EQ(producer.calls[i].sequence, 100 * i);
  }
  EXPECT_EQ(loop.attempted(), 2'000U);
  EXPECT_EQ(progress.load(), 2'000U);
}

TEST_F(EmitLoopTest, GoesOnWhereThePhaseBeforeEnded) {
  auto loop = make();
  saturate(loop, 3);
  loop.follow({0, 1}, ticks(), ticks() + kLater, log);
  saturate(loop, 7);
  ASSERT_EQ(producer.calls.size(), 7U);
  EXPECT_EQ(producer.calls[3].sequence, 300U);
  EXPECT_EQ(producer.calls[3].events, 1U) << "a paced event is a call of its own";
  EXPECT_EQ(producer.calls[4].sequence, 301U);
  EXPECT_EQ(producer.calls[5].sequence, 302U);
  EXPECT_EQ(producer.calls[5].events, 100U);
  EXPECT_EQ(loop.attempted(), 502U);
}

TEST_F(EmitLoopTest, CountsWhatTheProducerSaysWasAttempted) {
  producer.others = 3;
  auto loop = make();
  saturate(loop, 10);
  EXPECT_EQ(loop.attempted(), 1'030U);
  EXPECT_EQ(producer.calls.back().sequence, 900U) << "others' events do not take its numbers";
  loop.settle();
  EXPECT_EQ(loop.attempted(), 1'031U);
}

TEST_F(EmitLoopTest, OneCallInEightIsMadeEmptyToo) {
  producer.most = 7;
  auto loop = make();
  saturate(loop, 24);
  ASSERT_EQ(producer.empty_calls.size(), 3U);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(producer.empty_calls[i].sequence, producer.calls[8 * i].sequence);
    EXPECT_EQ(producer.empty_calls[i].events, 7U) << "as many as the call beside it";
    EXPECT_LE(producer.empty_calls[i].at, producer.calls[8 * i].at);
  }
  EXPECT_EQ(log.empty_call.count(), 3U);
  EXPECT_EQ(log.call.count(), 24U);
  EXPECT_EQ(log.event.count(), 24U);
}

// A call of 10 events that take 2000 ticks each, around 30000 of which nothing is theirs.
TEST_F(EmitLoopTest, WhatAnEmptyCallTakesIsSubtracted) {
  producer.most = 10;
  producer.call_cost = 30'000;
  producer.event_cost = 2'000;
  auto loop = make();
  saturate(loop, 100);

  Histogram least_call, most_call, least_empty_call, most_empty_call;
  EmptyCalls least_usual, most_usual;
  std::uint64_t least = 0, most = 0;
  for (const auto& call : bounds()) {
    (call.empty ? least_empty_call : least_call).record(call.least);
    (call.empty ? most_empty_call : most_call).record(call.most);
    if (call.empty) {
      least_usual.record(call.least);
      most_usual.record(call.most);
    } else {
      least += call.least - std::min(call.least, most_usual.usual());
      most += call.most - std::min(call.most, least_usual.usual());
    }
  }
  for (const auto fraction : {0.0, 0.5, 1.0}) {
    EXPECT_GE(log.call.percentile(fraction), least_call.percentile(fraction));
    EXPECT_LE(log.call.percentile(fraction), most_call.percentile(fraction));
    EXPECT_GE(log.empty_call.percentile(fraction), least_empty_call.percentile(fraction));
    EXPECT_LE(log.empty_call.percentile(fraction), most_empty_call.percentile(fraction));
  }
  EXPECT_GE(log.producing_ticks, least);
  EXPECT_LE(log.producing_ticks, most);
  EXPECT_NEAR(static_cast<double>(log.producing_ticks), log.event.mean() * 1'000, 1'000);
}

TEST_F(EmitLoopTest, ACallThatIsShorterThanAnEmptyOneCostsNothing) {
  producer.most = 1;
  auto loop = make();
  producer.call_cost = 1'000'000;
  saturate(loop, 1);
  producer.call_cost = 0;
  log = {};
  saturate(loop, 5);
  const auto calls = bounds();
  ASSERT_EQ(calls.size(), 6U);
  std::uint64_t most = 0;  // 0 but for calls that were interrupted
  for (const auto& call : std::span(calls).last(4))
    most += call.most - std::min(call.most, calls[0].least);
  EXPECT_EQ(log.event.count(), 4U);
  EXPECT_LE(log.event.max(), most);
  EXPECT_LE(log.producing_ticks, most);
}

TEST(EmptyCalls, TheUsualOneIsTheMedianOfTheLastFifteen) {
  EmptyCalls calls;
  EXPECT_EQ(calls.usual(), 0U);
  calls.record(7);
  EXPECT_EQ(calls.usual(), 7U);
  calls.record(1'000'000);
  calls.record(9);
  EXPECT_EQ(calls.usual(), 9U) << "one that was interrupted does not count";
  for (std::uint64_t length = 101; length <= 115; ++length) calls.record(length);
  EXPECT_EQ(calls.usual(), 108U) << "those before are forgotten";
}

// Runs of refusals that begin, end and go on over the ends of words and calls.
TEST_F(EmitLoopTest, GapsAreRunsOfRefusals) {
  producer.refuses = [](std::uint64_t event) {
    return event == 5 || (event >= 62 && event < 66) || (event >= 98 && event < 103) ||
           event == 199 || event >= 295;
  };
  auto loop = make();
  EXPECT_FALSE(loop.accepted_before_drop());
  saturate(loop, 3);
  EXPECT_EQ(loop.accepted_before_drop(), 5U);
  EXPECT_THAT(log.gap.buckets(), ElementsAre(Bucket{1, 1, 2}, Bucket{4, 4, 1}, Bucket{5, 5, 2}));
}

TEST_F(EmitLoopTest, TheFirstDropIsDatedWhenItsCallHadEnded) {
  producer.event_cost = 200;
  auto loop = make();
  saturate(loop, 2);
  EXPECT_FALSE(log.first_drop_ticks);
  producer.refuses = [](std::uint64_t event) { return event >= 230; };
  saturate(loop, 5);
  ASSERT_TRUE(log.first_drop_ticks);
  EXPECT_GE(*log.first_drop_ticks, producer.calls[2].at + 100 * 200);
  EXPECT_LE(*log.first_drop_ticks, producer.calls[3].at);
  EXPECT_EQ(loop.accepted_before_drop(), 230U);
}

TEST_F(EmitLoopTest, SendsEachEventWhenItIsDue) {
  std::vector<std::uint64_t> due;
  for (std::uint64_t i = 0; i < 20; ++i) due.push_back(50'000 * i);
  const auto start = ticks() + 100'000;
  make().follow(due, start, start + kLater, log);
  ASSERT_EQ(producer.calls.size(), due.size());
  for (std::size_t i = 0; i < due.size(); ++i) {
    EXPECT_EQ(producer.calls[i].events, 1U);
    EXPECT_EQ(producer.calls[i].sequence, i);
    EXPECT_GE(producer.calls[i].at, start + due[i]);
  }
  EXPECT_EQ(log.lag_ticks.count(), due.size());
}

TEST_F(EmitLoopTest, LateEventsAreSentAtOnceAndTheirLagIsKept) {
  producer.event_cost = 100'000;
  std::vector<std::uint64_t> due;
  for (std::uint64_t i = 0; i < 20; ++i) due.push_back(10'000 * i);
  make().follow(due, ticks(), ticks() + kLater, log);
  EXPECT_EQ(producer.calls.size(), due.size());
  EXPECT_GE(log.lag_ticks.max(), 19 * (100'000U - 10'000U));
  EXPECT_GE(log.lag_ticks.percentile(0.5), 0.9 * 9 * (100'000 - 10'000));
}

TEST_F(EmitLoopTest, WhatWasNotSentInTimeIsTheNextPhases) {
  producer.event_cost = 200'000;
  const std::vector<std::uint64_t> due(10, 1);
  auto loop = make();
  const auto start = ticks();
  ProducerLog warm_up;
  loop.follow(due, start, start + 500'000, warm_up);
  const auto before = loop.attempted();
  EXPECT_LT(before, 4U);
  loop.follow(due, start, start + kLater, log);
  EXPECT_EQ(loop.attempted(), 10U);
  EXPECT_EQ(log.lag_ticks.count(), 10U - before);
}

TEST_F(EmitLoopTest, EventsAtOrBeyondTheEndAreNotSent) {
  const auto start = ticks();
  make().follow({0, 500'000, 500'001}, start, start + 500'000, log);
  EXPECT_LE(producer.calls.size(), 1U);
}

TEST_F(EmitLoopTest, StopsWhenItIsTold) {
  std::thread other([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
    stop = true;
  });
  auto loop = make();
  loop.follow({std::uint64_t{1} << 60}, 0, ~std::uint64_t{0}, log);
  EXPECT_THAT(producer.calls, IsEmpty());
  other.join();
  loop.saturate(ticks() + kLater, log);
  EXPECT_THAT(producer.calls, IsEmpty());
}

TEST_F(EmitLoopTest, StopsAtTheEndOfItsTime) {
  producer.event_cost = 500;
  const auto end = ticks() + 1'000'000;
  make().saturate(end, log);
  EXPECT_GE(ticks(), end);
  // Between the last look at the clock and the last call the thread may be interrupted.
  for (std::size_t i = 0; i + 1 < producer.calls.size(); ++i)
    EXPECT_LT(producer.calls[i].until, end);
}

TEST_F(EmitLoopTest, TellsHowItWent) {
  producer.refuses = [](std::uint64_t event) { return event % 10 == 0; };
  auto loop = make();
  loop.series().begin(0, 0);  // a point is due at every look
  saturate(loop, 3);
  ASSERT_EQ(loop.series().points().size(), 3U);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(loop.series().points()[i].first, 100 * (i + 1));
    EXPECT_EQ(loop.series().points()[i].second, 10 * (i + 1));
  }
}

// A call that takes far longer than usual is a hiccup of the machine, where nobody else can be what
// it waited for. The usual call is no longer than the longest of those before.
TEST_F(EmitLoopTest, ALongCallIsAHiccupForOneWhoWorksAlone) {
  for (const bool alone : {true, false}) {
    producer.calls.clear();
    producer.empty_calls.clear();
    begun = ticks();
    plan.works_alone = alone;
    plan.hiccup_ticks = 100'000;
    producer.most = 10;
    producer.event_cost = 1'000;
    auto loop = make();
    saturate(loop, 20);
    const auto before = loop.hiccups().total_ticks();
    const auto longest = std::ranges::max(bounds(), {}, &Bounds::most).most;
    producer.event_cost = longest;
    saturate(loop, 21);
    const auto seen = loop.hiccups().total_ticks() - before;
    if (alone) {
      EXPECT_GE(seen, 9 * longest);
    } else {
      EXPECT_EQ(seen, 0U);
    }
  }
}

}  // namespace
}  // namespace ringbench
