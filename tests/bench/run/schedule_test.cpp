#include "bench/run/schedule.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <numeric>

namespace ringbench {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Order = std::vector<std::size_t>;

std::vector<Planned> cells(std::size_t count) {
  std::vector<Planned> planned(count);
  for (std::size_t i = 0; i < count; ++i) planned[i].id = "cell" + std::to_string(i);
  return planned;
}

RunSettings settings(std::uint64_t repetitions, std::uint64_t max_repetitions,
                     double interval = 0.05) {
  RunSettings run;
  run.repetitions = repetitions;
  run.max_repetitions = max_repetitions;
  run.interval = interval;
  return run;
}

RC_GTEST_PROP(Schedule, EveryCellHasItsTurnOnceARound, (std::uint64_t seed)) {
  const auto count = *rc::gen::inRange<std::size_t>(0, 200);
  auto run = settings(3, 3);
  run.seed = seed;
  for (std::uint64_t round = 0; round < 3; ++round) {
    auto order = round_of(cells(count), {}, round, run);
    std::ranges::sort(order);
    Order all(count);
    std::iota(all.begin(), all.end(), std::size_t{0});
    RC_ASSERT(order == all);
  }
}

TEST(Schedule, OrderFollowsFromSeedAndRound) {
  auto run = settings(3, 3);
  const auto first = round_of(cells(50), {}, 0, run);
  EXPECT_EQ(round_of(cells(50), {}, 0, run), first);
  EXPECT_NE(round_of(cells(50), {}, 1, run), first);
  run.seed = 99;
  EXPECT_NE(round_of(cells(50), {}, 0, run), first);
}

TEST(Schedule, OrderIsTheSameOnEveryMachine) {
  EXPECT_THAT(round_of(cells(8), {}, 0, settings(1, 1)), ElementsAre(4, 6, 3, 5, 1, 7, 2, 0));
}

// What is done already falls out; what is left keeps its order.
TEST(Schedule, ResumingGoesOnInTheSameOrder) {
  const auto run = settings(2, 2);
  const auto whole = round_of(cells(20), {}, 1, run);
  Progress progress;
  for (std::size_t i = 0; i < 7; ++i)
    progress.repetitions["cell" + std::to_string(whole[i])] = {0, 1};
  EXPECT_EQ(round_of(cells(20), progress, 1, run), Order(whole.begin() + 7, whole.end()));
}

TEST(Schedule, NothingIsRepeatedThatIsThere) {
  Progress progress;
  progress.repetitions["cell0"] = {0, 2};
  progress.repetitions["cell1"] = {1};
  const auto run = settings(3, 3);
  EXPECT_THAT(round_of(cells(2), progress, 0, run), ElementsAre(1));
  EXPECT_THAT(round_of(cells(2), progress, 1, run), ElementsAre(0));
  EXPECT_THAT(round_of(cells(2), progress, 2, run), ElementsAre(1));
}

TEST(Schedule, BeyondTheLeastNumberOnlyWideCellsGoOn) {
  Progress progress;
  progress.headline["cell0"] = {100, 100, 101};  // within 5 %
  progress.headline["cell1"] = {100, 140, 180};  // not
  EXPECT_THAT(round_of(cells(2), progress, 3, settings(3, 10)), ElementsAre(1));
  EXPECT_THAT(round_of(cells(2), progress, 3, settings(3, 10, 1)), IsEmpty());
}

TEST(Schedule, ACellWithoutTwoResultsIsWide) {
  Progress progress;
  progress.headline["cell1"] = {100};
  auto order = round_of(cells(2), progress, 3, settings(3, 10, 1));
  std::ranges::sort(order);
  EXPECT_THAT(order, ElementsAre(0, 1));
}

TEST(Schedule, AnIntervalOfZeroNeverStopsEarly) {
  Progress progress;
  progress.headline["cell0"] = {100, 100, 100};
  EXPECT_THAT(round_of(cells(1), progress, 3, settings(3, 10, 0)), ElementsAre(0));
}

TEST(TrialSeed, DiffersForEachTrialAndIsTheSameOnEveryMachine) {
  EXPECT_EQ(trial_seed(1, "0123456789abcdef", 0), 17180166196566498791U);
  EXPECT_NE(trial_seed(1, "0123456789abcdef", 0), trial_seed(1, "0123456789abcdef", 1));
  EXPECT_NE(trial_seed(1, "0123456789abcdef", 0), trial_seed(2, "0123456789abcdef", 0));
  EXPECT_NE(trial_seed(1, "0123456789abcdef", 0), trial_seed(1, "0123456789abcdee", 0));
}

}  // namespace
}  // namespace ringbench
