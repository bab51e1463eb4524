#include "bench/run/statistics.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>

namespace ringbench {
namespace {

using Values = std::vector<double>;

TEST(Median, KnownAnswers) {
  EXPECT_EQ(median({3}), 3);
  EXPECT_EQ(median({3, 1}), 2);
  EXPECT_EQ(median({9, 1, 5}), 5);
  EXPECT_EQ(median({4, 1, 3, 2}), 2.5);
  EXPECT_EQ(median({7, 7, 7, 1}), 7);
  EXPECT_EQ(median({-1, -3}), -2);
}

RC_GTEST_PROP(Median, IsTheMiddleOfTheSortedValues, ()) {
  auto values = *rc::gen::nonEmpty<std::vector<int>>();
  const double found = median(Values(values.begin(), values.end()));
  std::ranges::sort(values);
  const auto half = values.size() / 2;
  const double wanted =
      values.size() % 2 == 1 ? values[half] : (double(values[half - 1]) + double(values[half])) / 2;
  RC_ASSERT(found == wanted);
}

TEST(MedianInterval, NeedsTwoValues) {
  EXPECT_FALSE(median_interval({}));
  EXPECT_FALSE(median_interval({5}));
  EXPECT_TRUE(median_interval({5, 6}));
}

TEST(MedianInterval, OfEqualValuesHasNoWidth) {
  const auto interval = median_interval({4, 4, 4, 4});
  ASSERT_TRUE(interval);
  EXPECT_EQ(interval->median, 4);
  EXPECT_EQ(interval->low, 4);
  EXPECT_EQ(interval->high, 4);
  EXPECT_EQ(interval->relative_half_width(), 0);
}

TEST(MedianInterval, OfTwoValuesIsBothOfThem) {
  const auto interval = median_interval({10, 20});
  ASSERT_TRUE(interval);
  EXPECT_EQ(interval->median, 15);
  EXPECT_EQ(interval->low, 10);
  EXPECT_EQ(interval->high, 20);
  EXPECT_DOUBLE_EQ(interval->relative_half_width(), 5.0 / 15);
}

TEST(MedianInterval, OfAMedianOfZeroHasNoRelativeWidth) {
  EXPECT_EQ((Interval{0, -1, 1}).relative_half_width(), 0);
  EXPECT_EQ((Interval{-4, -5, -3}).relative_half_width(), 0.25);
}

TEST(MedianInterval, IsTheSameEveryTime) {
  const Values values{3, 1, 4, 1, 5, 9, 2, 6};
  EXPECT_EQ(median_interval(values)->low, median_interval(values)->low);
  EXPECT_EQ(median_interval(values)->high, median_interval(values)->high);
}

RC_GTEST_PROP(MedianInterval, HoldsTheMedianAndLiesWithinTheValues, ()) {
  const auto whole =
      *rc::gen::suchThat<std::vector<int>>([](const auto& v) { return v.size() >= 2; });
  const Values values(whole.begin(), whole.end());
  const auto interval = *median_interval(values);
  RC_ASSERT(interval.low <= interval.median);
  RC_ASSERT(interval.median <= interval.high);
  RC_ASSERT(interval.low >= std::ranges::min(values));
  RC_ASSERT(interval.high <= std::ranges::max(values));
}

// Of many samples of a skewed distribution, the share whose interval holds the true median. The
// percentile bootstrap of a median of 15 values is known to be a little off its nominal 95 %.
TEST(MedianInterval, CoversTheTrueMedianAboutAsOftenAsItSays) {
  std::mt19937_64 random(1);
  std::exponential_distribution<double> latency(1);
  constexpr int kSamples = 400;
  int covered = 0;
  for (int i = 0; i < kSamples; ++i) {
    Values values(15);
    for (auto& value : values) value = latency(random);
    const auto interval = *median_interval(values);
    covered += interval.low <= std::log(2) && std::log(2) <= interval.high ? 1 : 0;
  }
  EXPECT_GT(covered, kSamples * 0.88);
  EXPECT_LT(covered, kSamples * 0.995);
}

}  // namespace
}  // namespace ringbench
