// Load classification and conditional throughput: the cases of RFC 9971 (MLRsearch).
#include "bench/search/load_classification.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace ringbench {
namespace {

using enum LoadClass;

// RFC 2544: one trial of full length decides.
TEST(LoadClassification, OneLongTrialDecidesWhereOneIsAskedFor) {
  const Goal goal{0, 60, 60, 0};
  EXPECT_EQ(classify(goal, {}), undecided);
  EXPECT_EQ(classify(goal, {.good_long = 60}), lower_bound);
  EXPECT_EQ(classify(goal, {.bad_long = 60}), upper_bound);
  EXPECT_EQ(classify(goal, {.bad_short = 1}), upper_bound) << "a short trial may reject a load";
  EXPECT_EQ(classify(goal, {.good_short = 600}), undecided) << "but never accept one";
}

// ETSI GS NFV-TST 009: the better of two trials counts.
TEST(LoadClassification, TheBetterOfTwoTrialsCounts) {
  const Goal goal{0, 60, 120, 0.5};
  EXPECT_EQ(classify(goal, {.good_long = 60}), lower_bound) << "whatever the second says";
  EXPECT_EQ(classify(goal, {.bad_long = 60}), undecided);
  EXPECT_EQ(classify(goal, {.good_long = 60, .bad_long = 60}), lower_bound);
  EXPECT_EQ(classify(goal, {.bad_long = 120}), upper_bound);
}

TEST(LoadClassification, AQuarterOfTheTrialsMayBeBad) {
  const Goal goal{0, 400, 2000, 0.25};
  EXPECT_EQ(classify(goal, {.good_long = 1200}), undecided);
  EXPECT_EQ(classify(goal, {.good_long = 1600}), lower_bound);
  EXPECT_EQ(classify(goal, {.good_long = 1200, .bad_long = 400}), undecided);
  EXPECT_EQ(classify(goal, {.good_long = 1600, .bad_long = 400}), lower_bound);
  EXPECT_EQ(classify(goal, {.bad_long = 800}), upper_bound);
  EXPECT_EQ(classify(goal, {.good_long = 2400, .bad_long = 800}), lower_bound);
}

TEST(LoadClassification, GoodShortTrialsExcuseBadShortOnes) {
  const Goal goal{0, 400, 2000, 0.25};
  EXPECT_EQ(classify(goal, {.bad_short = 501}), upper_bound);
  EXPECT_EQ(classify(goal, {.good_short = 1503, .bad_short = 501}), undecided);
  EXPECT_EQ(classify(goal, {.good_long = 1500, .good_short = 1503, .bad_short = 501}), lower_bound);
}

RC_GTEST_PROP(LoadClassification, MoreGoodNeverMakesALoadWorse, ()) {
  const auto sum = [] { return *rc::gen::inRange(0, 40) * 50.0; };
  const Goal goal{0, 400, 50.0 + sum(), *rc::gen::inRange(0, 10) / 20.0};
  const DurationSums worse{sum(), 400 + sum(), sum(), sum()};
  DurationSums better = worse;
  better.bad_long -= 400;
  better.good_long += 400;
  const auto before = classify(goal, worse), after = classify(goal, better);
  RC_ASSERT(!(before == lower_bound && after != lower_bound));
  RC_ASSERT(!(after == upper_bound && before != upper_bound));
}

TEST(ConditionalThroughput, IsTheQuantileThatTheExceedRatioLeaves) {
  const Goal goal{0, 60, 120, 0.5};
  EXPECT_EQ(quantile_loss_ratio(goal, {{0.5, 60}, {0.1, 60}}), 0.1);
  EXPECT_EQ(quantile_loss_ratio(goal, {{0.5, 60}, {0.1, 60}, {0.2, 60}}), 0.2);
  EXPECT_EQ(quantile_loss_ratio(goal, {}), 1) << "nothing was measured";
  EXPECT_EQ(quantile_loss_ratio({0, 60, 600, 0.5}, {{0, 60}}), 1) << "trials are missing";
}

}  // namespace
}  // namespace ringbench
