// Arrivals that are not the same for every producer: skewed ones, and those of a trace.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>
#include <numeric>

#include "bench/config/skew.hpp"
#include "bench/trial/arrivals.hpp"

namespace ringbench {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Times = std::vector<std::uint64_t>;

constexpr double kUnevenHz = 1e9;  // a tick is a nanosecond
constexpr std::uint64_t kUnevenSecond = 1'000'000'000;

Cell skewed(const char* arrival, const char* skew, std::uint64_t producers, double rate) {
  Cell cell;
  cell.arrival = arrival;
  cell.skew = skew;
  cell.producers = producers;
  cell.rate = rate;
  return cell;
}

std::size_t total(const std::vector<Times>& all) {
  return std::accumulate(all.begin(), all.end(), std::size_t{0},
                         [](std::size_t sum, const Times& times) { return sum + times.size(); });
}

std::size_t between(const Times& times, double from_ms, double to_ms) {
  return static_cast<std::size_t>(std::ranges::count_if(times, [&](std::uint64_t due) {
    const double ms = static_cast<double>(due) / 1e6;
    return ms >= from_ms && ms < to_ms;
  }));
}

// Four standard deviations of a Poisson count, or one event for a constant rate.
double tolerance(const Cell& cell, double count) {
  return cell.arrival == "poisson" ? 4 * std::sqrt(count) : 1 + 1e-9 * count;
}

class Skewed : public ::testing::TestWithParam<std::tuple<const char*, const char*>> {};

TEST_P(Skewed, GivesEachProducerItsShareOfTheSameTotal) {
  const Cell cell = skewed(std::get<0>(GetParam()), std::get<1>(GetParam()), 5, 2e4);
  const auto all = arrivals(cell, kUnevenSecond, kUnevenHz, 11);
  const auto shares = shares_of(cell);
  for (std::size_t p = 0; p < all.size(); ++p) {
    const double wanted = 1e5 * shares[p];
    EXPECT_NEAR(static_cast<double>(all[p].size()), wanted, tolerance(cell, wanted)) << p;
  }
  EXPECT_NEAR(static_cast<double>(total(all)), offered_rate(cell, 100), 5 * tolerance(cell, 1e5));
}

INSTANTIATE_TEST_SUITE_P(Arrivals, Skewed,
                         ::testing::Combine(::testing::Values("constant", "poisson"),
                                            ::testing::Values("even", "zipf", "one_hot")));

class MovingHot : public ::testing::TestWithParam<const char*> {};

TEST_P(MovingHot, IsTheNextProducerAfterItsTime) {
  Cell cell = skewed(GetParam(), "moving_hot", 4, 1e6);
  cell.hot_share = 0.7;
  cell.hot_every_ms = 3;
  const auto all = arrivals(cell, 24'000'000, kUnevenHz, 5);  // twice round
  for (std::uint64_t phase = 0; phase < 8; ++phase) {
    const auto from = static_cast<double>(3 * phase);
    std::size_t sum = 0;
    for (std::uint64_t p = 0; p < 4; ++p) {
      const auto found = between(all[p], from, from + 3);
      const double wanted = 12'000 * (p == phase % 4 ? 0.7 : 0.1);
      EXPECT_NEAR(static_cast<double>(found), wanted, tolerance(cell, wanted)) << phase << p;
      sum += found;
    }
    EXPECT_NEAR(static_cast<double>(sum), 12'000, 4 * tolerance(cell, 12'000)) << phase;
  }
}

TEST_P(MovingHot, MaySendEverything) {
  Cell cell = skewed(GetParam(), "moving_hot", 2, 1e6);
  cell.hot_share = 1;
  cell.hot_every_ms = 1;
  const auto all = arrivals(cell, 4'000'000, kUnevenHz, 5);
  EXPECT_EQ(between(all[1], 0, 1) + between(all[0], 1, 2) + between(all[1], 2, 3), 0U);
  EXPECT_NEAR(static_cast<double>(between(all[0], 0, 1)), 2'000, tolerance(cell, 2'000));
  cell.skew = "one_hot";
  EXPECT_THAT(arrivals(cell, 4'000'000, kUnevenHz, 5)[1], IsEmpty());
}

