#include "bench/trial/accounting.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/bench/trial/planted_trial.hpp"

namespace ringbench {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(Accounting, OversubscribedIsTainted) {
  PlantedTrial trial;
  trial.deliver_all();
  trial.spec.placement.oversubscribed = true;
  const auto result = trial.judged();
  EXPECT_EQ(result.status, Status::tainted);
  EXPECT_THAT(result.reason, HasSubstr("oversubscribed: 2 producers"));
}

TEST(Accounting, AThreadFoundElsewhereIsTainted) {
  PlantedTrial trial;
  trial.deliver_all();
  trial.threads[1].migrations = 1;
  trial.threads[1].cpu_wanted = 1;
  trial.threads[1].cpu_found = 3;
  const auto result = trial.judged();
  EXPECT_EQ(result.status, Status::tainted);
  EXPECT_EQ(result.reason, "migration: producer 1 on CPU 1 was found on CPU 3");
}

TEST(Accounting, AFullLogIsTainted) {
  PlantedTrial trial;
  trial.receiver = std::make_unique<Receiver>(2, trial.spec.cell.record_size, true, 0, 10);
  trial.deliver_all();
  const auto result = trial.judged();
  EXPECT_EQ(result.status, Status::tainted);
  EXPECT_THAT(result.reason, HasSubstr("leave out the last 6 records"));
}

TEST(Accounting, AFailureOutranksADoubt) {
  PlantedTrial trial;
  trial.deliver_all();
  trial.spec.placement.oversubscribed = true;
  trial.overwritten = 1;
  EXPECT_EQ(trial.judged().status, Status::failed);
}

TEST(Accounting, TheWindowLeavesOutTheWarmUp) {
  PlantedTrial trial;
  trial.deliver_all();
  trial.producers[0].before_window.notifications = 2;
  trial.producers[1].before_window.drops = trial.producers[1].tally.drops;
  trial.producers[0].tally.notifications = 7;
  const auto result = trial.judged();
  EXPECT_EQ(result.window_s, 2e-3);
  EXPECT_EQ(result.producers[1].window_dropped, 0U);
  EXPECT_EQ(result.producers[0].window_attempted, 6U);
  EXPECT_EQ(result.producers[0].window_dropped, 1U);
  EXPECT_EQ(result.producers[0].window_notifications, 5U);
  EXPECT_EQ(result.producing_ticks, 2 * 2'000'000U);
  EXPECT_EQ(result.order_records, 2 * 5U) << "events 4, 6, 7, 8 and 9 of both";
}

TEST(Accounting, AProducerThatSentNothingInTheWindowIsADoubt) {
  PlantedTrial trial;
  trial.deliver_all();
  trial.producers[1].attempted_before_window = trial.producers[1].attempted;
  const auto result = trial.judged();
  EXPECT_EQ(result.status, Status::tainted);
  EXPECT_EQ(result.reason, "producer 1 never had its CPU in the window");
}

TEST(Accounting, AFirstDropIsToldFromTheStartOfTheWindow) {
  PlantedTrial trial;
  trial.deliver_all();
  trial.producers[1].log.first_drop_ticks = PlantedTrial::kWindowBegin + 250'500;
  const auto result = trial.judged();
  EXPECT_FALSE(result.producers[0].first_drop_us);
  EXPECT_DOUBLE_EQ(result.producers[1].first_drop_us.value(), 250.5);
}

// At 3 GHz three ticks are a nanosecond.
TEST(Accounting, TicksBecomeNanoseconds) {
  PlantedTrial trial;
  trial.spec.clock.hz = 3e9;
  trial.producers[0].log.lag_ticks.record(30, 4);
  trial.producers[1].log.lag_ticks.record(3'000'000);
  const auto result = trial.judged();
  const auto& lag = result.distributions.lag_ns;
  EXPECT_EQ(lag.count(), 5U);
  EXPECT_EQ(lag.percentile(0.5), 10);
  EXPECT_NEAR(lag.percentile(1), 1e6, 1e6 / 64);
  EXPECT_DOUBLE_EQ(result.window_s, 2e6 / 3e9);
}

TEST(Accounting, DeliveryCountsFromTheStamp) {
  PlantedTrial trial;
  trial.spec.clock.hz = 2e9;
  const auto now = ticks();
  trial.timeline.window_begin = now - 10'000'000;
  trial.timeline.window_end = now + 1;
  trial.deliver(0, 0, now - 2'000'000);
  const auto waited = ticks() - now;
  const auto delay = trial.judged().distributions.delivery_ns;
  EXPECT_EQ(delay.count(), 1U);
  EXPECT_GE(delay.max(), 1'000'000U);
  EXPECT_LE(delay.max(), 1'000'001U + waited / 2);
}

TEST(Accounting, OrderIsLookedAtBeyondTheTieWindowAlone) {
  PlantedTrial trial;
  trial.deliver(0, 4, 2'000'000);
  trial.deliver(1, 4, 2'000'000 - 40);  // the clocks may differ by so much
  trial.deliver(1, 5, 2'000'000 - 39);
  trial.deliver(0, 6, 2'500'000);
  trial.deliver(1, 6, 2'500'000 - 41);
  const auto result = trial.judged();
  EXPECT_EQ(result.tie_window_ticks, 40U);
  EXPECT_EQ(result.order_records, 5U);
  EXPECT_EQ(result.reordered, 1U);
  EXPECT_EQ(result.distributions.reorder_extent.max(), 1U);
}

TEST(Accounting, OrderMetricsAreKept) {
  PlantedTrial trial;
  trial.spec.clock.offset_bound_ticks = 0;
  for (const std::uint64_t place : {1, 6, 7, 2, 3, 4, 5, 8}) {
    trial.deliver(place < 5 ? 0 : 1, 10 + place, PlantedTrial::kWindowBegin + 1'000 * place);
  }
  const auto result = from_bytes(to_bytes(trial.judged()));
  const auto& all = result.distributions;
  EXPECT_EQ(result.order_records, 8U);
  EXPECT_EQ(all.late_time_ns.count(), 4U);
  EXPECT_GT(all.late_time_ns.max(), 0U);
  EXPECT_EQ(all.n_reordering.max(), 2U);
  EXPECT_EQ(all.reordering_free_run.count(), 4U);
  EXPECT_EQ(all.reordering_free_run.max(), 3U);
  EXPECT_EQ(all.buffer_occupancy.mean(), 9.0 / 8);
  using Bucket = SignedHistogram::Bucket;
  EXPECT_THAT(all.reorder_density.buckets(),
              ElementsAre(Bucket{-4, -4, 2}, Bucket{0, 0, 2}, Bucket{2, 2, 4}));
}

TEST(Accounting, WithoutADropEverythingWasAcceptedBeforeIt) {
  PlantedTrial trial;
  trial.deliver_all();
  trial.producers[0].accepted_before_drop = 5;
  trial.producers[1].tally.drops = {};
  const auto result = from_bytes(to_bytes(trial.judged()));
  EXPECT_EQ(result.producers[0].accepted_before_drop, 5U);
  EXPECT_EQ(result.producers[1].accepted_before_drop, 10U);
}

TEST(Accounting, OrderIsThatOfRecordsMadeInTheWindow) {
  PlantedTrial trial;
  trial.deliver(0, 0, PlantedTrial::kWindowBegin - 1);
  trial.deliver(0, 1, PlantedTrial::kWindowBegin);
  trial.deliver(0, 2, PlantedTrial::kWindowEnd - 1);
  trial.deliver(0, 4, PlantedTrial::kWindowEnd);
  EXPECT_EQ(trial.judged().order_records, 2U);
}

TEST(Accounting, ShortStampsWidenTheTieWindow) {
  PlantedTrial trial;
  trial.spec.cell.record_size = 8;
  trial.receiver = std::make_unique<Receiver>(2, 8, true, 0, 10);
  EXPECT_EQ(trial.judged().tie_window_ticks, 40U + 16U);
}

TEST(Accounting, AClockThatIsNotInvariantMakesDoubtful) {
  PlantedTrial trial;
  trial.spec.clock.invariant = false;
  trial.deliver_all();
  const auto result = trial.judged();
  EXPECT_EQ(result.status, Status::tainted);
  EXPECT_THAT(result.reason, HasSubstr("not invariant"));
}

TEST(Accounting, WithoutStampsOrderIsNotLookedAt) {
  PlantedTrial trial;
  trial.spec.cell.stamps = false;
  trial.receiver = std::make_unique<Receiver>(2, trial.spec.cell.record_size, false, 0, 0);
  trial.deliver_all();
  const auto result = trial.judged();
  EXPECT_EQ(result.status, Status::ok) << result.reason;
  EXPECT_FALSE(result.stamped);
  EXPECT_EQ(result.distributions.delivery_ns.count(), 0U);
}

// Two consumers' logs become one delivered sequence, by the time of delivery.
TEST(Accounting, DeliveriesOfSeveralConsumersAreOneSequence) {
  PlantedTrial trial;
  trial.spec.placement.consumer_cpus = {2, 3};
  std::vector<ConsumerRecord> consumers(2);
  for (auto& consumer : consumers) {
    consumer.receiver = std::make_unique<Receiver>(2, trial.spec.cell.record_size, true, 0, 100);
    consumer.log.peak_bytes = {64};
    consumer.log.peak_pool_bytes = 64;
  }
  const auto give = [&](std::size_t consumer, std::uint32_t producer, std::uint64_t sequence,
                        std::uint64_t stamp) {
    trial.receiver.swap(consumers[consumer].receiver);
    trial.deliver(producer, sequence, stamp);
    trial.receiver.swap(consumers[consumer].receiver);
  };
  give(0, 0, 4, 2'000'000);
  give(1, 1, 4, 1'500'000);  // later, though made earlier
  give(0, 0, 6, 2'600'000);
  for (auto& producer : trial.producers) producer = {};
  trial.producers[0].attempted = 7;
  trial.producers[0].tally.committed = 2;
  trial.producers[0].tally.discarded = 5;
  trial.producers[1].attempted = 5;
  trial.producers[1].tally.committed = 1;
  trial.producers[1].tally.discarded = 4;
  for (auto& producer : trial.producers) producer.attempted_after_window = producer.attempted;
  TrialRecord record{.spec = trial.spec, .timeline = trial.timeline};
  record.producers = trial.producers;
  record.consumers = std::move(consumers);
  record.threads = trial.threads;
  record.nodes_found = trial.nodes_found;
  record.elapsed_s = 1;
  const auto result = account(record);
  EXPECT_EQ(result.status, Status::ok) << result.reason;
  EXPECT_EQ(result.order_records, 3U);
  EXPECT_EQ(result.reordered, 1U);
  EXPECT_EQ(result.distributions.reorder_extent.max(), 1U) << "it came second, not last";
  EXPECT_EQ(result.peak_pool_bytes, 128U);
  EXPECT_EQ(result.rings[1].peak_bytes, 64U);
}

TEST(Accounting, SumsOverConsumersAndProducers) {
  PlantedTrial trial;
  trial.deliver_all();
  trial.steal_ms = 20;
  trial.log.facts.polls = 9;
  trial.log.peak_bytes = {100, 200};
  trial.log.peak_pool_bytes = 250;
  trial.producers[0].log.reserve.record(10);
  trial.producers[1].log.reserve.record(20);
  trial.producers[1].log.gap.record(3);
  const auto result = trial.judged();
  EXPECT_EQ(result.consumer.polls, 9U);
  EXPECT_EQ(result.rings[0].peak_bytes, 100U);
  EXPECT_EQ(result.rings[1].peak_bytes, 200U);
  EXPECT_EQ(result.peak_pool_bytes, 250U);
  EXPECT_EQ(result.distributions.reserve.count(), 2U);
  EXPECT_EQ(result.distributions.gap.max(), 3U);
  EXPECT_EQ(result.producers[0].reserve_cycles_p50, 10);
  EXPECT_EQ(result.producers[0].event_samples, 0U);
  EXPECT_EQ(result.footprint_bytes, 12'345U);
  EXPECT_EQ(result.steal_ms, 20);
  EXPECT_DOUBLE_EQ(result.steal_share, 0.02 / 3);
}

}  // namespace
}  // namespace ringbench
