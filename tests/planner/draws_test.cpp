#include "planner/draws.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "small_plan.hpp"

namespace ringbench::planner {
namespace {

std::vector<double> sorted(const std::vector<Inputs>& draws, double Inputs::*member) {
  std::vector<double> values;
  for (const auto& inputs : draws) values.push_back(inputs.*member);
  std::sort(values.begin(), values.end());
  return values;
}

Plan with_uncertain_consumer() {
  auto plan = small_plan();
  plan.inputs.low.ns_per_record = 800;
  plan.inputs.high.ns_per_record = 1'500;
  return plan;
}

TEST(DrawsTest, NineOfTenLieInTheInterval) {
  const auto values =
      sorted(draws_of(with_uncertain_consumer(), 20'000, 1), &Inputs::ns_per_record);
  EXPECT_NEAR(values[1'000], 800, 10);
  EXPECT_NEAR(values[10'000], 1'000, 10);
  EXPECT_NEAR(values[19'000], 1'500, 30);
}

TEST(DrawsTest, WhatIsKnownExactlyStays) {
  for (const auto& inputs : draws_of(with_uncertain_consumer(), 100, 1))
    EXPECT_EQ(inputs.rate_per_cpu, 10'000);
}

TEST(DrawsTest, MovesHaveWhatTheFormulaLeavesOver) {
  const auto values = sorted(draws_of(small_plan(), 1'000, 1), &Inputs::moves);
  EXPECT_LT(values.front(), 8);
  EXPECT_GT(values.back(), 8);
}

TEST(DrawsTest, SameSeedSameDraws) {
  const auto plan = with_uncertain_consumer();
  const auto one = draws_of(plan, 50, 7), same = draws_of(plan, 50, 7),
             other = draws_of(plan, 50, 8);
  EXPECT_EQ(sorted(one, &Inputs::ns_per_record), sorted(same, &Inputs::ns_per_record));
  EXPECT_NE(sorted(one, &Inputs::ns_per_record), sorted(other, &Inputs::ns_per_record));
}

TEST(DrawsTest, OneMoreUncertainInputLeavesTheOthers) {
  auto more = with_uncertain_consumer();
  more.inputs.high.rate_per_cpu = 20'000;
  const auto few = draws_of(with_uncertain_consumer(), 50, 7), many = draws_of(more, 50, 7);
  EXPECT_EQ(sorted(few, &Inputs::ns_per_record), sorted(many, &Inputs::ns_per_record));
}

TEST(DrawsTest, AnIntervalThatBeginsAtZeroNeverGoesBelow) {
  auto plan = small_plan();
  plan.inputs.value.wakeup_ns = 10;
  plan.inputs.low.wakeup_ns = 0;
  plan.inputs.high.wakeup_ns = 100;
  const auto values = sorted(draws_of(plan, 1'000, 1), &Inputs::wakeup_ns);
  EXPECT_GE(values.front(), 0);
  EXPECT_LT(values.front(), 1);
}

// The sequence of the seed 1234567 as its authors' code has it.
TEST(DrawsTest, DerivedSeedsAreThoseOfSplitMix64) {
  EXPECT_EQ(derived_seed(1234567, 0), 6457827717110365317U);
  EXPECT_EQ(derived_seed(1234567, 1), 3203168211198807973U);
  EXPECT_EQ(derived_seed(1234567, 2), 9817491932198370423U);
}

TEST(DrawsTest, SeedsOfNeighboursDiffer) {
  EXPECT_NE(derived_seed(1, 0), derived_seed(1, 1));
  EXPECT_NE(derived_seed(1, 0), derived_seed(2, 0));
}

}  // namespace
}  // namespace ringbench::planner
