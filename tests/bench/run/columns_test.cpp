#include "bench/trial/columns.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "tests/bench/run/store_document.hpp"
#include "tests/bench/trial/planted_trial.hpp"

namespace ringbench {
namespace {

using ::testing::ElementsAreArray;
using Maybe = std::optional<double>;

Maybe value(const char* name, const TrialResult& result) {
  return find_column(name).value(result);
}

std::vector<std::string> names() {
  std::vector<std::string> all;
  for (const auto& column : columns()) all.emplace_back(column.name);
  return all;
}

TEST(Columns, HaveNamesOfTheirOwnAndAMeaning) {
  const auto all = names();
  EXPECT_EQ(std::set<std::string>(all.begin(), all.end()).size(), all.size());
  for (const auto& column : columns()) {
    EXPECT_FALSE(column.meaning.empty()) << column.name;
    EXPECT_EQ(find_column(column.name).name, column.name);
  }
}

TEST(Columns, EndInTheirUnit) {
  const std::set<std::pair<std::string_view, std::string_view>> units{
      {"s", "_s"}, {"ms", "_ms"}, {"1/s", "_rate"}, {"bytes", "_bytes"}};
  for (const auto& [unit, ending] : units) {
    for (const auto& column : columns()) {
      EXPECT_EQ(column.unit == unit, column.name.ends_with(ending)) << column.name;
    }
  }
  for (const auto& column : columns()) {
    const bool of_the_core = column.name.find("core_cycles") != std::string_view::npos;
    EXPECT_EQ(column.unit == "cycles",
              !of_the_core && column.name.find("_cycles") != std::string_view::npos)
        << column.name;
    EXPECT_EQ(column.unit == "us", column.name.find("_us") != std::string_view::npos)
        << column.name;
    EXPECT_EQ(column.unit == "core cycles", column.name.ends_with("_core_cycles")) << column.name;
    EXPECT_EQ(column.unit == "ns", column.name.find("_ns") != std::string_view::npos)
        << column.name;
  }
}

TEST(Columns, AreThoseOfTheDocument) {
  EXPECT_THAT(names(), ElementsAreArray(documented_metrics()));
}

TEST(Columns, ConservationIsSummedOverProducers) {
  PlantedTrial trial;
  trial.deliver_all();
  const auto result = trial.judged();
  EXPECT_EQ(value("attempted", result), 20);
  EXPECT_EQ(value("committed", result), 16);
  EXPECT_EQ(value("discarded", result), 2);
  EXPECT_EQ(value("consumed", result), 16);
  EXPECT_EQ(value("drop_no_space", result), 2);
  EXPECT_EQ(value("drop_lock_busy", result), 0);
  EXPECT_EQ(value("data_bytes", result), 8'192);
}

TEST(Columns, RatesAndFractionsAreOfTheWindow) {
  PlantedTrial trial;
  trial.deliver_all();
  trial.log.facts.consumed = 8;
  const auto result = trial.judged();
  EXPECT_EQ(value("window_attempted", result), 12);
  EXPECT_EQ(value("window_dropped", result), 2);
  EXPECT_DOUBLE_EQ(*value("drop_fraction", result), 2.0 / 12);
  EXPECT_DOUBLE_EQ(*value("achieved_rate", result), 12 / 2e-3);
  EXPECT_DOUBLE_EQ(*value("delivered_rate", result), 8 / 2e-3);
  EXPECT_FALSE(value("offered_rate", result)) << "saturating producers are offered no rate";
  EXPECT_DOUBLE_EQ(*value("event_amortised_cycles", result), 4'000'000.0 / 12);
}

TEST(Columns, CoreCyclesAreThereWhereEveryProducersWereCounted) {
  PlantedTrial trial;
  trial.producers[0].core_cycles = 5e6;
  const auto result = trial.judged();
  EXPECT_FALSE(value("event_amortised_core_cycles", result));
  EXPECT_FALSE(value("core_cycles_per_tick", result));
}

TEST(Columns, CoreCyclesAreSummedOverProducers) {
  PlantedTrial trial;
  trial.producers[0].core_cycles = 5e6;
  trial.producers[1].core_cycles = 1e6;
  const auto result = trial.judged();
  EXPECT_DOUBLE_EQ(*value("event_amortised_core_cycles", result), 6e6 / 12);
  EXPECT_DOUBLE_EQ(*value("core_cycles_per_tick", result), 6e6 / 4e6);
}

TEST(Columns, PacedProducersHaveAnOfferedRateAndNoAmortisedCost) {
  PlantedTrial trial;
  trial.spec.cell.arrival = "constant";
  trial.spec.cell.rate = 3'000;
  trial.producers[0].core_cycles = trial.producers[1].core_cycles = 5e6;
  const auto result = trial.judged();
  EXPECT_EQ(value("offered_rate", result), 6'000);
  EXPECT_FALSE(value("event_amortised_cycles", result));
  EXPECT_FALSE(value("event_amortised_core_cycles", result));
}

// A percentile is told when five observations lie beyond it.
TEST(Columns, PercentilesNeedObservationsBeyondThem) {
  struct Need {
    const char* name;
    std::uint64_t observations;
  };
  for (const auto& [name, observations] :
       {Need{"event_cycles_p50", 10}, Need{"event_cycles_p90", 50}, Need{"event_cycles_p99", 500},
        Need{"event_cycles_p999", 5'000}}) {
    TrialResult result;
    result.distributions.event.record(70, observations - 1);
    EXPECT_FALSE(value(name, result)) << name;
    result.distributions.event.record(70);
    EXPECT_EQ(value(name, result), 70) << name;
  }
}

TEST(Columns, MaximumAndMeanNeedOneObservation) {
  TrialResult result;
  EXPECT_FALSE(value("event_cycles_max", result));
  EXPECT_FALSE(value("event_cycles_mean", result));
  result.distributions.event.record(0);
  EXPECT_EQ(value("event_cycles_max", result), 0);
  EXPECT_EQ(value("event_cycles_mean", result), 0);
}

TEST(Columns, OfDistributionsAreTheirOwn) {
  TrialResult result;
  auto& all = result.distributions;
  all.reserve.record(1);
  all.commit.record(2);
  all.event.record(3);
  all.delivery_ns.record(4);
  all.lag_ns.record(5);
  all.gap.record(6);
  all.reorder_extent.record(7);
  all.refused.record(8, 10);
  all.late_time_ns.record(9);
  all.reordering_free_run.record(10);
  all.buffer_occupancy.record(11);
  EXPECT_EQ(value("reserve_cycles_max", result), 1);
  EXPECT_EQ(value("commit_cycles_max", result), 2);
  EXPECT_EQ(value("event_cycles_max", result), 3);
  EXPECT_EQ(value("delivery_ns_max", result), 4);
  EXPECT_EQ(value("lag_ns_max", result), 5);
  EXPECT_EQ(value("gap_max", result), 6);
  EXPECT_EQ(value("reorder_extent_max", result), 7);
  EXPECT_EQ(value("refused_cycles_p50", result), 8);
  EXPECT_EQ(value("late_time_ns_max", result), 9);
  EXPECT_EQ(value("reordering_free_run_mean", result), 10);
  EXPECT_EQ(value("buffer_occupancy_max", result), 11);
  EXPECT_EQ(value("buffer_occupancy_mean", result), 11);
}

TEST(Columns, WithoutRingsNothingIsSaidOfAConsumer) {
  const TrialResult result;
  for (const char* name : {"lost_marked",
                           "delivered_rate",
                           "polls",
                           "empty_polls",
                           "wakeups",
                           "sleeps",
                           "lost_wakeups",
                           "late_wakeups",
                           "consumer_cpu_share",
                           "sequence_gaps_seen",
                           "gap_place_records_max",
                           "notifications",
                           "peak_pool_bytes",
                           "peak_ring_bytes",
                           "consumer_cycles",
                           "order_records",
                           "reordered_ratio",
                           "tie_window_cycles",
                           "drop_fraction",
                           "first_drop_us",
                           "n_reordering_1_ratio",
                           "reorder_density_zero",
                           "buffer_occupancy_max",
                           "jain_index",
                           "worst_drop_fraction",
                           "accepted_before_drop"}) {
    EXPECT_FALSE(value(name, result)) << name;
  }
}

// Each producer's numbers skip two: one refused, one discarded.
TEST(Columns, DropsAreSeenInTheNumbersOfRecords) {
  PlantedTrial trial;
  trial.deliver_all();
  const auto result = trial.judged();
  EXPECT_EQ(value("sequence_gaps_seen", result), 2);
  EXPECT_EQ(value("gap_place_records_max", result), 1);
}

TEST(Columns, WakeupsAreLostOnlyWhereTheyArePromised) {
  PlantedTrial trial;
  trial.deliver_all();
  trial.log.facts.sleeps = 9;
  trial.log.facts.lost_wakeups = 2;
  trial.log.facts.late_wakeups = 1;
  trial.log.facts.cpu_ns = 500'000;
  auto result = trial.judged();
  EXPECT_EQ(value("sleeps", result), 9);
  EXPECT_FALSE(value("lost_wakeups", result));
  EXPECT_FALSE(value("late_wakeups", result));
  EXPECT_EQ(value("consumer_cpu_share", result), 0.25);
  result.wakeups_promised = true;
  EXPECT_EQ(value("lost_wakeups", result), 2);
  EXPECT_EQ(value("late_wakeups", result), 1);
}

TEST(Columns, TheFirstDropIsTheEarliestOfAnyProducer) {
  TrialResult result;
  result.producers.resize(3);
  result.producers[1].first_drop_us = 70;
  result.producers[2].first_drop_us = 30;
  EXPECT_EQ(value("first_drop_us", result), 30);
}

TEST(Columns, OrderIsARatio) {
  TrialResult result;
  result.stamped = true;
  EXPECT_FALSE(value("reordered_ratio", result)) << "of no records";
  result.order_records = 8;
  result.reordered = 2;
  EXPECT_EQ(value("reordered_ratio", result), 0.25);
}

// Of 8 records one is 1-reordered and no more, one 5-reordered.
TEST(Columns, NReorderingIsAShareOfAllRecords) {
  TrialResult result;
  result.stamped = true;
  EXPECT_FALSE(value("n_reordering_1_ratio", result)) << "of no records";
  result.order_records = 8;
  result.distributions.n_reordering.record(1);
  result.distributions.n_reordering.record(5);
  EXPECT_EQ(value("n_reordering_1_ratio", result), 0.25);
  EXPECT_EQ(value("n_reordering_2_ratio", result), 0.125);
  EXPECT_EQ(value("n_reordering_3_ratio", result), 0.125);
}

TEST(Columns, TheDensityAtZeroIsAShareOfAllRecords) {
  TrialResult result;
  result.stamped = true;
  EXPECT_FALSE(value("reorder_density_zero", result)) << "of no records";
  result.order_records = 4;
  EXPECT_EQ(value("reorder_density_zero", result), 0) << "all displaced";
  result.distributions.reorder_density.record(0);
  result.distributions.reorder_density.record(-1, 2);
  EXPECT_EQ(value("reorder_density_zero", result), 0.25);
}

TEST(Columns, AcceptedBeforeDropIsSummedWhereSomethingWasDropped) {
  TrialResult result;
  result.producers.resize(2);
  result.producers[0].accepted_before_drop = 100;
  result.producers[1].accepted_before_drop = 30;
  EXPECT_FALSE(value("accepted_before_drop", result));
  result.producers[0].flow.tally.drops[0] = 1;
  EXPECT_EQ(value("accepted_before_drop", result), 130);
}

TEST(Headline, IsTheAmortisedCostOrTheMedianOfTheTimedEvents) {
  TrialResult result;
  result.saturated = true;
  result.producing_ticks = 300;
  result.producers.resize(1);
  result.producers[0].window_attempted = 10;
  result.distributions.event.record(99, 20);
  EXPECT_EQ(headline(result), 30);
  result.saturated = false;
  EXPECT_EQ(headline(result), 99);
  result.distributions.event = {};
  EXPECT_FALSE(headline(result));
}

}  // namespace
}  // namespace ringbench
