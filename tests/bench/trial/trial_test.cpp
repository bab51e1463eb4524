#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <variant>

#include "bench/trial/columns.hpp"
#include "bench/trial/entry.hpp"
#include "bench/trial/isolation.hpp"
#include "tests/bench/trial/short_trial.hpp"

namespace ringbench {
namespace {

class TrialTest : public WholeTrial {};

TEST_F(TrialTest, OfNullEverythingIsOverwrittenAndNothingDelivered) {
  const auto result = run(short_cell("null"));
  const auto sum = result.total();
  EXPECT_EQ(sum.attempted, sum.tally.committed);
  EXPECT_EQ(sum.overwritten, sum.tally.committed);
  EXPECT_EQ(sum.consumed, 0U);
  EXPECT_FALSE(value("delivered_rate", result));
  EXPECT_FALSE(value("reordered_ratio", result));
  EXPECT_GT(value("event_amortised_cycles", result), 0);
}

TEST_F(TrialTest, TimesOneEventInSoMany) {
  for (const std::uint64_t every : {16, 128}) {
    Cell cell = short_cell("null");
    cell.sample_every = every;
    const auto result = run(cell);
    const auto& all = result.distributions;
    const auto samples = all.reserve.count() + all.commit.count() + all.event.count();
    const double events = static_cast<double>(window_sum(result, &ProducerFacts::window_attempted));
    EXPECT_NEAR(events / static_cast<double>(samples), static_cast<double>(every),
                0.1 * static_cast<double>(every));
    EXPECT_EQ(all.refused.count(), 0U);
  }
}

TEST_F(TrialTest, TimesNothingIfItIsToldTo) {
  Cell cell = short_cell("ringbuf");
  cell.sample_every = 0;
  const auto result = run(cell);
  for (const char* name :
       {"reserve_cycles_p50", "commit_cycles_max", "event_cycles_mean", "refused_cycles_p50"}) {
    EXPECT_FALSE(value(name, result)) << name;
  }
  EXPECT_GT(value("event_amortised_cycles", result), 0);
}

TEST_F(TrialTest, WithoutStampsThereIsNoOrder) {
  Cell cell = short_cell("ringbuf");
  cell.stamps = false;
  const auto result = run(cell);
  for (const char* name :
       {"order_records", "reordered_ratio", "tie_window_cycles", "delivery_ns_p50"}) {
    EXPECT_FALSE(value(name, result)) << name;
  }
}

TEST_F(TrialTest, OneProducersRecordsAreInOrder) {
  Cell cell = short_cell("ringbuf");
  cell.poll = "after_window";
  const auto result = run(cell);
  EXPECT_GT(result.order_records + result.total().tally.dropped(), 0U);
  EXPECT_EQ(result.reordered, 0U);
}

TEST_F(TrialTest, APacedProducerAttemptsWhatIsDue) {
  Cell cell = short_cell("ringbuf");
  cell.arrival = "constant";
  cell.rate = 20'000;
  cell.poll = "epoll";
  cell.duration_ms = 20;
  const auto due = 20'000 * 22e-3;
  const auto off = [&](const TrialResult& result) {
    return std::abs(static_cast<double>(result.total().attempted) - due);
  };
  const auto result = run_until(cell, [&](const TrialResult& any) { return off(any) < due * 0.2; });
  EXPECT_EQ(value("offered_rate", result), 20'000);
  EXPECT_LT(off(result), due * 0.2);
  EXPECT_EQ(result.total().tally.dropped(), 0U);
  EXPECT_GT(result.distributions.lag_ns.count(), 0U);
  EXPECT_FALSE(value("event_amortised_cycles", result));
}

// 255 records of 8 bytes are what a ring of 4096 holds: a consumer that comes later finds them, all
// else is refused.
TEST_F(TrialTest, AConsumerAfterTheWindowFindsAFullRing) {
  Cell cell = short_cell("ringbuf");
  cell.poll = "after_window";
  cell.record_size = 8;
  cell.bytes = 4'096;
  cell.warmup_ms = 20;  // so that the ring is full before the window, under any sanitizer
  const auto result =
      run_until(cell, [](const TrialResult& any) { return value("drop_fraction", any) == 1; });
  EXPECT_EQ(result.total().consumed, 255U);
  EXPECT_EQ(result.total().attempted - 255, result.total().tally.dropped());
  EXPECT_EQ(value("drop_fraction", result), 1);
  EXPECT_EQ(result.rings[0].peak_bytes, 255U * 16);
  EXPECT_EQ(value("peak_pool_bytes", result), 255 * 16);
}

TEST_F(TrialTest, OverwritingRefusesNothing) {
  Cell cell = short_cell("ringbuf");
  cell.poll = "after_window";
  cell.bytes = 4'096;
  cell.record_size = 8;
  cell.options["overwrite"] = "on";
  const auto result = run(cell);
  EXPECT_EQ(result.total().tally.dropped(), 0U);
  EXPECT_EQ(result.total().consumed, 255U);
  EXPECT_EQ(result.total().overwritten, result.total().tally.committed - 255);
}

// Some 10 million events: several times what the sequence of a stamped record of 8 bytes can count.
TEST_F(TrialTest, ManyShortRecordsOverwrittenInARowAreNoViolation) {
  for (const bool stamps : {true, false}) {
    Cell cell = short_cell("perfbuf");
    cell.poll = "after_window";
    cell.record_size = 8;
    cell.options["overwrite"] = "on";
    cell.stamps = stamps;
    cell.sample_every = 0;
    cell.duration_ms = 400;
    const auto result = run(cell);
    EXPECT_EQ(result.status, Status::ok) << result.reason;
  }
}

// The last point lies before the end, so it may lack what came after it, and no more.
TEST_F(TrialTest, TellsHowItWent) {
  Cell cell = short_cell("perfbuf");
  cell.bytes = 4'096;
  const auto result = run_until(cell, [](const TrialResult& any) {
    return std::ranges::all_of(any.series, [](const auto& series) {
      return series.points.size() > 2 && series.points.back().second > 0;
    });
  });
  ASSERT_EQ(result.series.size(), 4U);
  for (const auto& [role, number, name, points] : result.series) {
    ASSERT_GT(points.size(), 2U) << name;
    EXPECT_TRUE(std::ranges::is_sorted(points, {}, &std::pair<double, double>::first)) << name;
    const double last = points.back().second;
    if (name == "occupancy_bytes") {
      for (const auto& [us, bytes] : points) EXPECT_LE(bytes, 4'096);
      continue;
    }
    EXPECT_TRUE(std::ranges::is_sorted(points, {}, &std::pair<double, double>::second)) << name;
    const auto total = result.total();
    const auto whole = name == "attempted" ? total.attempted
                       : name == "dropped" ? total.tally.dropped()
                                           : total.consumed;
    EXPECT_GT(last, 0) << name;
    EXPECT_LE(last, static_cast<double>(whole)) << name;
  }
}

TEST_F(TrialTest, NotificationsFollowTheRule) {
  Cell cell = short_cell("ringbuf");
  cell.poll = "epoll";
  cell.arrival = "constant";
  cell.rate = 20'000;
  cell.options["notify"] = "always";
  const auto always = run(cell);
  EXPECT_EQ(window_sum(always, &ProducerFacts::window_notifications),
            window_sum(always, &ProducerFacts::window_attempted) -
                window_sum(always, &ProducerFacts::window_dropped));
  cell.options["notify"] = "never";
  const auto never = run(cell);
  EXPECT_EQ(never.total().tally.notifications, 0U);
  EXPECT_EQ(never.consumer.wakeups, 0U);
  cell.options["notify"] = "adaptive";
  const auto adaptive =
      run_until(cell, [](const TrialResult& any) { return any.consumer.wakeups > 0; });
  EXPECT_GT(adaptive.total().tally.notifications, 0U);
  EXPECT_LE(adaptive.total().tally.notifications, adaptive.total().tally.committed);
  EXPECT_GT(adaptive.consumer.wakeups, 0U);
}

TEST_F(TrialTest, NoWakeupIsLostWhereOneIsPromised) {
  Cell cell = short_cell("ringbuf");
  cell.poll = "epoll";
  cell.arrival = "constant";
  cell.rate = 300;  // most sleeps last until they are ended, some for their whole patience
  cell.duration_ms = 100;
  const auto result = run_until(cell, [](const TrialResult& any) {
    return value("lost_wakeups", any) > 0 ||
           (value("sleeps", any) > 5 && value("consumer_cpu_share", any).value_or(9) < 0.5);
  });
  EXPECT_GT(value("sleeps", result), 5);
  EXPECT_EQ(value("lost_wakeups", result), 0);
  EXPECT_TRUE(value("late_wakeups", result));
  EXPECT_LT(value("consumer_cpu_share", result).value_or(9), 0.5);
  cell.options["notify"] = "never";
  const auto never =
      run_until(cell, [](const TrialResult& any) { return value("sleeps", any) > 2; });
  EXPECT_GT(value("sleeps", never), 2);
  EXPECT_FALSE(value("lost_wakeups", never));
}

// The consumer never moves, so it stands at the first record alone.
TEST_F(TrialTest, AdaptiveNotifiesOnlyWhereTheConsumerStands) {
  Cell cell = short_cell("ringbuf");
  cell.poll = "after_window";
  const auto result = run(cell);
  EXPECT_EQ(result.total().tally.notifications, 1U);
}

TEST_F(TrialTest, LossesAreMarkedInPlaceByThePerfBuffer) {
  Cell cell = short_cell("perfbuf");
  cell.bytes = 4'096;
  cell.poll = "epoll";
  cell.duration_ms = 30;
  const auto result = run_until(cell, [](const TrialResult& any) {
    return value("lost_marked", any) > 0 && value("sequence_gaps_seen", any) > 0 &&
           any.distributions.gap.count() > 0;
  });
  EXPECT_GT(result.total().tally.dropped(), 0U);
  EXPECT_GT(value("lost_marked", result), 0);
  EXPECT_LE(value("lost_marked", result), static_cast<double>(result.total().tally.dropped()));
  EXPECT_GT(result.distributions.gap.count(), 0U);
  EXPECT_GT(value("sequence_gaps_seen", result), 0);
  EXPECT_LE(value("sequence_gaps_seen", result),
            static_cast<double>(result.total().tally.dropped()));
  EXPECT_EQ(value("gap_place_records_max", result), 0) << "each producer has a ring of its own";
  EXPECT_GE(value("first_drop_us", result), 0);
}

TEST_F(TrialTest, MoreProducersThanCpusIsMarked) {
  Cell cell = short_cell("ringbuf");
  cell.producers = machine().cpus.size() + 1;
  cell.oversubscribe = true;
  cell.poll = "epoll";
  const auto spec = specified(cell);
  ASSERT_TRUE(std::holds_alternative<TrialSpec>(spec));
  const auto result = run_isolated(find_entry("ringbuf"), std::get<TrialSpec>(spec));
  EXPECT_EQ(result.status, Status::tainted) << result.reason;
}

TEST_F(TrialTest, MoreProducersThanCpusIsRefusedUnasked) {
  Cell cell = short_cell("ringbuf");
  cell.producers = machine().cpus.size() + 1;
  EXPECT_TRUE(std::holds_alternative<Refusal>(specified(cell)));
}

}  // namespace
}  // namespace ringbench
