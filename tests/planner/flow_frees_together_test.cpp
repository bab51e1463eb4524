// Threads that free what they have read of a ring all at once, as libbpf reads perf buffers.
#include <gtest/gtest.h>

#include <algorithm>
#include <utility>

#include "planner/flow.hpp"
#include "tests/planner/flow_plans.hpp"

namespace ringbench::planner {
namespace {

FlowPlan burst_into(double records) {
  auto plan = flow_plan(1, 1, records, kDrain);
  isolate_burst(plan, 1, kRate, kOn);
  plan.consumers.frees_together = true;
  return plan;
}

// Round by round: what came during one is read in the next, and is free when that is over.
double lost_round_by_round(double records, double turn_s = 0) {
  const auto came = [](double time) { return kRate * std::min(time, kOn); };
  double time = 1 / kRate, held = 1, lost = 0;  // it begins with the first record
  for (;;) {
    if (held < 1 && time + 1 / kRate > kOn) return lost;
    if (held < 1) held = 1, time += 1 / kRate;  // a full ring's round ends empty
    const auto end = time + turn_s + held / kDrain;
    const auto more = came(end) - came(time);
    const auto taken = std::min(more, records - held);
    lost += more - taken;
    held = taken;
    time = end;
  }
}

TEST(FlowFreesTogether, ABurstFindsTheSpaceThatWholeRoundsHaveFreed) {
  for (const double records : {50., 204., 409., 819., 915., 1638.}) {
    const auto result = simulate_flow(burst_into(records), 1);
    EXPECT_NEAR(result.dropped, lost_round_by_round(records), 1) << records;
    EXPECT_NEAR(result.offered, result.delivered + result.dropped + result.left, 1e-6);
  }
}

// Turns that take longer are of more records each.
TEST(FlowFreesTogether, WhatATurnTakesBeforeItsFirstRecordMakesTurnsLonger) {
  auto plan = burst_into(819);
  plan.consumers.turn_s = 300e-9;
  EXPECT_NEAR(simulate_flow(plan, 1).dropped, lost_round_by_round(819, 300e-9), 1);
  EXPECT_LT(lost_round_by_round(819, 300e-9), lost_round_by_round(819) - 15);
}

TEST(FlowFreesTogether, WhoSleepsBeginsLater) {
  auto plan = burst_into(409);
  std::swap(plan.sources.trace[0], plan.sources.trace[1]);
  plan.consumers.wakeup_s = 50e-6;
  const auto late = simulate_flow(plan, 1);
  EXPECT_NEAR(late.offered, late.delivered + late.dropped + late.left, 1e-6);
  // What came meanwhile, 100 records, is the first turn; the second is not over in time.
  EXPECT_NEAR(late.dropped, 1000 - 409 - 100, 1);
}

// As they are read 250 of 1000 are free before the burst is over; in rounds of 1, 4, 16 and 64 it
// is 85 of them.
TEST(FlowFreesTogether, LosesMoreThanFreeingEachRecord) {
  auto plan = burst_into(409);
  EXPECT_NEAR(simulate_flow(plan, 1).dropped, 1000 - 409 - 85, 1e-3);
  plan.consumers.frees_together = false;
  EXPECT_NEAR(simulate_flow(plan, 1).dropped, 1000 - 409 - 250, 1e-3);
}

TEST(FlowFreesTogether, WhatKeepsUpLosesNothingAndCostsNoEvents) {
  auto plan = flow_plan(4, 4, 10, 1e6);
  plan.sources.rate = 2e5;
  plan.seconds = 1000;
  plan.consumers.frees_together = true;
  const auto result = simulate_flow(plan, 1);
  EXPECT_DOUBLE_EQ(result.dropped, 0);
  EXPECT_LT(result.events, 10U);
}

TEST(FlowFreesTogether, UnderOverloadItReadsAtItsRate) {
  auto plan = flow_plan(4, 4, 100, 1e6);
  plan.sources.rate = 5e5;
  plan.seconds = 10;
  plan.consumers.frees_together = true;
  const auto result = simulate_flow(plan, 1);
  EXPECT_NEAR(result.delivered, 1e7, 1e7 * 1e-3);
  EXPECT_NEAR(result.offered, result.delivered + result.dropped + result.left, 1);
}

// One ring after the other: the second burst waits until the first ring has been read.
TEST(FlowFreesTogether, RingsHaveTheirTurnOneAfterTheOther) {
  auto plan = flow_plan(2, 2, 1000, 1e5);
  isolate_burst(plan, 2, 1e6, 1e-4);  // 100 records to each, before many of them can be read
  plan.consumers.frees_together = true;
  const auto result = simulate_flow(plan, 1);
  EXPECT_NEAR(result.delivered, 200, 2);
  EXPECT_NEAR(result.delay_p50, 1e-3, 1e-4);
  EXPECT_NEAR(result.delay_max, 2e-3, 1e-4);
  EXPECT_GT(result.reordered_ratio, 0.4);  // the second ring's are all older than the first's last
}

TEST(FlowFreesTogether, AStallIsCaughtUpWith) {
  auto plan = flow_plan(3, 3, 500, 1e6);
  plan.sources.rate = 1e5;
  plan.seconds = 10;
  plan.consumers.frees_together = true;
  plan.consumers.stall_s = 1e-3;
  plan.consumers.stall_every_s = 0.1;
  const auto result = simulate_flow(plan, 1);
  EXPECT_DOUBLE_EQ(result.dropped, 0);
  EXPECT_NEAR(result.delivered, result.offered, 500);
}

TEST(FlowFreesTogether, MoreMemoryNeverDropsMore) {
  auto plan = flow_plan(8, 8, 10, 1e6);
  add_bursts(plan, 3);
  plan.seconds = 20;
  plan.consumers.frees_together = true;
  double before = 1e300;
  for (plan.buffers.records = 10; plan.buffers.records < 20'000; plan.buffers.records *= 2) {
    const auto result = simulate_flow(plan, 3);
    EXPECT_LE(result.dropped, before * (1 + 1e-9)) << plan.buffers.records;
    before = result.dropped;
  }
  EXPECT_DOUBLE_EQ(before, 0);
}

}  // namespace
}  // namespace ringbench::planner
