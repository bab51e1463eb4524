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
  for (std::size_t i = 0; i < count; ++i) {
    planned[i].id = "cell" + std::to_string(i);
    planned[i].repetitions = 3;
    planned[i].spec.clock.invariant = true;
  }
  return planned;
}

RunSettings settings(double interval = 0.05) {
  RunSettings run;
  run.interval = interval;
  return run;
}

Order round_of(const std::vector<Planned>& planned, const Progress& progress, std::uint64_t round,
               const RunSettings& run = settings()) {
  return pass_of(planned, progress, round, 0, run);
}

Progress done(const std::vector<TrialKey>& keys, Status status = Status::ok) {
  Progress progress;
  for (const auto& key : keys) progress.add(key, status, 100);
  return progress;
}

RC_GTEST_PROP(Schedule, EveryCellHasItsTurnOnceARound, (std::uint64_t seed)) {
  const auto count = *rc::gen::inRange<std::size_t>(0, 200);
  auto run = settings();
  run.seed = seed;
  for (std::uint64_t round = 0; round < 3; ++round) {
    auto order = round_of(cells(count), {}, round, run);
    std::ranges::sort(order);
    Order all(count);
    std::iota(all.begin(), all.end(), std::size_t{0});
    RC_ASSERT(order == all);
  }
}

TEST(Schedule, OrderFollowsFromSeedRoundAndAttempt) {
  auto run = settings();
  const auto first = round_of(cells(50), {}, 0, run);
  EXPECT_EQ(round_of(cells(50), {}, 0, run), first);
  EXPECT_NE(round_of(cells(50), {}, 1, run), first);
  Progress tainted;
  for (const auto& cell : cells(50)) tainted.add({cell.id, 0, 0}, Status::tainted, 1);
  const auto again = pass_of(cells(50), tainted, 0, 1, run);
  EXPECT_EQ(again.size(), first.size());
  EXPECT_NE(again, first);
  run.seed = 99;
  EXPECT_NE(round_of(cells(50), {}, 0, run), first);
}

TEST(Schedule, OrderIsTheSameOnEveryMachine) {
  EXPECT_THAT(round_of(cells(8), {}, 0), ElementsAre(7, 6, 0, 5, 2, 3, 1, 4));
}

// What is done already falls out; what is left keeps its order.
TEST(Schedule, ResumingGoesOnInTheSameOrder) {
  const auto whole = round_of(cells(20), {}, 1);
  Progress progress;
  for (std::size_t i = 0; i < 7; ++i) {
    progress.add({"cell" + std::to_string(whole[i]), 0, 0}, Status::ok, 100);
    progress.add({"cell" + std::to_string(whole[i]), 1, 0}, Status::ok, 100);
  }
  EXPECT_EQ(round_of(cells(20), progress, 1), Order(whole.begin() + 7, whole.end()));
}

TEST(Schedule, NothingIsRepeatedThatIsThere) {
  const auto progress = done({{"cell0", 0, 0}, {"cell0", 2, 0}, {"cell1", 1, 0}});
  EXPECT_THAT(round_of(cells(2), progress, 0), ElementsAre(1));
  EXPECT_THAT(round_of(cells(2), progress, 1), ElementsAre(0));
  EXPECT_THAT(round_of(cells(2), progress, 2), ElementsAre(1));
}

Progress with_headlines(const std::string& id, const std::vector<double>& values, Status status) {
  Progress progress;
  for (std::size_t i = 0; i < values.size(); ++i) progress.add({id, i, 0}, status, values[i]);
  return progress;
}

TEST(Schedule, BeyondTheLeastNumberOnlyWideCellsGoOn) {
  const auto narrow = with_headlines("cell0", {100, 100, 101}, Status::ok);
  EXPECT_THAT(round_of(cells(1), narrow, 3), IsEmpty());
  const auto wide = with_headlines("cell0", {100, 140, 180}, Status::ok);
  EXPECT_THAT(round_of(cells(1), wide, 3), ElementsAre(0));
  EXPECT_THAT(round_of(cells(1), wide, 3, settings(1)), IsEmpty());
}