TEST_P(MovingHot, MovesInTheTimeOfAFewEventsToo) {
  Cell cell = skewed(GetParam(), "moving_hot", 3, 1e5);
  cell.hot_every_ms = 0.01;
  const auto all = arrivals(cell, kUnevenSecond, kUnevenHz, 5);
  for (const auto& times : all) {
    EXPECT_NEAR(static_cast<double>(times.size()), 1e5, std::max(10.0, tolerance(cell, 1e5)));
    EXPECT_TRUE(std::ranges::is_sorted(times));
  }
}

INSTANTIATE_TEST_SUITE_P(Arrivals, MovingHot, ::testing::Values("constant", "poisson"));

Cell traced(std::vector<TraceEvent> events, double period_us, bool names_producers,
            std::uint64_t producers) {
  Trace trace;
  trace.events = std::move(events);
  trace.period_us = period_us;
  trace.names_producers = names_producers;
  Cell cell;
  cell.arrival = "trace";
  cell.producers = producers;
  cell.trace = {"t", "1", std::make_shared<const Trace>(std::move(trace))};
  return cell;
}

TEST(TracedArrivals, AreTheTracesOwn) {
  const Cell cell = traced({{0, 1}, {1.5, 0}, {1.5, 1}, {7, 0}}, 10, true, 3);
  EXPECT_THAT(arrivals(cell, 8'000, kUnevenHz, 1),
              ElementsAre(Times{1'500, 7'000}, Times{0, 1'500}, Times{}));
  EXPECT_THAT(arrivals(cell, 7'000, kUnevenHz, 1)[0], ElementsAre(1'500))
      << "before the end, not at it";
  EXPECT_EQ(arrivals(cell, 8'000, kUnevenHz, 1), arrivals(cell, 8'000, kUnevenHz, 2))
      << "no chance in it";
}

TEST(TracedArrivals, BeginAgainUntilTheTrialEnds) {
  const Cell cell = traced({{0, 1}, {1.5, 0}}, 10, true, 2);
  EXPECT_THAT(arrivals(cell, 22'000, kUnevenHz, 1),
              ElementsAre(Times{1'500, 11'500, 21'500}, Times{0, 10'000, 20'000}));
}

TEST(TracedArrivals, AreDealtInTurnOverTheRepetitionsToo) {
  const Cell cell = traced({{0}, {1}, {2}}, 4, false, 2);
  EXPECT_THAT(arrivals(cell, 8'000, kUnevenHz, 1),
              ElementsAre(Times{0, 2'000, 5'000}, Times{1'000, 4'000, 6'000}));
}

TEST(TracedArrivals, OfferWhatIsDueInTheWindow) {
  Cell cell = traced({{0}, {1}, {2}, {3'000}}, 4'000, false, 2);
  cell.warmup_ms = 1;
  EXPECT_EQ(offered_rate(cell, 8), 8 / 8e-3) << "3000, 4000 and two more, 7000, 8000 and two more";
  EXPECT_EQ(offered_rate(cell, 1.5), 0);
}

RC_GTEST_PROP(TracedArrivals, AreAsManyAsTheTraceCounts, ()) {
  const auto gaps = *rc::gen::container<std::vector<int>>(
      static_cast<std::size_t>(*rc::gen::inRange(1, 30)), rc::gen::inRange(1, 2'000));
  std::vector<TraceEvent> events(1);
  for (const int gap : gaps) events.push_back({events.back().us + gap});
  const auto n = static_cast<double>(events.size());
  const Cell cell = traced(events, events.back().us * n / (n - 1), false, 3);
  const auto length = *rc::gen::inRange<std::uint64_t>(1, 200'000'000);
  const auto all = arrivals(cell, length, kUnevenHz, 1);
  const auto counted = cell.trace->events_before(static_cast<double>(length) / 1e3);
  // One may lie within rounding of the end.
  RC_ASSERT(total(all) + 1 >= counted);
  RC_ASSERT(total(all) <= counted + 1);
  for (const auto& times : all) {
    RC_ASSERT(std::ranges::is_sorted(times));
    RC_ASSERT(times.size() <= cell.trace->most_before(static_cast<double>(length) / 1e3, 3) + 1);
  }
}

}  // namespace
}  // namespace ringbench
