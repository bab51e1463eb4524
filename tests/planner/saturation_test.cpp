#include "planner/saturation.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <set>
#include <stdexcept>

#include "tests/planner/published_machines.hpp"

namespace ringbench::planner {
namespace {

TEST(CodePaths, AreThoseOfTheDataFile) {
  const auto rows = table("code_paths.csv");
  ASSERT_EQ(code_paths().size(), rows.size() - 1);
  for (std::size_t i = 0; i < code_paths().size(); ++i) {
    const auto& path = code_paths()[i];
    const auto& row = rows[i + 1];
    EXPECT_EQ(path.name, row.at(0));
    EXPECT_EQ(path.pending_pos ? "true" : "false", row.at(1));
    EXPECT_EQ(path.moves,
              (Uncertain{std::stod(row.at(2)), std::stod(row.at(3)), std::stod(row.at(4))}));
    EXPECT_EQ(path.summary, row.at(5));
  }
}

TEST(CodePaths, AreFoundByTheirNamesOnly) {
  std::set<std::string_view> names;
  for (const auto& path : code_paths()) {
    EXPECT_EQ(find_code_path(path.name), &path);
    EXPECT_TRUE(names.insert(path.name).second) << path.name << " is there twice";
    EXPECT_LT(path.moves.low, path.moves.value);
    EXPECT_LT(path.moves.value, path.moves.high);
  }
  EXPECT_THAT(names, testing::ElementsAre("linux-5.8", "linux-6.10", "ringbuf"));
  EXPECT_EQ(find_code_path("linux-6.1"), nullptr);
  EXPECT_EQ(find_code_path(""), nullptr);
}

TEST(CodePaths, OursIsLessCertainThanTheKernelsThatItIsTakenFrom) {
  const auto& kernel = find_code_path("linux-6.10")->moves;
  const auto& ours = find_code_path("ringbuf")->moves;
  EXPECT_LT(ours.low, kernel.low);
  EXPECT_GT(ours.high, kernel.high);
}

TEST(Saturation, ARecordTakesSoManyMoves) {
  EXPECT_DOUBLE_EQ(saturated_record_ns(8, 100, 20, 5, 4), 800);
  EXPECT_DOUBLE_EQ(saturated_record_ns(8, 100, 20, 5, 400), 800) << "whatever their number";
}

TEST(Saturation, WhereMovesAreShortTheirOwnWorkIsLonger) {
  EXPECT_DOUBLE_EQ(saturated_record_ns(8, 0, 20, 5, 1), 20);
  EXPECT_DOUBLE_EQ(saturated_record_ns(8, 1, 100, 20, 2), 80)
      << "under the lock one after the other";
  EXPECT_DOUBLE_EQ(saturated_record_ns(8, 1, 100, 90, 2), 50);
}

TEST(ScalabilityLaw, HasItsOwnShape) {
  const ScalabilityLaw law{1e6, 0.5, 0.1};
  EXPECT_DOUBLE_EQ(law.rate(1), 1e6);
  EXPECT_DOUBLE_EQ(law.rate(3), 3e6 / (1 + 0.5 * 2 + 0.1 * 6));
}

RC_GTEST_PROP(ScalabilityLaw, IsFoundAgainFromItsOwnRates, ()) {
  const ScalabilityLaw law{*rc::gen::inRange(1, 1000) * 1e4, *rc::gen::inRange(0, 101) * 0.01,
                           *rc::gen::inRange(0, 100) * 0.005};
  const std::vector<double> producers{1, 2, 3, 4, 8};
  std::vector<double> rates;
  for (const double n : producers) rates.push_back(law.rate(n));
  const auto found = fit_scalability_law(producers, rates);
  for (const double n : {1.0, 6.0, 16.0}) {
    RC_ASSERT(std::abs(found.rate(n) / law.rate(n) - 1) < 1e-3);
  }
}

TEST(ScalabilityLaw, NeedsThreeRatesThatCanBe) {
  const std::vector<double> three{1, 2, 3}, two{1, 2}, none{1, 0, 1};
  EXPECT_THROW(fit_scalability_law(two, two), std::invalid_argument);
  EXPECT_THROW(fit_scalability_law(three, two), std::invalid_argument);
  EXPECT_THROW(fit_scalability_law(three, none), std::invalid_argument);
}

}  // namespace
}  // namespace ringbench::planner
