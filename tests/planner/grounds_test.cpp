#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "planner/assessment.hpp"
#include "small_plan.hpp"

namespace ringbench::planner {
namespace {

using testing::HasSubstr;

// Everything of the machine comes from a calibration of this very one.
Plan calibrated_plan() {
  auto plan = small_plan();
  plan.calibrated_here = plan.all_pairs_measured = true;
  plan.notify = "adaptive";
  for (const auto* key : {"producer.alone_ns", "producer.outside_lock_ns", "producer.moves",
                          "producer.notify_ns", "consumer.ns_per_poll", "consumer.wakeup_ns"})
    plan.inputs.origins[key] = Origin::calibrated;
  plan.inputs.origins["consumer.ns_per_record"] = Origin::stated;
  return plan;
}

TEST(GroundsTest, MeasuredWithUpToTwoProducersARing) {
  EXPECT_EQ(grounds_of(calibrated_plan(), rings_of(1, 4096)).basis, Basis::measured);
  EXPECT_EQ(grounds_of(calibrated_plan(), rings_of(2, 4096)).basis, Basis::measured);
  const auto [basis, words] = grounds_of(calibrated_plan(), rings_of(4, 4096));
  EXPECT_EQ(basis, Basis::extrapolated);
  EXPECT_THAT(words, HasSubstr("here 4 share one"));
}

TEST(GroundsTest, InterpolatedWherePairsStandForOthers) {
  auto plan = calibrated_plan();
  plan.all_pairs_measured = false;
  EXPECT_EQ(grounds_of(plan, rings_of(2, 4096)).basis, Basis::interpolated);
}

TEST(GroundsTest, ExtrapolatedWithoutACalibrationOfThisMachine) {
  auto plan = calibrated_plan();
  plan.calibrated_here = false;
  EXPECT_EQ(grounds_of(plan, rings_of(1, 4096)).basis, Basis::extrapolated);
}

TEST(GroundsTest, NamesWhatWasNotMeasured) {
  for (const auto* key : {"producer.alone_ns", "producer.moves", "consumer.wakeup_ns"}) {
    auto plan = calibrated_plan();
    plan.inputs.origins[key] = Origin::assumed;
    const auto [basis, words] = grounds_of(plan, rings_of(2, 4096));
    EXPECT_EQ(basis, Basis::extrapolated) << key;
    EXPECT_THAT(words, HasSubstr(key));
  }
  auto plan = calibrated_plan();
  plan.inputs.origins["latency.l3_ns"] = Origin::stated;
  EXPECT_THAT(grounds_of(plan, rings_of(2, 4096)).words, HasSubstr("latency.l3_ns"));
  plan = calibrated_plan();
  plan.inputs.origins["producer.moves"] = Origin::assumed;
  EXPECT_EQ(grounds_of(plan, rings_of(1, 4096)).basis, Basis::measured) << "nobody to meet";
}

}  // namespace
}  // namespace ringbench::planner
