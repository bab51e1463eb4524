#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "planner/assessment.hpp"
#include "small_plan.hpp"

namespace ringbench::planner {
namespace {

using testing::HasSubstr;

Limitation limitation(const Plan& plan, const Layout& layout) {
  return limitation_of(plan, layout, expected_figures(plan, layout, plan.inputs.value));
}

Plan in_bursts() {
  auto plan = small_plan();
  auto& inputs = plan.inputs.value;
  inputs.rate_per_cpu = 0;
  inputs.burst_rate = 1e6;
  inputs.burst_on_us = 1'000;
  inputs.bursts_per_cpu_s = 10;
  inputs.ns_per_record = 2'000;
  return plan;
}

TEST(LimitationTest, Nothing) {
  auto plan = small_plan();
  plan.inputs.value.rate_per_cpu = 100;
  const auto [limit, words] = limitation(plan, shared_ring(1 << 20));
  EXPECT_EQ(limit, Limit::nothing);
  EXPECT_THAT(words, HasSubstr("Contention does not matter and nothing is lost"));
  EXPECT_THAT(words, HasSubstr("a ring's lock is asked for at most 0.064 %"))
      << "800 of 1.25 M records/s";
}

TEST(LimitationTest, TheLock) {
  auto plan = small_plan();
  plan.inputs.value.rate_per_cpu = 1e6;
  plan.inputs.value.ns_per_record = 10;
  const auto [limit, words] = limitation(plan, shared_ring(1 << 20));
  EXPECT_EQ(limit, Limit::lock);
  EXPECT_THAT(words, HasSubstr("1.25 M records/s"));
}

TEST(LimitationTest, TheConsumerAndWhatMemoryIsWorth) {
  auto plan = small_plan();
  plan.inputs.value.rate_per_cpu = 125'000;
  plan.inputs.value.ns_per_record = 4'000;
  const auto [limit, words] = limitation(plan, rings_of(1, 200 * 100));
  EXPECT_EQ(limit, Limit::consumer);
  EXPECT_THAT(words,
              HasSubstr("reads 250 k records/s of 1 M offered, so in the long run 75 % are lost"));
  EXPECT_THAT(words, HasSubstr("They hold 800 records"));
  EXPECT_THAT(words, HasSubstr("at most 0.04 points")) << "800 of 2 million";
}

// 8 rings among 5 threads: three of them have two.
TEST(LimitationTest, AThreadThatHasMoreRingsThanOthers) {
  auto plan = small_plan();
  plan.inputs.value.rate_per_cpu = 100'000;
  plan.inputs.value.ns_per_record = 6'000;
  const auto [limit, words] = limitation(plan, rings_of(1, 1 << 20, 5));
  EXPECT_EQ(limit, Limit::consumer);
  EXPECT_THAT(words, HasSubstr("one thread is offered 200 k records/s and reads 167 k"));
}

TEST(LimitationTest, TheSharedStage) {
  auto plan = small_plan();
  plan.inputs.value.rate_per_cpu = 125'000;
  plan.inputs.value.ns_per_record = 500;
  plan.inputs.value.stage_ns = 2'000;
  const auto [limit, words] = limitation(plan, rings_of(1, 1 << 20, 8));
  EXPECT_EQ(limit, Limit::shared_stage);
  EXPECT_THAT(words, HasSubstr("500 k records/s of 1 M"));
}

// 2 ms of 10 that the thread does not read, and room for 1 ms: no burst is needed to lose records.
TEST(LimitationTest, StallsLoseRecordsWithoutAnyBurst) {
  auto plan = small_plan();
  plan.inputs.value.rate_per_cpu = 50'000;
  plan.inputs.value.stall_us = 2'000;
  plan.inputs.value.stall_every_us = 10'000;
  const auto [limit, words] = limitation(plan, rings_of(1, 200 * 50));
  EXPECT_EQ(limit, Limit::ring_space);
  EXPECT_THAT(words, HasSubstr("On average all could be read"));
}

// 1000 records, of which 125 are read meanwhile and 400 held.
TEST(LimitationTest, TheSpaceInTheRings) {
  auto plan = in_bursts();
  plan.inputs.value.ns_per_record = 8'000;
  const auto [limit, words] = limitation(plan, rings_of(1, 200 * 400));
  EXPECT_EQ(limit, Limit::ring_space);
  EXPECT_THAT(words, HasSubstr("with twice the memory"));
}

TEST(LimitationTest, ReservesThatWaitThoughNothingIsLost) {
  auto plan = in_bursts();
  plan.inputs.value.burst_width = 8;
  const auto [limit, words] = limitation(plan, shared_ring(1 << 24));
  EXPECT_EQ(limit, Limit::lock);
  EXPECT_THAT(words,
              HasSubstr("Producers wait for each other at the lock, though nothing is lost"));
}

}  // namespace
}  // namespace ringbench::planner
