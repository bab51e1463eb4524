#include "bench/trial/arrivals.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <map>
#include <set>

namespace ringbench {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::Lt;
using Times = std::vector<std::uint64_t>;

constexpr double kHz = 1e9;  // a tick is a nanosecond
constexpr std::uint64_t kSecond = 1'000'000'000;

Cell paced(const char* arrival, double rate, std::uint64_t producers = 1) {
  Cell cell;
  cell.arrival = arrival;
  cell.rate = rate;
  cell.producers = producers;
  return cell;
}

Cell bursts(std::uint64_t producers, std::uint64_t width, double on_us, double every_us,
            double rate = 1e6) {
  Cell cell = paced("bursty", rate, producers);
  cell.burst_width = width;
  cell.burst_on_us = on_us;
  cell.burst_every_us = every_us;
  return cell;
}

std::vector<double> gaps(const Times& times) {
  std::vector<double> found;
  for (std::size_t i = 1; i < times.size(); ++i) {
    found.push_back(static_cast<double>(times[i] - times[i - 1]));
  }
  return found;
}

double mean(const std::vector<double>& values) {
  double sum = 0;
  for (const double value : values) sum += value;
  return sum / static_cast<double>(values.size());
}

// Distance of an empirical distribution from the exponential one (Kolmogorov and Smirnov).
double distance_from_exponential(std::vector<double> values, double expected_mean) {
  std::ranges::sort(values);
  const auto n = static_cast<double>(values.size());
  double distance = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double wanted = -std::expm1(-values[i] / expected_mean);
    distance = std::max({distance, std::abs(wanted - static_cast<double>(i) / n),
                         std::abs(wanted - static_cast<double>(i + 1) / n)});
  }
  return distance;
}

// When bursts begin: the events of a producer that follow a pause.
Times starts_of_bursts(const Times& times, std::uint64_t longest_gap) {
  Times starts;
  for (std::size_t i = 0; i < times.size(); ++i) {
    if (i == 0 || times[i] - times[i - 1] > longest_gap) starts.push_back(times[i]);
  }
  return starts;
}

