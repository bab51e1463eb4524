// What must hold of the flow simulation for any plan.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cmath>

#include "tests/planner/flow_plans.hpp"

namespace ringbench::planner {
namespace {

double drawn(int from, int below) {
  return *rc::gen::inRange(from, below);
}

// One time in three.
bool seldom() {
  return *rc::gen::inRange(0, 3) == 0;
}

FlowPlan some_sources() {
  const auto cpus = *rc::gen::inRange(1U, 17U);
  auto plan = flow_plan(cpus, *rc::gen::inRange(1U, cpus + 1), drawn(1, 3000), drawn(1, 40) * 5e4);
  add_bursts(plan, *rc::gen::inRange(1U, cpus + 1));
  plan.sources.rate = seldom() ? drawn(0, 20) * 1e4 : 0;
  plan.sources.bursts_per_s *= drawn(1, 20);
  plan.sources.scattered = seldom();
  plan.seconds = 0.2;
  if (!seldom()) return plan;
  plan.sources.trace.resize(*rc::gen::inRange<std::size_t>(1, 20));
  for (auto& bin : plan.sources.trace)
    for (unsigned cpu = 0; cpu < cpus; ++cpu) bin.push_back(seldom() ? drawn(0, 100) * 1e4 : 0);
  plan.sources.bin_s = 1e-3;
  return plan;
}

FlowPlan some_plan() {
  auto plan = some_sources();
  auto& consumers = plan.consumers;
  consumers.threads = *rc::gen::inRange(1U, 5U);
  consumers.turn = drawn(1, 100);
  if (seldom()) consumers.look_s = 1e-7;
  if (seldom()) consumers.stage_rate = drawn(1, 40) * 5e4;
  if (seldom()) consumers.poll_interval_s = drawn(1, 50) * 1e-4;
  if (seldom()) consumers.stall_s = drawn(1, 5) * 1e-3, consumers.stall_every_s = 2e-2;
  if (seldom()) consumers.merge_wait_s = drawn(0, 30) * 1e-4;
  return plan;
}

RC_GTEST_PROP(FlowProperty, EachRecordIsDeliveredDroppedOrLeft, ()) {
  const auto plan = some_plan();
  const auto result = simulate_flow(plan, *rc::gen::inRange(0U, 1000U));
  const auto accounted = result.delivered + result.dropped + result.left;
  RC_ASSERT(std::abs(result.offered - accounted) <= 1e-9 * result.offered + 1e-6);
  RC_ASSERT(result.dropped_busy <= result.dropped + 1e-6);
}

RC_GTEST_PROP(FlowProperty, FiguresLieWhereTheyCan, ()) {
  const auto plan = some_plan();
  const auto result = simulate_flow(plan, 1);
  RC_ASSERT(result.delivered >= 0 && result.dropped >= -1e-6 && result.left >= -1e-6);
  RC_ASSERT(result.busy_fraction <= 1 + 1e-9);
  RC_ASSERT(result.peak_records <= plan.buffers.records * (1 + 1e-9));
  RC_ASSERT(result.reordered_ratio >= 0 && result.reordered_ratio <= 1 + 1e-9);
  RC_ASSERT(result.delay_p50 <= result.delay_p99 && result.delay_p99 <= result.delay_max);
  RC_ASSERT(result.delay_max <= plan.seconds + 1e-9);
  RC_ASSERT(result.held_mean >= -1e-9 && result.held_mean <= result.held_peak + 1e-6);
  RC_ASSERT(result.late_ratio >= 0 && result.late_ratio <= 1 + 1e-9);
}

RC_GTEST_PROP(FlowProperty, OneRingKeepsItsOrder, ()) {
  auto plan = some_plan();
  std::ranges::fill(plan.buffers.ring_of_cpu, 0U);
  RC_ASSERT(simulate_flow(plan, 1).reordered_ratio < 1e-6);
}

RC_GTEST_PROP(FlowProperty, RepeatsBitForBit, ()) {
  const auto plan = some_plan();
  const auto a = simulate_flow(plan, 5), b = simulate_flow(plan, 5);
  for (const auto member :
       {&FlowResult::offered, &FlowResult::delivered, &FlowResult::dropped, &FlowResult::left,
        &FlowResult::dropped_busy, &FlowResult::delay_mean, &FlowResult::delay_p50,
        &FlowResult::delay_p99, &FlowResult::reordered_ratio, &FlowResult::extent_mean,
        &FlowResult::held_mean, &FlowResult::held_peak, &FlowResult::merge_delay_mean})
    RC_ASSERT((a.*member) == (b.*member));
  RC_ASSERT(a.events == b.events);
}

// All that comes is read in the end, by a thread that rests only when there is nothing to read:
// then what more memory keeps back from some rings' records, it gives to others'.
RC_GTEST_PROP(FlowProperty, MoreMemoryNeverDropsMore, ()) {
  auto plan = some_sources();
  auto& trace = plan.sources.trace;
  trace.assign(20, {});
  for (auto& bin : trace)
    for (unsigned cpu = 0; cpu < plan.sources.cpus; ++cpu)
      bin.push_back(seldom() ? drawn(0, 100) * 1e4 : 0);
  plan.sources.bin_s = 1e-3;
  auto larger = plan;
  larger.buffers.records = std::floor(plan.buffers.records * (1 + drawn(0, 40) / 10)) + 1;
  const auto most = larger.buffers.records * plan.sources.cpus / plan.consumers.rate;
  trace.resize(21 + static_cast<std::size_t>(most / 1e-3), std::vector<double>(plan.sources.cpus));
  larger.sources.trace = trace;
  plan.seconds = larger.seconds = static_cast<double>(trace.size()) * 1e-3;
  const auto less = simulate_flow(plan, 1), more = simulate_flow(larger, 1);
  RC_ASSERT(less.left < 1e-6 && more.left < 1e-6);
  RC_ASSERT(more.dropped <= less.dropped + 1e-6);
}

}  // namespace
}  // namespace ringbench::planner
