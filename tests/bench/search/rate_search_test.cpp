// The search against simulated systems whose answer is known.
#include "bench/search/rate_search.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <set>
#include <tuple>

#include "bench/search/load_evidence.hpp"
#include "tests/bench/search/simulated_system.hpp"

namespace ringbench {
namespace {

using ::testing::HasSubstr;

SimulatedSystem sharp(double capacity) {
  SimulatedSystem system;
  system.drop_fraction = [=](double rate) { return std::max(0.0, 1 - capacity / rate); };
  return system;
}

// Ten times the drops for each tenth of the capacity; a fraction of 1e-6 at the capacity.
SimulatedSystem soft(double capacity) {
  SimulatedSystem system;
  system.drop_fraction = [=](double rate) {
    return std::min(1.0, 1e-6 * std::pow(10, 10 * (rate / capacity - 1)));
  };
  return system;
}

void expect_around(const TargetResult& result, double rate, double tolerance) {
  EXPECT_EQ(result.status, Found::found) << result.target << ": " << result.reason;
  ASSERT_TRUE(result.low && result.high) << result.target;
  EXPECT_NEAR(*result.low / rate, 1, tolerance) << result.target;
  EXPECT_NEAR(*result.high / rate, 1, tolerance) << result.target;
  EXPECT_LT(*result.low, *result.high);
}

TEST(RateSearch, FindsASharpCapacityAtAnyScale) {
  for (const double capacity : {2e4, 99'999.0, 1e6, 3.3e7}) {
    SearchSettings settings;
    settings.targets = {0, 1e-3};
    const auto done = searched(sharp(capacity), settings);
    for (const auto& result : done.results) {
      expect_around(result, capacity, 0.021);
      EXPECT_LE(*result.low, capacity * (1 + result.target) * 1.001);
      EXPECT_GE(*result.high, capacity);
      EXPECT_LE((*result.high - *result.low) / *result.high, settings.width);
    }
    EXPECT_LE(done.history.size(), 60U) << capacity;
    EXPECT_LE(done.seconds(), 15) << capacity;
  }
}

TEST(RateSearch, LongTrialsComeLast) {
  const auto done = searched(sharp(1e6));
  EXPECT_EQ(done.history.front().duration_ms, SearchSettings{}.shortest_ms);
  double far_away = 0;
  for (const auto& trial : done.history) {
    if (trial.duration_ms == SearchSettings{}.longest_ms)
      far_away = std::max(far_away, std::abs(trial.rate / 1e6 - 1));
  }
  EXPECT_LT(far_away, 0.1) << "full length is for rates near the answer";
}

TEST(RateSearch, TellsTargetsApartOnASoftKnee) {
  SearchSettings settings;
  settings.targets = {1e-6, 1e-4, 1e-3};
  settings.max_trials = 2000;
  const auto done = searched(soft(1e7), settings);
  // Where few drops are spread thinly, trials shorter than 3/f events are the stricter judge.
  expect_around(done.results[0], 1e7, 0.1);
  expect_around(done.results[1], 1.2e7, 0.03);
  expect_around(done.results[2], 1.3e7, 0.03);
  EXPECT_LE(*done.results[0].low, *done.results[1].low);
  EXPECT_LE(*done.results[1].low, *done.results[2].low);
}

TEST(RateSearch, ALowerBoundHasEventsEnoughForItsTarget) {
  SearchSettings settings;
  settings.targets = {1e-6};
  const auto done = searched(sharp(1e6), settings);
  ASSERT_EQ(done.results[0].status, Found::found) << done.results[0].reason;
  double events = 0;
  for (const auto& trial : done.history) {
    if (trial.rate == *done.results[0].low && trial.duration_ms == settings.longest_ms)
      events += trial.attempted;
  }
  EXPECT_GE(events, 3e6);
}

TEST(RateSearch, SaysWhenATargetNeedsMoreEventsThanItMaySend) {
  SearchSettings settings;
  settings.targets = {0, 1e-6};
  const auto done = searched(sharp(1e4), settings);
  expect_around(done.results[0], 1e4, 0.021);
  EXPECT_EQ(done.results[1].status, Found::noisy);
  EXPECT_THAT(done.results[1].reason, HasSubstr("events"));
  EXPECT_LT(done.history.size(), 100U) << "it must not spend its trials on the hopeless";
}

TEST(RateSearch, ToleratesTrialsThatAreBadForNoReason) {
  int off = 0;
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    auto system = sharp(1e6);
    system.random.seed(seed);
    system.bad_luck = 0.05;
    SearchSettings settings;
    settings.targets = {0, 1e-3};
    const auto done = searched(system, settings);
    for (const auto& result : done.results) {
      ASSERT_TRUE(result.low) << seed;
      EXPECT_LE(*result.low, 1.002e6) << "noise never adds capacity";
      off += *result.low < 0.95e6 ? 1 : 0;
    }
  }
  EXPECT_LE(off, 4) << "of 80";
}

TEST(RateSearch, NoiseThatIsSeenIsRepeated) {
  int off = 0;
  std::size_t repeated = 0;
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    auto system = sharp(1e6);
    system.random.seed(seed);
    system.bad_luck = 0.3;
    system.tainted = 1;
    SearchSettings settings;
    settings.targets = {0};
    settings.retries = 4;
    const auto done = searched(system, settings);
    for (const auto& trial : done.history) repeated += trial.attempt > 0 ? 1 : 0;
    ASSERT_TRUE(done.results[0].low) << seed;
    EXPECT_LE(*done.results[0].low, 1e6);
    off += *done.results[0].low < 0.97e6 ? 1 : 0;
  }
  EXPECT_LE(off, 4) << "of 40";
  EXPECT_GT(repeated, 100U);
}

TEST(RateSearch, TaintedTrialsAloneAreNoUpperBound) {
  SimulatedSystem system;
  system.bad_luck = system.tainted = 1;
  const auto done = searched(system, {}, {5e4, 1e9, 1e5});  // so many events that some are lost
  for (const auto& result : done.results) {
    EXPECT_EQ(result.status, Found::noisy);
    EXPECT_THAT(result.reason, HasSubstr("noise"));
  }
}

TEST(RateSearch, WhatProducersCannotOfferIsNoUpperBound) {
  auto system = sharp(1e8);
  system.fastest = 7e6;
  const auto done = searched(system);
  for (const auto& result : done.results) {
    EXPECT_EQ(result.status, Found::unbounded);
    EXPECT_FALSE(result.high);
    ASSERT_TRUE(result.low);
    EXPECT_NEAR(*result.low / 7e6, 1, 0.021);
    EXPECT_LE(*result.low, 7e6);
    EXPECT_THAT(result.reason, HasSubstr("could not offer"));
  }
}

TEST(RateSearch, ProducersThatNoiseHeldBackSayNothing) {
  std::vector<SearchTrial> history;
  const SearchSettings settings;
  while (const auto next = next_trial(settings, {}, history)) {
    auto& trial = history.emplace_back();
    trial = {next->rate,
             next->duration_ms,
             next->repetition,
             next->attempt,
             Status::tainted,
             "steal",
             1e4,
             0,
             false,
             true};
  }
  for (const auto& result : results_of(settings, {}, history)) {
    EXPECT_EQ(result.status, Found::noisy);
    EXPECT_THAT(result.reason, HasSubstr("steal"));
  }
}

TEST(RateSearch, StopsAtTheEndsOfTheRange) {
  const RateLimits limits{1'000, 1e6, 1e5};
  const auto easy = searched(sharp(1e8), {}, limits);
  EXPECT_EQ(easy.results[0].low, 1e6);
  EXPECT_EQ(easy.results[0].status, Found::unbounded);
  const auto hard = searched(sharp(10), {}, limits);
  for (const auto& result : hard.results) {
    EXPECT_FALSE(result.low);
    EXPECT_EQ(result.high, 1'000);
    EXPECT_THAT(result.reason, HasSubstr("too fast"));
  }
}

// Between 0.5 and 0.6 of the capacity something resonates: the answer is below the dip, as RFC 9971
// wants it (no lower bound above the smallest upper bound).
TEST(RateSearch, ALossyLoadBelowACleanOneIsTheUpperBoundOnceItIsSeen) {
  SimulatedSystem system;
  system.drop_fraction = [](double rate) {
    return rate > 1e6 ? 0.5 : rate > 5e5 && rate < 6e5 ? 0.01 : 0.0;
  };
  SearchSettings settings;
  settings.targets = {0};
  std::vector<SearchTrial> history;
  for (std::uint64_t i = 0; i < 5; ++i) {
    history.push_back({5.5e5, settings.longest_ms, i, 0, Status::ok, "", 2e5, 2e3});
  }
  while (const auto next = next_trial(settings, {}, history)) history.push_back(system.run(*next));
  const auto result = results_of(settings, {}, history)[0];
  expect_around(result, 5e5, 0.021);
}

TEST(RateSearch, SurvivesNoiseWithoutAnyOrder) {
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    SimulatedSystem system;
    system.random.seed(seed);
    system.bad_luck = 0.5;
    system.tainted = 0.5;
    system.failing = 0.02;
    const auto done = searched(system);
    EXPECT_LE(done.history.size(), SearchSettings{}.max_trials);
    for (const auto& result : done.results) {
      EXPECT_TRUE(result.status == Found::found || !result.reason.empty());
      EXPECT_LT(result.low.value_or(0), result.high.value_or(1e300));
    }
  }
}

TEST(RateSearch, GivesUpOnACellThatFails) {
  SimulatedSystem system;
  system.failing = 1;
  const auto done = searched(system);
  EXPECT_EQ(done.history.size(), SearchSettings{}.retries + 1);
  EXPECT_EQ(done.results[0].status, Found::noisy);
  EXPECT_THAT(done.results[0].reason, HasSubstr("failed 3 times"));
}

TEST(RateSearch, EndsAtItsLimitOfTrialsAndSaysSo) {
  SearchSettings settings;
  settings.max_trials = 7;
  const auto done = searched(sharp(1e6), settings);
  EXPECT_EQ(done.history.size(), 7U);
  EXPECT_EQ(done.results[0].status, Found::noisy);
  EXPECT_THAT(done.results[0].reason, HasSubstr("7 trials"));
}

// A search holds no state: any part of its history leads to the trial that followed it.
TEST(RateSearch, GoesOnFromAnyPointOfItsHistory) {
  auto system = sharp(1e6);
  system.bad_luck = 0.2;
  system.tainted = 0.5;
  const auto done = searched(system);
  std::vector<SearchTrial> part;
  for (const auto& trial : done.history) {
    const auto next = next_trial({}, {}, part);
    ASSERT_TRUE(next);
    ASSERT_EQ(next->rate, trial.rate);
    ASSERT_EQ(next->duration_ms, trial.duration_ms);
    ASSERT_EQ(next->repetition, trial.repetition);
    ASSERT_EQ(next->attempt, trial.attempt);
    part.push_back(trial);
  }
  EXPECT_FALSE(next_trial({}, {}, part));
}

TEST(RateSearch, NeverAsksForTheSameTrialTwice) {
  auto system = soft(1e6);
  system.bad_luck = 0.1;
  system.tainted = 0.5;
  const auto done = searched(system);
  std::set<std::tuple<double, double, std::uint64_t, std::uint64_t>> seen;
  for (const auto& t : done.history) {
    EXPECT_TRUE(seen.insert({t.rate, t.duration_ms, t.repetition, t.attempt}).second)
        << t.rate << ' ' << t.duration_ms;
  }
}

TEST(Levels, GrowFromOneShortTrialToTheGoal) {
  const auto levels = levels_of({});
  ASSERT_EQ(levels.size(), 4U);
  EXPECT_EQ(levels.front().duration_ms, 50);
  EXPECT_EQ(levels.front().sum_ms, 50);
  EXPECT_EQ(levels.front().width, 0.16);
  EXPECT_EQ(levels[1].duration_ms, 100);
  EXPECT_EQ(levels.back().duration_ms, 400);
  EXPECT_EQ(levels.back().sum_ms, 2000);
  EXPECT_EQ(levels.back().width, 0.02);
  EXPECT_TRUE(levels.back().final);
}

}  // namespace
}  // namespace ringbench