TEST(Arrivals, ConstantGapsAreExact) {
  for (const auto& times : arrivals(paced("constant", 1e6, 3), kSecond / 100, kHz, 7)) {
    ASSERT_EQ(times.size(), 10'000U);
    EXPECT_THAT(gaps(times), Each(1'000.0));
  }
}

TEST(Arrivals, ConstantGapsThatAreNoWholeTicksAreRoundedButDoNotDrift) {
  const auto times = arrivals(paced("constant", 3e6), kSecond, kHz, 1).front();
  EXPECT_NEAR(static_cast<double>(times.size()), 3e6, 1);
  const auto span = static_cast<double>(times.back() - times.front());
  EXPECT_NEAR(span, 1e3 / 3 * static_cast<double>(times.size() - 1), 1.5);
}

TEST(Arrivals, EachProducerHasItsOwnPhase) {
  const auto all = arrivals(paced("constant", 1e5, 8), kSecond / 100, kHz, 3);
  std::set<std::uint64_t> phases;
  for (const auto& times : all) phases.insert(times.front());
  EXPECT_EQ(phases.size(), 8U);
  EXPECT_THAT(phases, Each(Lt(10'000U)));
}

TEST(Arrivals, PoissonGapsAreExponential) {
  const auto times = arrivals(paced("poisson", 1e5), kSecond, kHz, 42).front();
  const auto found = gaps(times);
  const auto n = static_cast<double>(found.size());
  EXPECT_NEAR(n, 1e5, 4 * std::sqrt(1e5));
  EXPECT_NEAR(mean(found), 1e4, 4 * 1e4 / std::sqrt(n));
  std::vector<double> squares;
  for (const double gap : found) squares.push_back((gap - 1e4) * (gap - 1e4));
  // The variance of an exponential sample's variance is 8 mean^4 / n.
  EXPECT_NEAR(mean(squares), 1e8, 4 * 1e8 * std::sqrt(8 / n));
  // 1.63 / sqrt(n) is the distance that chance exceeds once in a hundred samples; the seed is
  // fixed.
  EXPECT_LT(distance_from_exponential(found, 1e4), 1.63 / std::sqrt(n));
}

TEST(Arrivals, PoissonProducersAreIndependent) {
  const auto all = arrivals(paced("poisson", 1e5, 2), kSecond, kHz, 42);
  EXPECT_NE(all[0], all[1]);
  std::vector<double>
      counts;  // in cells of a millisecond, by both: independent counts do not correlate
  std::vector<double> a(1'000), b(1'000);
  for (const auto due : all[0]) ++a[due / 1'000'000];
  for (const auto due : all[1]) ++b[due / 1'000'000];
  for (std::size_t i = 0; i < a.size(); ++i) counts.push_back((a[i] - 100) * (b[i] - 100));
  EXPECT_NEAR(mean(counts) / 100, 0, 4 / std::sqrt(1'000.0));
}

// At this rate an event is due within a microsecond of a burst's start, and a pause is never so
// short.
TEST(Arrivals, ABurstHitsItsWidthOfDistinctProducersTogether) {
  constexpr std::uint64_t kWidth = 3;
  const auto all = arrivals(bursts(8, kWidth, 100, 200'000), 10 * kSecond, kHz, 5);
  Times starts;
  for (const auto& times : all) {
    const auto mine = starts_of_bursts(times, 50'000);
    starts.insert(starts.end(), mine.begin(), mine.end());
  }
  std::ranges::sort(starts);
  std::map<std::size_t, int> bursts_of_width;
  for (std::size_t first = 0, i = 1; i <= starts.size(); ++i) {
    if (i < starts.size() && starts[i] - starts[i - 1] <= 1'000) continue;
    ++bursts_of_width[i - first];
    first = i;
  }
  // Where two bursts overlap on a producer, the second seems narrower. At this load few do.
  EXPECT_GT(bursts_of_width[kWidth], 100);
  EXPECT_LT(bursts_of_width[kWidth - 1] + bursts_of_width[1], 5);
  for (const auto& [width, count] : bursts_of_width) EXPECT_LE(width, kWidth);
}

TEST(Arrivals, ABurstOfFullWidthHitsEveryProducer) {
  const auto all = arrivals(bursts(4, 4, 100, 50'000), kSecond, kHz, 5);
  const auto first = starts_of_bursts(all[0], 50'000);
  for (const auto& times : all) {
    const auto mine = starts_of_bursts(times, 50'000);
    ASSERT_EQ(mine.size(), first.size());
    for (std::size_t i = 0; i < mine.size(); ++i) {
      EXPECT_LT(std::llabs(static_cast<long long>(mine[i]) - static_cast<long long>(first[i])),
                1'000);
    }
  }
}

// Bursts that follow each other without a pause make one long burst, not a doubled rate.
TEST(Arrivals, OverlappingBurstsOfAProducerDoNotAddUp) {
  const auto times = arrivals(bursts(1, 1, 1'000, 10, 1e6), kSecond / 10, kHz, 9).front();
  EXPECT_NEAR(static_cast<double>(times.size()), 1e5, 1e5 * 0.02);
  for (std::size_t window = 0; window < 100; ++window) {
    const auto inside =
        std::ranges::count_if(times, [&](std::uint64_t due) { return due / 1'000'000 == window; });
    EXPECT_LE(inside, 1'110) << "in millisecond " << window;
  }
}

double mean_count(const Cell& cell, std::uint64_t length, int seeds) {
  double sum = 0;
  for (int seed = 0; seed < seeds; ++seed) {
    for (const auto& times : arrivals(cell, length, kHz, static_cast<std::uint64_t>(seed))) {
      sum += static_cast<double>(times.size());
    }
  }
  return sum / seeds;
}

struct Load {
  const char* what;
  Cell cell;
};
class OfferedRate : public ::testing::TestWithParam<Load> {};

TEST_P(OfferedRate, IsTheMeanCountOverManySeeds) {
  const Cell& cell = GetParam().cell;
  const double seconds = 0.2;
  const double found = mean_count(cell, static_cast<std::uint64_t>(seconds * kHz), 200) / seconds;
  EXPECT_NEAR(found / offered_rate(cell, 100), 1, 0.03);
}

INSTANTIATE_TEST_SUITE_P(Arrivals, OfferedRate,
                         ::testing::Values(Load{"constant", paced("constant", 12'345, 2)},
                                           Load{"poisson", paced("poisson", 2e4, 2)},
                                           Load{"seldom", bursts(4, 1, 2'000, 20'000, 2e4)},
                                           Load{"wide", bursts(4, 4, 2'000, 20'000, 2e4)},
                                           Load{"overlapping", bursts(4, 2, 20'000, 20'000, 2e4)},
                                           Load{"bursts_shorter_than_a_gap",
                                                bursts(4, 2, 20, 2'000, 2e4)}),
                         [](const auto& param) { return param.param.what; });

// A trial is as heavily loaded at its start as later, whatever the warm-up.
TEST(Arrivals, BurstsHaveBegunBeforeTheTrialDoes) {
  const Cell cell = bursts(2, 1, 10'000, 20'000, 1e5);
  const double seconds = 2e-3;
  const double found = mean_count(cell, static_cast<std::uint64_t>(seconds * kHz), 2'000) / seconds;
  EXPECT_NEAR(found / offered_rate(cell, 100), 1, 0.1);
}

rc::Gen<Cell> any_paced_cell() {
  return rc::gen::exec([] {
    Cell cell;
    cell.arrival = *rc::gen::element<std::string>("constant", "poisson", "bursty");
    cell.producers = *rc::gen::inRange<std::uint64_t>(1, 9);
    cell.rate = *rc::gen::element(1e3, 1e5, 3.7e6);
    cell.burst_on_us = *rc::gen::element(1.0, 50.0, 700.0);
    cell.burst_every_us = *rc::gen::element(10.0, 500.0);
    cell.burst_width = *rc::gen::inRange<std::uint64_t>(1, cell.producers + 1);
    return cell;
  });
}

RC_GTEST_PROP(Arrivals, AscendEndBeforeTheTrialAndDependOnTheSeedAlone, (std::uint64_t seed)) {
  const Cell cell = *any_paced_cell();
  const auto length = *rc::gen::inRange<std::uint64_t>(1, 3'000'000);
  const auto all = arrivals(cell, length, kHz, seed);
  RC_ASSERT(all.size() == cell.producers);
  for (const auto& times : all) {
    RC_ASSERT(std::ranges::is_sorted(times));
    RC_ASSERT((times.empty() || times.back() < length));
  }
  RC_ASSERT(all == arrivals(cell, length, kHz, seed));
}

TEST(Arrivals, AreTheSameOnEveryMachineAndDay) {
  EXPECT_THAT(arrivals(paced("constant", 1e6), 4'000, kHz, 1).front(),
              ElementsAre(133, 1133, 2133, 3133));
  EXPECT_THAT(arrivals(paced("poisson", 1e6), 4'000, kHz, 1).front(),
              ElementsAre(143, 290, 890, 911, 1343, 3766));
  EXPECT_NE(arrivals(paced("poisson", 1e6), 4'000, kHz, 1),
            arrivals(paced("poisson", 1e6), 4'000, kHz, 2));
}

}  // namespace
}  // namespace ringbench
