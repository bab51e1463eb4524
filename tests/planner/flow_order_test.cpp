// Drops, delay, order and merge of the flows against the same bursts record by record.
#include <gtest/gtest.h>

#include "tests/planner/flow_plans.hpp"
#include "tests/planner/record_by_record.hpp"

namespace ringbench::planner {
namespace {

struct Case {
  const char* name;
  unsigned rings, width, threads;
  double records, turn, wait_s;
  double order_tolerance, held_tolerance;
};

// That a record is taken in its place's turn orders the records of full rings and of single turns
// more than chance does, and long turns bring the newest stamp on by jumps: hence the tolerances.
constexpr Case kCases[] = {
    {"small_per_cpu", 80, 1, 1, 327, 1, 2e-3, 0.02, 0.01},
    {"wide_bursts", 80, 20, 1, 327, 1, 2e-3, 0.13, 0.01},
    {"turns_of_1", 80, 4, 1, 1310, 1, 1e-3, 0.07, 0.01},
    {"turns_of_16", 80, 4, 1, 1310, 16, 1e-3, 0.03, 0.04},
    {"groups_own", 8, 4, 8, 3276, 1, 1e-2, 0.1, 0.03},
    {"groups_two_threads", 8, 4, 2, 3276, 4, 1e-3, 0.08, 0.02},
    {"groups_long_turns", 8, 20, 1, 3276, 64, 1e-3, 0.03, 0.15},
    {"shared", 1, 4, 1, 26214, 1, 1e-3, 0, 0.01},
};

class FlowByRecords : public testing::TestWithParam<Case> {};

TEST_P(FlowByRecords, Agree) {
  const auto& c = GetParam();
  auto plan = flow_plan(80, c.rings, c.records, 1e6 / c.threads);
  add_bursts(plan, c.width);
  plan.seconds = 3;
  plan.consumers.threads = c.threads;
  plan.consumers.turn = c.turn;
  plan.consumers.merge_wait_s = c.wait_s;
  const auto flow = simulate_flow(plan, 1), records = simulate_records(plan, 1);
  EXPECT_NEAR(flow.offered, records.offered, records.offered * 1e-3);
  EXPECT_NEAR(flow.dropped / flow.offered, records.dropped / records.offered, 0.002);
  EXPECT_NEAR(flow.delay_mean, records.delay_mean, 0.01 * records.delay_mean + 2e-6);
  EXPECT_NEAR(flow.delay_p50, records.delay_p50, 0.02 * records.delay_p50 + 5e-6);
  EXPECT_NEAR(flow.delay_p99, records.delay_p99, 0.02 * records.delay_p99 + 5e-6);
  EXPECT_NEAR(flow.reordered_ratio, records.reordered_ratio, c.order_tolerance);
  const auto extents = flow.reordered_ratio * flow.extent_mean;
  EXPECT_NEAR(extents, records.reordered_ratio * records.extent_mean, 0.05 * extents + 1e-9);
  EXPECT_NEAR(flow.held_mean, records.held_mean, c.held_tolerance * records.held_mean);
  EXPECT_NEAR(flow.merge_delay_mean, records.merge_delay_mean,
              c.held_tolerance * records.merge_delay_mean);
  EXPECT_NEAR(flow.held_peak, records.held_peak, 0.25 * records.held_peak);
}

INSTANTIATE_TEST_SUITE_P(Cases, FlowByRecords, testing::ValuesIn(kCases),
                         [](const auto& instance) { return std::string(instance.param.name); });

}  // namespace
}  // namespace ringbench::planner
