#include "planner/plan_size.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "small_plan.hpp"

namespace ringbench::planner {
namespace {

TEST(PlanSizeTest, AnOrdinaryPlanIsShortEnough) {
  EXPECT_EQ(too_long(small_plan()), std::nullopt);
}

TEST(PlanSizeTest, NamesWhatHappensTooOften) {
  auto plan = small_plan();
  plan.layouts = {rings_of(1, 4096)};
  plan.inputs.low.poll_interval_us = 1e-6;
  const auto found = too_long(plan);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->key, "consumer.poll_interval_us");
  EXPECT_THAT(found->why, testing::HasSubstr("run.seconds = "));
  plan.inputs.low.poll_interval_us = 0;
  plan.inputs.high.bursts_per_cpu_s = 1e7;
  ASSERT_TRUE(too_long(plan));
  EXPECT_EQ(too_long(plan)->key, "source.bursts_per_cpu_s");
}

}  // namespace
}  // namespace ringbench::planner
