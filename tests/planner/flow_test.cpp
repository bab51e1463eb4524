#include "planner/flow.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>
#include <set>
#include <stdexcept>

#include "planner/closed_forms.hpp"
#include "tests/planner/flow_plans.hpp"

namespace ringbench::planner {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

// Steadily `rate` from each CPU for so many seconds.
FlowPlan steady(FlowPlan plan, double rate, double seconds) {
  plan.sources.rate = rate;
  plan.seconds = seconds;
  return plan;
}

double lost(const FlowPlan& plan) {
  const auto result = simulate_flow(plan, 1);
  EXPECT_GT(result.offered, 0);
  return result.dropped / result.offered;
}

TEST(Flow, IsolatedBurstLosesWhatTheClosedFormsSay) {
  for (const unsigned k : {1U, 3U, 20U}) {
    for (const double drain : {2e5, 1e6, 9e6}) {
      for (const double each : {50., 400., 1990.}) {
        auto own = flow_plan(20, 20, each, drain);
        isolate_burst(own, k, 1e6, 2e-3);
        EXPECT_NEAR(lost(own), burst_loss_per_cpu(k, 1e6, 2e-3, drain, each), 1e-9);
        auto shared = flow_plan(20, 1, 20 * each, drain);
        isolate_burst(shared, k, 1e6, 2e-3);
        EXPECT_NEAR(lost(shared), burst_loss_shared(k, 1e6, 2e-3, drain, 20 * each), 1e-9);
      }
    }
  }
}

TEST(Flow, DelayIsTheDistanceBetweenComingAndReading) {
  // 1000 records in 1 ms, read in 4 ms: the last one waits for 3 ms, and all evenly less.
  auto plan = flow_plan(1, 1, 1e6, 250e3);
  isolate_burst(plan, 1, 1e6, 1e-3);
  const auto result = simulate_flow(plan, 1);
  EXPECT_NEAR(result.delay_mean, 1.5e-3, 1e-9);
  EXPECT_NEAR(result.delay_p50, 1.5e-3, 1.5e-3 / 64);
  EXPECT_NEAR(result.delay_p99, 2.97e-3, 3e-3 / 64);
  EXPECT_NEAR(result.delay_max, 3e-3, 1e-9);
  EXPECT_NEAR(result.peak_records, 750, 1e-6);
  EXPECT_NEAR(result.left, 0, 1e-6);
}

TEST(Flow, OverloadLosesTheExcessOnceTheRingIsFull) {
  const auto result = simulate_flow(steady(flow_plan(8, 8, 1000, 1e6), 5e5, 10), 1);
  EXPECT_NEAR(result.dropped, 3e7 - 8000, 1);
  EXPECT_NEAR(result.dropped / result.offered, overload_loss(4e6, 1e6), 1e-3);
  EXPECT_DOUBLE_EQ(result.dropped_busy, result.dropped);
  EXPECT_NEAR(result.busy_fraction, 1, 1e-9);
  EXPECT_NEAR(result.delay_p50, 8e-3, 8e-3 / 64);  // 1000 records at an eighth of the rate
}

TEST(Flow, WhatARingDoesNotNeedGoesToTheOthers) {
  auto plan = flow_plan(3, 3, 100, 1e6);
  plan.sources.trace = {{1e5, 3e5, 2e6}};
  plan.sources.bin_s = plan.seconds = 10;
  const auto result = simulate_flow(plan, 1);
  EXPECT_NEAR(result.dropped, 10 * (2e6 - 6e5) - 100, 1);
}

TEST(Flow, TurnsReorderAsTheClosedFormSays) {
  for (const unsigned k : {2U, 8U, 32U}) {
    for (const double turn : {1., 8., 64.}) {
      auto plan = steady(flow_plan(k, k, 1e4, 1e6), 1e6, 10);
      plan.consumers.turn = turn;
      const auto result = simulate_flow(plan, 1);
      const auto order = order_of_turns(k, turn);
      EXPECT_NEAR(result.reordered_ratio, order.reordered_ratio, 1e-3) << k << ' ' << turn;
      EXPECT_NEAR(result.extent_mean, order.extent_mean, 1e-2 * order.extent_mean);
    }
  }
}

TEST(Flow, SweepOverQuietRingsDelaysAndReorders) {
  // 64 rings, 100 ns a look, 1/2 of the thread's time for records: 12.8 us a sweep, 6.4 records.
  auto plan = steady(flow_plan(64, 64, 1e4, 1e6), 5e5 / 64, 1);
  plan.consumers.look_s = 1e-7;
  const auto result = simulate_flow(plan, 1);
  EXPECT_NEAR(result.delay_mean, 6.4e-6, 1e-9);
  EXPECT_NEAR(result.reordered_ratio, order_of_turns(64, 0.1).reordered_ratio, 0.01);
  plan.consumers.look_s = 0;
  EXPECT_EQ(simulate_flow(plan, 1).reordered_ratio, 0);
}

TEST(Flow, RingThatLagsIsReorderedByWhatPassesMeanwhile) {
  // A thread each; one keeps up with 3e5, the other reads 1e6 of 2e6 from a full ring of 1e4.
  auto plan = flow_plan(2, 2, 1e4, 1e6);
  plan.consumers.threads = 2;
  plan.sources.trace = {{3e5, 2e6}};
  plan.sources.bin_s = plan.seconds = 20;
  const auto result = simulate_flow(plan, 1);
  EXPECT_NEAR(result.reordered_ratio, 1 / 1.3, 1e-3);
  EXPECT_NEAR(result.extent_mean, 1e-2 * 1.3e6, 1e-2 * 1.3e4);
  EXPECT_NEAR(result.dropped, 20 * 1e6 - 1e4, 1);
}

TEST(Flow, MergeHoldsEachRecordForItsWait) {
  auto plan = steady(flow_plan(4, 4, 1e4, 1e7), 1e5, 10);
  plan.consumers.merge_wait_s = 2e-3;
  const auto result = simulate_flow(plan, 1);
  EXPECT_NEAR(result.merge_delay_mean, watermark_delay(0, 2e-3), 1e-6);
  EXPECT_NEAR(result.held_mean, 4e5 * 2e-3, 1);
  EXPECT_NEAR(result.held_peak, 4e5 * 2e-3, 1);
  EXPECT_EQ(result.late_ratio, 0);
}

TEST(Flow, MergeThatLooksAtIntervalsAddsHalfOfOne) {
  for (const double wait : {1e-4, 1.5e-4, 1e-3}) {
    auto plan = steady(flow_plan(4, 4, 1e4, 1e10), 1e5, 2);
    plan.consumers.poll_interval_s = 1e-4;
    plan.consumers.merge_wait_s = wait;
    const auto result = simulate_flow(plan, 1);
    EXPECT_NEAR(result.delay_mean + result.merge_delay_mean, watermark_delay(1e-4, wait), 2e-6)
        << wait;
  }
}

TEST(Flow, PollReadsWhatHasComeSinceTheLast) {
  auto plan = steady(flow_plan(2, 2, 60, 1e10), 1e5, 10);
  plan.consumers.poll_interval_s = 5e-4;
  const auto fits = simulate_flow(plan, 1);
  EXPECT_EQ(fits.dropped, 0);
  EXPECT_NEAR(fits.peak_records, 50, 0.01);
  EXPECT_NEAR(fits.delay_mean, 2.5e-4, 1e-6);
  EXPECT_NEAR(fits.delay_max, 5e-4, 1e-6);
  EXPECT_GT(fits.reordered_ratio, 0);

  plan.consumers.poll_interval_s = 1e-3;  // 100 come, 60 fit
  const auto full = simulate_flow(plan, 1);
  EXPECT_NEAR(full.dropped / full.offered, 0.4, 1e-3);
  EXPECT_NEAR(full.dropped_busy, 0, 1e-3);
}

TEST(Flow, RoundOfASlowThreadPutsTheNextPollOff) {
  // x records come in a round and the sleep of 1 ms before it, x / 2 of what the thread can read:
  // rounds of 1 ms, 2 ms apart.
  auto plan = steady(flow_plan(1, 1, 1e6, 1e6), 5e5, 10);
  plan.consumers.poll_interval_s = 1e-3;
  const auto result = simulate_flow(plan, 1);
  EXPECT_NEAR(result.busy_fraction, 0.5, 1e-3);
  EXPECT_NEAR(result.delay_max, 2e-3, 1e-5);
  EXPECT_NEAR(result.delay_mean, 1.5e-3, 1e-5);
}

TEST(Flow, StallLosesWhatTheRingsDoNotHold) {
  auto plan = steady(flow_plan(4, 1, 3000, 1e9), 2.5e5, 10);
  plan.consumers.stall_s = 5e-3;
  plan.consumers.stall_every_s = 0.1;
  const auto result = simulate_flow(plan, 1);
  EXPECT_NEAR(result.dropped, 100 * 2000, 1);
  EXPECT_EQ(result.dropped_busy, 0);
  EXPECT_NEAR(result.delay_max, 5e-3, 1e-4);
}

TEST(Flow, AThreadThatSleepsBeginsToReadLater) {
  auto plan = flow_plan(1, 1, 409, 5e5);
  isolate_burst(plan, 1, 2e6, 500e-6);
  std::swap(plan.sources.trace[0], plan.sources.trace[1]);
  EXPECT_NEAR(simulate_flow(plan, 1).dropped, 1000 - 409 - 250, 1e-3);
  plan.consumers.wakeup_s = 100e-6;
  const auto late = simulate_flow(plan, 1);
  EXPECT_NEAR(late.dropped, 1000 - 409 - 200, 1e-3);
  EXPECT_NEAR(late.offered, late.delivered + late.dropped + late.left, 1e-6);
  plan.sources.trace[1][0] = 4e5;
  EXPECT_EQ(simulate_flow(plan, 1).delay_max, 0) << "one that keeps up is no burst";
}

TEST(Flow, SaysHowManyRecordsFoundNoBacklog) {
  auto plan = flow_plan(1, 1, 1e6, 1e6);
  plan.sources.rate = 5e5;
  EXPECT_DOUBLE_EQ(simulate_flow(plan, 1).passed_ratio, 1);
  plan.consumers.stall_s = 0.01;  // 5000 records, and 5000 that come while these are read
  plan.consumers.stall_every_s = 0.1;
  EXPECT_NEAR(simulate_flow(plan, 1).passed_ratio, 0.8, 1e-6);
}

TEST(Flow, StageIsSharedAmongTheThreads) {
  auto plan = flow_plan(3, 3, 100, 2e6);
  plan.consumers.threads = 3;
  plan.consumers.stage_rate = 1e6;
  plan.sources.trace = {{1e5, 2e5, 3e6}};
  plan.sources.bin_s = plan.seconds = 10;
  const auto result = simulate_flow(plan, 1);
  EXPECT_NEAR(result.delivered, 1e7, 1);
  EXPECT_NEAR(result.dropped, 10 * (3e6 - 7e5) - 100, 1);
  EXPECT_EQ(result.dropped_busy, 0);
  EXPECT_NEAR(result.busy_fraction, 1e6 / 6e6, 1e-6);
}

TEST(Flow, TraceIsPlayedAgain) {
  auto plan = flow_plan(2, 1, 1e6, 1e7);
  plan.sources.trace = {{1e6, 0}, {0, 0}, {2e6, 2e6}};
  plan.sources.bin_s = 0.1;
  plan.seconds = 0.7;  // two plays and a bin
  const auto result = simulate_flow(plan, 1);
  EXPECT_NEAR(result.offered, 2 * (1e5 + 4e5) + 1e5, 1e-3);
  EXPECT_NEAR(result.width_mean, (3 * 1 + 2 * 2) / 5., 1e-9);
}

TEST(Flow, TraceMayBeginWithAnyBinAndGoRound) {
  auto plan = flow_plan(1, 1, 1e6, 1e7);
  plan.sources.trace = {{1e6}, {2e6}, {4e6}, {8e6}};
  plan.sources.bin_s = 0.1;
  plan.sources.from_any_bin = true;
  plan.seconds = 0.2;
  std::set<double> offered;  // of two bins that follow each other
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    offered.insert(std::round(simulate_flow(plan, seed).offered));
    EXPECT_EQ(simulate_flow(plan, seed).offered, simulate_flow(plan, seed).offered);
  }
  EXPECT_EQ(offered, (std::set<double>{3e5, 6e5, 9e5, 12e5}));
  plan.seconds = 0.4;
  for (std::uint64_t seed = 0; seed < 10; ++seed)
    EXPECT_NEAR(simulate_flow(plan, seed).offered, 15e5, 1e-3);
}

