#include "bench/calibration/estimate.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>

namespace ringbench {
namespace {

std::vector<double> from_one_to(int n) {
  std::vector<double> values;
  for (int i = 1; i <= n; ++i) values.push_back(i);
  return values;
}

// Log-normal, so positive; `sigma`: of the logarithm.
std::vector<double> noisy(double middle, double sigma, std::size_t count, std::mt19937_64& random) {
  std::lognormal_distribution<double> around(std::log(middle), sigma);
  std::vector<double> values(count);
  for (double& value : values) value = around(random);
  return values;
}

std::vector<Regime> regimes(std::vector<double> values) {
  std::ranges::sort(values);
  return regimes_of(values);
}

TEST(Estimate, FewRoundsSayNothing) {
  EXPECT_FALSE(estimate({}));
  EXPECT_FALSE(estimate({1, 2, 3, 4}));
  EXPECT_TRUE(estimate({1, 2, 3, 4, 5}));
}

// The ranks of the table in W. J. Conover, Practical Nonparametric Statistics: P(binomial(n, 1/2) <
// k) is 1/32 for n = 5 and k = 1; 0.0176 for n = 15, k = 4, and 0.0592 for k = 5; 0.0444 for n =
// 100, k = 42, and 0.0666 for k = 43.
TEST(Estimate, TheIntervalLiesBetweenTheRanksOfTheBinomial) {
  const auto five = estimate({5, 1, 4, 2, 3});
  ASSERT_TRUE(five);
  EXPECT_EQ(five->value, 3);
  EXPECT_EQ(five->low, 1);
  EXPECT_EQ(five->high, 5);
  EXPECT_EQ(five->rounds, 5U);
  const auto fifteen = estimate(from_one_to(15));
  ASSERT_TRUE(fifteen);
  EXPECT_EQ(fifteen->value, 8);
  EXPECT_EQ(fifteen->low, 4);
  EXPECT_EQ(fifteen->high, 12);
  const auto hundred = estimate(from_one_to(100));
  ASSERT_TRUE(hundred);
  EXPECT_EQ(hundred->value, 50.5);
  EXPECT_EQ(hundred->low, 42);
  EXPECT_EQ(hundred->high, 59);
}

TEST(Estimate, TheIntervalHoldsTheTrueMedianNineTimesInTen) {
  std::mt19937_64 random(11);
  for (const std::size_t rounds : {7U, 20U, 90U}) {
    int held = 0;
    constexpr int kTries = 2'000;
    for (int i = 0; i < kTries; ++i) {
      const auto found = estimate(noisy(20, 0.4, rounds, random));
      held += found->low <= 20 && 20 <= found->high ? 1 : 0;
    }
    // At least 90 %, in ranks that are whole numbers; three standard errors are 2 points.
    EXPECT_GT(held, 0.88 * kTries) << rounds;
    EXPECT_LT(held, 0.99 * kTries) << rounds;
  }
}

TEST(Regimes, RoundsThatAgreeHaveOneLevel) {
  std::mt19937_64 random(5);
  for (const double sigma : {0.001, 0.05, 0.3}) {
    int cut = 0;
    for (int i = 0; i < 200; ++i) {
      for (const std::size_t rounds : {8U, 15U, 200U}) {
        cut += regimes(noisy(20, sigma, rounds, random)).size() > 1 ? 1 : 0;
      }
    }
    EXPECT_LE(cut, 15) << "of 600, sigma " << sigma;
  }
  EXPECT_EQ(regimes({3, 3, 3, 3, 3}), (std::vector<Regime>{{3, 1}}));
}

TEST(Regimes, TwoLevelsAreToldWithTheirShares) {
  std::mt19937_64 random(6);
  auto values = noisy(20, 0.02, 120, random);
  const auto others = noisy(31, 0.02, 60, random);
  values.insert(values.end(), others.begin(), others.end());
  const auto found = regimes(values);
  ASSERT_EQ(found.size(), 2U);
  EXPECT_NEAR(found[0].value, 20, 0.5);
  EXPECT_NEAR(found[1].value, 31, 0.8);
  EXPECT_NEAR(found[0].share, 2.0 / 3, 1e-9);
  EXPECT_NEAR(found[1].share, 1.0 / 3, 1e-9);
}

TEST(Regimes, ThreeLevelsAndAFewStrays) {
  std::mt19937_64 random(7);
  std::vector<double> values;
  for (const double level : {10.0, 14.0, 40.0}) {
    const auto some = noisy(level, 0.01, 50, random);
    values.insert(values.end(), some.begin(), some.end());
  }
  values.insert(values.end(), {400, 900, 3});  // disturbed rounds are no regime
  const auto found = regimes(values);
  ASSERT_EQ(found.size(), 3U);
  EXPECT_NEAR(found[0].value, 10, 0.3);
  EXPECT_NEAR(found[1].value, 14, 0.3);
  EXPECT_NEAR(found[2].value, 40, 0.9);
  EXPECT_NEAR(found[0].share + found[1].share + found[2].share, 1, 1e-9);
}

TEST(Regimes, LevelsThatAreNearlyTheSameAreOne) {
  std::vector<double> values(20, 10.0);
  values.insert(values.end(), 20, 10.5);
  EXPECT_EQ(regimes(values).size(), 1U);
  std::fill(values.begin() + 20, values.end(), 11.5);
  EXPECT_EQ(regimes(values).size(), 2U);
}

TEST(Regimes, DifferencesThatMayBeNegativeHaveNone) {
  EXPECT_EQ(regimes({-1, -1, -1, 5, 5, 5}), (std::vector<Regime>{{2, 1}}));
  EXPECT_TRUE(regimes({}).empty());
}

}  // namespace
}  // namespace ringbench