TEST(Schedule, TaintedResultsWidenNoInterval) {
  auto progress = with_headlines("cell0", {100, 100, 101}, Status::ok);
  progress.add({"cell0", 3, 0}, Status::tainted, 900);
  EXPECT_THAT(round_of(cells(1), progress, 4), IsEmpty());
}

TEST(Schedule, TaintedResultsCountWhereThereIsNothingElse) {
  const auto progress = with_headlines("cell0", {100, 100, 101}, Status::tainted);
  EXPECT_THAT(progress.headlines("cell0"), ElementsAre(100, 100, 101));
}

TEST(Schedule, ACellWithoutTwoResultsIsWide) {
  const auto progress = with_headlines("cell0", {100}, Status::ok);
  EXPECT_THAT(round_of(cells(1), progress, 3, settings(1)), ElementsAre(0));
}

TEST(Schedule, AnIntervalOfZeroNeverStopsEarly) {
  const auto progress = with_headlines("cell0", {100, 100, 100}, Status::ok);
  EXPECT_THAT(round_of(cells(1), progress, 3, settings(0)), ElementsAre(0));
}

// --- what was tainted is tried again -----------------------------------------------------------

Order again(const Progress& progress, std::uint64_t round, std::uint64_t attempt,
            const std::vector<Planned>& planned = cells(1)) {
  return pass_of(planned, progress, round, attempt, settings());
}

TEST(Schedule, ATaintedTrialIsTriedAgainUpToTheLimit) {
  Progress progress;
  for (const std::uint64_t attempt : {0, 1, 2}) {
    EXPECT_THAT(again(progress, 0, attempt), ElementsAre(0)) << attempt;
    progress.add({"cell0", 0, attempt}, Status::tainted, 100);
  }
  EXPECT_THAT(again(progress, 0, 3), IsEmpty());
}

TEST(Schedule, WhatIsSettledIsNotTriedAgain) {
  for (const auto status : {Status::ok, Status::failed}) {
    EXPECT_THAT(again(done({{"cell0", 0, 0}}, status), 0, 1), IsEmpty());
  }
  Progress second_was_ok = done({{"cell0", 0, 0}}, Status::tainted);
  second_was_ok.add({"cell0", 0, 1}, Status::ok, 100);
  EXPECT_THAT(again(second_was_ok, 0, 2), IsEmpty());
}

TEST(Schedule, ACellThatWasNeverOkIsNotTriedAgainInLaterRounds) {
  const auto hopeless = done({{"cell0", 0, 0}, {"cell0", 1, 0}}, Status::tainted);
  EXPECT_THAT(again(hopeless, 1, 1), IsEmpty());
  auto unlucky = hopeless;
  unlucky.add({"cell0", 0, 1}, Status::ok, 100);
  EXPECT_THAT(again(unlucky, 1, 1), ElementsAre(0));
  auto lucky_later = hopeless;
  lucky_later.add({"cell0", 2, 0}, Status::ok, 100);
  EXPECT_THAT(again(lucky_later, 1, 1), IsEmpty()) << "or a run would leave a turn that is over";
}

TEST(Schedule, WhatNoMomentCanMendIsNotTriedAgain) {
  const auto tainted = done({{"cell0", 0, 0}}, Status::tainted);
  auto oversubscribed = cells(1);
  oversubscribed[0].spec.placement.oversubscribed = true;
  EXPECT_THAT(again(tainted, 0, 1, oversubscribed), IsEmpty());
  auto clockless = cells(1);
  clockless[0].spec.clock.invariant = false;
  EXPECT_THAT(again(tainted, 0, 1, clockless), IsEmpty());
}

TEST(TrialSeed, DiffersForEachTrialAndIsTheSameOnEveryMachine) {
  EXPECT_EQ(trial_seed(1, "0123456789abcdef", 0), 17180166196566498791U);
  EXPECT_NE(trial_seed(1, "0123456789abcdef", 0), trial_seed(1, "0123456789abcdef", 1));
  EXPECT_NE(trial_seed(1, "0123456789abcdef", 0), trial_seed(2, "0123456789abcdef", 0));
  EXPECT_NE(trial_seed(1, "0123456789abcdef", 0), trial_seed(1, "0123456789abcdee", 0));
}

}  // namespace
}  // namespace ringbench