TEST(Flow, BurstsOfferWhatTheirRateAndLengthSay) {
  auto plan = flow_plan(80, 1, 1e9, 1e9);
  add_bursts(plan, 4);
  plan.sources.rate = 1e4;
  plan.seconds = 1000;
  // A CPU is on if it was hit in the last 2 ms.
  const auto on = -std::expm1(-2.5 * 2e-3);
  EXPECT_NEAR(simulate_flow(plan, 3).offered, 8e4 * (1e6 * on + 1e4 * (1 - on)), 2e6);
}

TEST(Flow, NeighboursThatShareARingLoseMoreThanScatteredOnes) {
  auto plan = flow_plan(80, 1, 3276, 1e6);
  for (unsigned cpu = 0; cpu < 80; ++cpu) plan.buffers.ring_of_cpu[cpu] = cpu / 10;
  add_bursts(plan, 4);
  plan.seconds = 30;
  const auto scattered = lost(plan);
  plan.sources.scattered = false;
  EXPECT_GT(lost(plan), scattered * 1.5);
}

TEST(Flow, SteadyFlowTakesNoEvents) {
  const auto result = simulate_flow(steady(flow_plan(192, 192, 1000, 5e6), 1e4, 3600), 1);
  EXPECT_NEAR(result.delivered, 192e4 * 3600, 1);
  EXPECT_LE(result.events, 2U);
}

