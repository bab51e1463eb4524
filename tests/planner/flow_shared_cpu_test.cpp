// A thread and a source that run in turns on one CPU.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <stdexcept>

#include "planner/flow.hpp"
#include "tests/planner/flow_plans.hpp"

namespace ringbench::planner {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

constexpr double kLate = 5e7;

FlowPlan burst_of(unsigned cpus, double records) {
  auto plan = flow_plan(2, 1, records, kDrain);
  isolate_burst(plan, cpus, kRate, kOn);
  plan.consumers.shares_cpu = true;
  plan.consumers.late_rate = kLate;
  plan.consumers.slice_s = 1;
  return plan;
}

// What came while the thread read is sent at once when it has read all, as far as there is room.
double lost_in_turns(double records) {
  double time = 1 / kRate, sent = 0, lost = 0;
  for (;;) {
    const auto due = kRate * std::min(time, kOn);
    const auto now = due - sent;
    if (now < 1 - 1e-9) return lost;
    const auto held = std::min(now, records);
    lost += now - held;
    sent = due;
    time += held / kDrain;
  }
}

TEST(FlowSharedCpu, ABurstOfTheSourceComesInTheThreadsPauses) {
  for (const double records : {50., 200., 455., 700., 2000.}) {
    const auto result = simulate_flow(burst_of(1, records), 1);
    // In the time that sending takes more becomes due: kRate / kLate of it.
    EXPECT_NEAR(result.dropped, lost_in_turns(records), 1000 * 2 * kRate / kLate) << records;
    EXPECT_NEAR(result.offered, 1000, 1e-3);
    EXPECT_NEAR(result.offered, result.delivered + result.dropped + result.left, 1e-6);
  }
}

// Two at once: the other's 1000 are read first, as they come; then the source sends its own.
TEST(FlowSharedCpu, ABurstOfBothLosesLessThanOneBesideTheThread) {
  auto plan = burst_of(2, 900);
  EXPECT_NEAR(simulate_flow(plan, 1).dropped, 1000 - 900, 10);
  plan.consumers.shares_cpu = false;
  EXPECT_NEAR(simulate_flow(plan, 1).dropped, 2000 - 900 - 250, 1e-3);
}

TEST(FlowSharedCpu, TheSchedulerEndsALongTurn) {
  auto plan = burst_of(2, 100'000);
  plan.consumers.slice_s = 1e-3;
  const auto sliced = simulate_flow(plan, 1);
  plan.consumers.slice_s = 1;
  const auto whole = simulate_flow(plan, 1);
  EXPECT_DOUBLE_EQ(sliced.dropped, 0);
  EXPECT_NEAR(sliced.delivered, whole.delivered, 1);
  EXPECT_GT(sliced.peak_records, whole.peak_records);
}

TEST(FlowSharedCpu, WhatTheThreadKeepsUpWithIsNotHeldUp) {
  auto plan = flow_plan(2, 1, 100, 1e6);
  plan.sources.rate = 2e5;
  plan.seconds = 1000;
  plan.consumers.shares_cpu = true;
  const auto result = simulate_flow(plan, 1);
  EXPECT_DOUBLE_EQ(result.dropped, 0);
  EXPECT_NEAR(result.offered, 4e8, 1);
  EXPECT_LT(result.events, 10U);
}

TEST(FlowSharedCpu, RefusesWhatItDoesNotModel) {
  auto plan = burst_of(1, 100);
  plan.consumers.frees_together = true;
  EXPECT_THAT([&] { simulate_flow(plan, 1); },
              ThrowsMessage<std::invalid_argument>(HasSubstr("shares a source's CPU")));
  plan.consumers.frees_together = false;
  plan.consumers.late_rate = 0;
  EXPECT_THAT([&] { simulate_flow(plan, 1); },
              ThrowsMessage<std::invalid_argument>(HasSubstr("above 0")));
}

}  // namespace
}  // namespace ringbench::planner
