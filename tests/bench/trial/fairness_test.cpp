#include "bench/trial/fairness.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace ringbench {
namespace {

struct Window {
  std::uint64_t attempted;
  std::uint64_t dropped;
};

TrialResult result_of(const std::vector<Window>& producers, bool saturated) {
  TrialResult result;
  result.saturated = saturated;
  for (const auto& [attempted, dropped] : producers) {
    ProducerFacts facts;
    facts.window_attempted = attempted;
    facts.window_dropped = dropped;
    result.producers.push_back(facts);
  }
  return result;
}

TEST(Fairness, OneProducerIsNeitherFairNorUnfair) {
  EXPECT_FALSE(jain_index(result_of({{100, 10}}, true)));
  EXPECT_FALSE(jain_index(result_of({{100, 10}}, false)));
}

TEST(Fairness, AllAlikeIsOne) {
  EXPECT_DOUBLE_EQ(jain_index(result_of({{90, 10}, {100, 20}, {80, 0}}, true)).value(), 1);
}

TEST(Fairness, OneHasAllIsOneOfN) {
  EXPECT_DOUBLE_EQ(jain_index(result_of({{90, 90}, {100, 0}, {7, 7}, {5, 5}}, true)).value(), 0.25);
}

// (3 + 1)^2 / (2 * (9 + 1))
TEST(Fairness, SaturatingProducersAskForTheSame) {
  EXPECT_DOUBLE_EQ(jain_index(result_of({{300, 0}, {100, 0}}, true)).value(), 0.8);
}

// The rates differ by 10, but each had half of what it asked for; then one all, one a third of it:
// (1 + 1/3)^2 / (2 * (1 + 1/9)).
TEST(Fairness, PacedProducersAreMeasuredByWhatTheyAskedFor) {
  EXPECT_DOUBLE_EQ(jain_index(result_of({{1'000, 500}, {100, 50}}, false)).value(), 1);
  EXPECT_DOUBLE_EQ(jain_index(result_of({{1'000, 0}, {99, 66}}, false)).value(), 0.8);
}

TEST(Fairness, WhoAttemptedNothingIsLeftOut) {
  EXPECT_DOUBLE_EQ(jain_index(result_of({{50, 0}, {0, 0}, {50, 0}}, false)).value(), 1);
  EXPECT_FALSE(jain_index(result_of({{50, 0}, {0, 0}}, false)));
}

TEST(Fairness, NothingAcceptedHasNoIndex) {
  EXPECT_FALSE(jain_index(result_of({{50, 50}, {20, 20}}, true)));
}

TEST(Fairness, TheWorstProducerIsTheOneThatLostTheLargestShare) {
  EXPECT_DOUBLE_EQ(worst_drop_fraction(result_of({{1'000, 100}, {10, 5}, {50, 0}}, true)).value(),
                   0.5);
  EXPECT_EQ(worst_drop_fraction(result_of({{10, 0}, {0, 0}}, false)), 0);
  EXPECT_FALSE(worst_drop_fraction(result_of({{0, 0}}, true)));
}

}  // namespace
}  // namespace ringbench