TEST(Flow, RefusesWhatMakesNoSense) {
  struct Refused {
    std::function<void(FlowPlan&)> spoil;
    const char* says;
  };
  const Refused all[] = {
      {[](auto& p) { p.sources.cpus = 0; }, "there are no CPUs"},
      {[](auto& p) { p.sources.cpus = 5; }, "names rings for 4 CPUs, but there are 5"},
      {[](auto& p) {
         p.buffers.ring_of_cpu = {0, 2, 2, 2};
       },
       "no CPU has ring 1"},
      {[](auto& p) {
         p.buffers.ring_of_cpu = {0, 1, 2, 9};
       },
       "a ring 9 but only 4 CPUs"},
      {[](auto& p) { p.buffers.records = 0.5; }, "holds 0.5 records"},
      {[](auto& p) { p.sources.rate = -1; }, "steady rate of a CPU is -1"},
      {[](auto& p) { p.sources.burst_rate = std::numeric_limits<double>::quiet_NaN(); }, "nan"},
      {[](auto& p) { p.sources.width = 5; }, "hits 5 CPUs; state a number from 1 to 4"},
      {[](auto& p) { p.sources.on_s = 0; }, "a burst lasts 0 s"},
      {[](auto& p) {
         p.sources.trace = {{1, 2}}, p.sources.bin_s = 1;
       },
       "rates of 2 CPUs"},
      {[](auto& p) {
         p.sources.trace = {{1, 2, 3, 4}};
       },
       "bin of its trace lasts 0 s"},
      {[](auto& p) { p.consumers.threads = 0; }, "no thread reads"},
      {[](auto& p) { p.consumers.rate = 0; }, "reads 0 records a second"},
      {[](auto& p) { p.consumers.turn = 0; }, "a turn takes 0 records"},
      {[](auto& p) { p.consumers.stall_s = p.consumers.stall_every_s = 1; }, "never reads"},
      {[](auto& p) { p.consumers.poll_interval_s = -1; }, "between two polls is -1"},
      {[](auto& p) { p.seconds = 0; }, "it lasts 0 s"},
  };
  for (const auto& [spoil, says] : all) {
    auto plan = flow_plan(4, 4, 100, 1e6);
    add_bursts(plan, 2);
    spoil(plan);
    EXPECT_THAT([&] { simulate_flow(plan, 1); },
                ThrowsMessage<std::invalid_argument>(HasSubstr(says)));
  }
}

}  // namespace
}  // namespace ringbench::planner
