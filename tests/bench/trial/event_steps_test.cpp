// Events that are made elsewhere and copied, given up, or kept back.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "bench/trial/hold_recovery.hpp"
#include "bench/trial/producer_loop.hpp"
#include "impls/null.hpp"
#include "tests/bench/trial/short_trial.hpp"

namespace ringbench {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class OneProducer : public ::testing::Test {
 protected:
  OneProducer() { plan.record_size = 40; }
  auto make() { return ProducerLoop<null::Null::Producer>(producer, plan, progress, stop); }

  null::Null transport{for_one_producer(), {}};
  null::Null::Producer producer = transport.producer(0);
  ProducerPlan plan;
  std::atomic<std::uint64_t> progress{0};
  std::atomic<bool> stop{false};
  ProducerLog log;
};

TEST_F(OneProducer, GivesUpExactlyOneEventInSoMany) {
  plan.abandon_every = 7;
  std::vector<std::uint64_t> due(1'000);
  for (const std::uint64_t every : {0, 1, 16}) {
    plan.sample_every = every;
    producer.tally = {};
    auto loop = make();
    loop.saturate(ticks() + 200'000, log);
    loop.follow(due, ticks(), ticks() + 100'000'000'000, log);
    loop.saturate(ticks() + 200'000, log);
    EXPECT_GE(loop.attempted(), 1'000U);
    EXPECT_EQ(producer.tally.discarded, loop.attempted() / 7) << every;
    EXPECT_EQ(producer.tally.committed, loop.attempted() - loop.attempted() / 7) << every;
  }
}

TEST_F(OneProducer, KeepsBackTheFirstEventDueAfterEachMultiple) {
  Holds holds(10, 100);
  EXPECT_FALSE(holds.takes(50, 50));  // no window yet
  holds.open_window(1'000, 1'330);
  EXPECT_FALSE(holds.takes(990, 1'001));
  EXPECT_TRUE(holds.takes(1'005, 1'005));
  EXPECT_FALSE(holds.takes(1'099, 1'099));
  EXPECT_TRUE(holds.takes(1'100, 1'120));
  EXPECT_FALSE(holds.takes(1'199, 1'199));
  EXPECT_TRUE(holds.takes(1'290, 1'290));
  EXPECT_FALSE(holds.takes(1'322, 1'322));  // would not be over
  EXPECT_FALSE(holds.explains(1'290));
  holds.note({1'290, 1'300});
  EXPECT_TRUE(holds.explains(1'300));
  EXPECT_FALSE(holds.explains(1'301));
}

TEST_F(OneProducer, PausesForAsLongAsItIsTold) {
  plan.hold_ticks = 100'000;
  plan.hold_every_ticks = 300'000;
  std::vector<std::uint64_t> due;
  for (std::uint64_t at = 0; at < 900'000; at += 10'000) due.push_back(at);
  auto loop = make();
  const auto start = ticks();
  loop.holds().open_window(start, start + 100'000'000'000);
  loop.follow(due, start, start + 100'000'000'000, log);
  EXPECT_EQ(loop.attempted(), due.size());
  EXPECT_EQ(producer.tally.committed, due.size());
  const auto pauses = loop.holds().take();
  ASSERT_EQ(pauses.size(), 3U);
  for (const auto& [begin, end] : pauses) EXPECT_GE(end - begin, 100'000U);
  EXPECT_LT(log.lag_ticks.count(), due.size());  // what was due in a pause is late by plan
}

TEST(HoldRecovery, LastsUntilTheFirstRecordStampedAfterThePause) {
  const std::vector<Delivery> deliveries{{90, 100},  {110, 205}, {150, 210}, {201, 230},
                                         {220, 235}, {300, 310}, {410, 900}};
  const std::vector<Pause> pauses{{120, 200}, {250, 305}, {700, 800}};
  const auto facts = hold_facts(deliveries, pauses, 1e6);
  EXPECT_EQ(facts.holds, 3U);
  EXPECT_EQ(facts.longest_us, 100);
  EXPECT_THAT(facts.recovery_us, ElementsAre(30, 595));
  EXPECT_THAT(hold_facts({}, pauses, 1e6).recovery_us, IsEmpty());
}

class EventSteps : public WholeTrial {};

TEST_F(EventSteps, CopiedPayloadsAreWhole) {
  for (const char* arrival : {"saturate", "constant"}) {
    for (const std::uint64_t every : {0, 1}) {
      Cell cell = short_cell("ringbuf");
      cell.fill = "scratch";
      cell.arrival = arrival;
      cell.sample_every = every;
      EXPECT_GT(run(cell).total().consumed, 0U) << arrival;
    }
  }
}

TEST_F(EventSteps, WhatIsGivenUpIsCountedAsDiscarded) {
  for (const char* transport : {"ringbuf", "perfbuf", "hybrid"}) {
    Cell cell = short_cell(transport);
    cell.arrival = "constant";
    cell.rate = 20'000;
    cell.abandon_every = 5;
    const auto flow = run(cell).total();
    EXPECT_EQ(flow.tally.discarded, flow.attempted / 5) << transport;
  }
}

TEST_F(EventSteps, APauseKeepsRecordsBack) {
  Cell cell = short_cell("ringbuf");
  cell.arrival = "constant";
  cell.rate = 20'000;
  cell.hold_us = 5'000;
  cell.hold_every_ms = 10;
  const auto result = run_until(
      cell, [](const TrialResult& any) { return value("recovery_us_p50", any).has_value(); });
  EXPECT_GE(value("holds", result).value_or(0), 1);
  EXPECT_LE(value("holds", result).value_or(9), 3);
  EXPECT_GE(value("hold_us_max", result).value_or(0), 5'000);
  EXPECT_GE(value("delivery_ns_max", result).value_or(0), 5e6);
  ASSERT_TRUE(value("recovery_us_p50", result));
  EXPECT_GT(*value("recovery_us_p50", result), 0);
  EXPECT_GE(*value("recovery_us_max", result), *value("recovery_us_p50", result));
  cell.hold_us = 0;
  EXPECT_FALSE(value("holds", run(cell)));
}

}  // namespace
}  // namespace ringbench
