#include "planner/line_simulation.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <ctime>
#include <functional>
#include <stdexcept>

#include "tests/planner/published_machines.hpp"

namespace ringbench::planner {
namespace {

constexpr double kApart = 60;  // ns between any two CPUs of most tests
constexpr double kNeverFull = 1e9;

Latencies uniform(unsigned cpus, double ns = kApart) {
  return {cpus, std::vector<double>(std::size_t{cpus} * cpus, ns)};
}

LinePlan plan_of(unsigned producers, bool consumes = false) {
  LinePlan plan;
  plan.latencies = uniform(producers + (consumes ? 1 : 0));
  plan.consumes = consumes;
  plan.ring_records = kNeverFull;
  return plan;
}

// Moves that a record takes one after the other: its time over the mean latency.
double serial_moves(LinePlan plan, unsigned producers) {
  plan.between_ns = 0;
  std::vector<unsigned> them(producers);
  std::iota(them.begin(), them.end(), 0U);
  return 1e9 / simulate_lines(plan, 1).records_per_s / plan.latencies.mean(them);
}

// --- one producer -------------------------------------------------------------------------------

TEST(LineSimulation, AProducerThatMeetsNobodyTakesWhatItTakesAlone) {
  for (const auto lock : {LockKind::queued, LockKind::ticket, LockKind::test_and_set}) {
    for (const bool pending_pos : {false, true}) {
      auto plan = plan_of(1);
      plan.lock = lock;
      plan.pending_pos = pending_pos;
      plan.alone_ns = 24;
      plan.outside_lock_ns = 9;
      const auto result = simulate_lines(plan, 3);
      EXPECT_NEAR(result.event_mean, 24, 1e-6);
      EXPECT_NEAR(result.event_p99, 24, 1e-6);
      EXPECT_NEAR(result.reserve_p50, 15, 1e-6);
      EXPECT_NEAR(1e9 / result.records_per_s, 24, 1e-3);
      EXPECT_NEAR(result.lock_busy_fraction, 15.0 / 24, 1e-3);
      EXPECT_EQ(result.moves_per_record, 0) << "nobody takes its lines";
    }
  }
}

// --- saturation ---------------------------------------------------------------------------------

TEST(LineSimulation, OfAQueuedLockARecordTakesAsManyMovesWhateverTheProducers) {
  for (const bool pending_pos : {false, true}) {
    auto few = plan_of(4, true), many = plan_of(64, true);
    few.pending_pos = many.pending_pos = pending_pos;
    EXPECT_NEAR(serial_moves(many, 64) / serial_moves(few, 4), 1, 0.1);
  }
}

TEST(LineSimulation, ARecordTakesLongerInStepWithTheLatency) {
  auto near = plan_of(8, true), far = plan_of(8, true);
  near.consumer_poll_ns = far.consumer_poll_ns = 0;
  near.alone_ns = far.alone_ns = near.outside_lock_ns = far.outside_lock_ns = 0;
  far.latencies = uniform(9, 3 * kApart);
  EXPECT_NEAR(simulate_lines(near, 1).records_per_s / simulate_lines(far, 1).records_per_s, 3,
              0.01);
}

// By its structure alone, nothing fitted: the published machines have 5.2 to 5.6 moves before
// pending_pos and 7.5 to 8.9 with it. With it the simulation has too few, which is why the level is
// that of the formula.
TEST(LineSimulation, ItsMovesAreNearThePublishedOnes) {
  const auto xeon = xeon_e5_2680v4(), epyc = epyc_9654();
  for (const unsigned producers : {8U, 16U, 28U, 52U}) {
    auto plan = plan_of(producers, true);
    plan.latencies = of_producers_and_consumer(xeon.value, producers);
    plan.pending_pos = false;
    const auto before = serial_moves(plan, producers);
    plan.latencies = of_producers_and_consumer(epyc.value, producers);
    plan.pending_pos = true;
    const auto with = serial_moves(plan, producers);
    fmt::print("{} producers: {:.2f} moves before pending_pos, {:.2f} with it\n", producers, before,
               with);
    EXPECT_GT(before, 5.0);
    EXPECT_LT(before, 6.5);
    EXPECT_GT(with, before);
    EXPECT_LT(with, 9.0);
  }
}

// Nothing of the simulation was fitted to them, so this says what its shape is worth. Two producers
// of the EPYC are left out: published with a third of the time of three, as if they never met. What
// one producer takes is no result but an input.
TEST(LineSimulation, ItGivesThePublishedTimesFromTwoProducersOn) {
  for (const auto& machine : {xeon_e5_2680v4(), epyc_9654()}) {
    std::vector<double> errors;
    for (const auto& [producers, published_ns] : published_rows(machine)) {
      if (producers < (machine.code_path == "linux-6.10" ? 3U : 2U)) continue;
      auto plan = plan_of(producers, true);
      plan.latencies = of_producers_and_consumer(machine.value, producers);
      plan.pending_pos = find_code_path(machine.code_path)->pending_pos;
      const auto ns = 1e9 / simulate_lines(plan, 1).records_per_s;
      fmt::print("{} n = {:2}: published {:.0f} ns, simulated {:.0f}\n", machine.column, producers,
                 published_ns, ns);
      errors.push_back(std::abs(std::log(ns / published_ns)));
      EXPECT_LT(errors.back(), std::log(1.5)) << machine.column << ", " << producers;
    }
    EXPECT_LT(median(errors), std::log(1.4)) << machine.column;
  }
}

TEST(LineSimulation, OtherLocksGetWorseWithProducers) {
  const auto moves = [](LockKind lock, unsigned producers) {
    auto plan = plan_of(producers);
    plan.lock = lock;
    return serial_moves(plan, producers);
  };
  EXPECT_NEAR(moves(LockKind::queued, 32) / moves(LockKind::queued, 8), 1, 0.1);
  EXPECT_GT(moves(LockKind::ticket, 32), 2 * moves(LockKind::ticket, 8));
  EXPECT_GT(moves(LockKind::ticket, 32), 3 * moves(LockKind::queued, 32));
  EXPECT_GT(moves(LockKind::test_and_set, 32), 1.5 * moves(LockKind::ticket, 32));
}

TEST(LineSimulation, TestAndSetIsUnfairAndTheQueueIsNot) {
  const auto spread = [](LockKind lock) {
    auto plan = plan_of(16);
    plan.lock = lock;
    const auto result = simulate_lines(plan, 1);
    return result.reserve_p99 / result.reserve_p50;
  };
  EXPECT_LT(spread(LockKind::queued), 1.5);
  EXPECT_GT(spread(LockKind::test_and_set), 3);
}

// --- below saturation ---------------------------------------------------------------------------

TEST(LineSimulation, WhatIsOfferedIsDeliveredAndTheLockIsBusyByTheUtilisationLaw) {
  for (const auto lock : {LockKind::queued, LockKind::ticket, LockKind::test_and_set}) {
    auto plan = plan_of(8, true);
    plan.lock = lock;
    plan.between_ns = 40'000;
    plan.records = 100'000;
    const auto result = simulate_lines(plan, 5);
    const auto offered = 8e9 / (plan.between_ns + result.event_mean);
    EXPECT_NEAR(result.records_per_s / offered, 1, 0.02);
    EXPECT_EQ(result.refused_fraction, 0);
    // Held for the work inside and five to ten moves.
    const auto held_ns = result.lock_busy_fraction / result.records_per_s * 1e9;
    EXPECT_GT(held_ns, 10 + 2 * kApart);
    EXPECT_LT(held_ns, 10 + 10 * kApart);
  }
}

TEST(LineSimulation, AtALowRateACallTakesItsOwnMovesAndNobodyWaits) {
  auto plan = plan_of(16);
  plan.between_ns = 10e6;
  const auto result = simulate_lines(plan, 1);
  EXPECT_LT(result.event_p99, plan.alone_ns + 6 * kApart);
  EXPECT_GE(result.reserve_p99, result.reserve_p50);
  plan.latencies = uniform(16, 0.01);
  EXPECT_NEAR(simulate_lines(plan, 1).event_p99, plan.alone_ns, 0.1) << "next to no distance";
}

TEST(LineSimulation, TheTailGrowsBeforeTheMedianDoes) {
  auto idle = plan_of(16, true), loaded = idle;
  idle.between_ns = 1e6;
  loaded.between_ns = 12'000;
  const auto before = simulate_lines(idle, 1), after = simulate_lines(loaded, 1);
  EXPECT_GT(after.reserve_p99 / before.reserve_p99, 1.3 * after.reserve_p50 / before.reserve_p50);
}

TEST(LineSimulation, AConsumerThatLooksSeldomDisturbsLess) {
  auto looks = plan_of(1, true), sleeps = looks;
  looks.consumer_poll_ns = 0;
  sleeps.consumer_poll_ns = 5'000;
  EXPECT_LT(simulate_lines(sleeps, 1).event_mean, 0.6 * simulate_lines(looks, 1).event_mean);
}

// A record of 2048 bytes is asked for where it begins and where it ends, one of 64 fills a line,
// four of 16 share one.
TEST(LineSimulation, LargeRecordsHaveMoreLines) {
  auto small = plan_of(1, true);
  small.between_ns = 10'000;
  auto line = small, large = small;
  line.record_bytes = 64;
  large.record_bytes = 2048;
  const auto moves = [](const LinePlan& plan) { return simulate_lines(plan, 1).moves_per_record; };
  EXPECT_LT(moves(line), moves(large));
  EXPECT_GT(moves(small), moves(line)) << "the next one's header is in the line that was just read";
}

// The consumer position comes from the consumer, and the consumer has just read the record's first
// line, for the record before ends there, and looks at the producer position.
TEST(LineSimulation, ARecordThatIsLookedForWaitsForThreeLines) {
  auto plan = plan_of(1, true);
  plan.record_bytes = 72;
  plan.between_ns = 10'000;
  plan.consumer_poll_ns = 20;
  const auto inside = plan.alone_ns - plan.outside_lock_ns;
  const auto watched = simulate_lines(plan, 1);
  EXPECT_NEAR(watched.reserve_p50, inside + 3 * kApart, 1e-6);
  EXPECT_NEAR(watched.seen_p50, inside + 5 * kApart, 10) << "and comes by two more";
  EXPECT_GT(watched.consumer_busy_ns, 2 * kApart);
  plan.per_cpu = true;
  const auto buffer = simulate_lines(plan, 1);
  EXPECT_NEAR(buffer.reserve_p50, inside + kApart, 1e-6) << "no store is waited for";
  EXPECT_NEAR(buffer.seen_p50, plan.alone_ns + 3 * kApart, 15);
}

TEST(LineSimulation, AConsumerThatIsBehindTakesNoLineAway) {
  auto plan = plan_of(1, true);
  plan.record_bytes = 72;
  plan.between_ns = 500;
  plan.consumer_ns = 2'000;
  const auto inside = plan.alone_ns - plan.outside_lock_ns;
  EXPECT_NEAR(simulate_lines(plan, 1).reserve_p50, inside, 1e-6);
  EXPECT_EQ(simulate_lines(plan, 1).seen_p50, 0) << "it never waits";
  plan.ring_records = 100;
  const auto full = simulate_lines(plan, 1);
  EXPECT_GT(full.refused_fraction, 0.7);
  EXPECT_NEAR(full.reserve_p50, inside + kApart, 1e-6) << "a record was freed just before";
  plan.per_cpu = true;
  EXPECT_NEAR(simulate_lines(plan, 1).reserve_p50, inside, 1e-6) << "many are freed together";
}

TEST(LineSimulation, MemoryThatTheConsumerHadTheRoundBeforeIsFetchedAhead) {
  auto plan = plan_of(1, true);
  plan.record_bytes = 64;
  plan.ring_records = 128;
  plan.between_ns = 1'000;
  plan.consumer_poll_ns = 5'000;
  plan.cold_ns = 30;
  const auto cold = simulate_lines(plan, 1);
  plan.cold_ns = 0;
  EXPECT_NEAR(cold.event_mean - simulate_lines(plan, 1).event_mean, 30, 3);
  plan.cold_ns = 30;
  plan.consumes = false;
  plan.latencies = uniform(1);
  plan.ring_records = kNeverFull;
  EXPECT_NEAR(simulate_lines(plan, 1).event_mean, plan.alone_ns, 1e-6) << "nobody else had it";
}

// --- a full ring --------------------------------------------------------------------------------

TEST(LineSimulation, AFullRingThatNobodyReadsRefuses) {
  for (const bool pending_pos : {false, true}) {
    auto plan = plan_of(4);
    plan.pending_pos = pending_pos;
    plan.ring_records = 1000;
    plan.warm_up_records = 0;
    plan.records = 5000;
    const auto result = simulate_lines(plan, 1);
    EXPECT_DOUBLE_EQ(result.refused_fraction, 0.8);
    plan.warm_up_records = 2000;
    const auto full = simulate_lines(plan, 1);
    EXPECT_EQ(full.refused_fraction, 1);
    EXPECT_EQ(full.records_per_s, 0);
    EXPECT_EQ(full.event_mean, 0);
    EXPECT_EQ(full.reserve_mean, 0);
  }
}

TEST(LineSimulation, ASlowConsumerDeliversAtItsOwnRate) {
  auto plan = plan_of(4, true);
  plan.ring_records = 64;
  plan.consumer_ns = 3'000;
  const auto result = simulate_lines(plan, 1);
  EXPECT_GT(result.refused_fraction, 0.5);
  EXPECT_GT(1e9 / result.records_per_s, plan.consumer_ns);
  EXPECT_LT(1e9 / result.records_per_s, plan.consumer_ns + 4 * kApart);
}

// --- the level ----------------------------------------------------------------------------------

TEST(LineSimulation, ScaledLatenciesGiveTheMovesThatAreWanted) {
  const auto xeon = xeon_e5_2680v4();
  for (const double wanted : {3.0, 5.4, 8.2, 14.0}) {
    for (const unsigned producers : {2U, 8U, 52U}) {
      auto plan = plan_of(producers, true);
      plan.latencies = of_producers_and_consumer(xeon.value, producers);
      plan.lock = LockKind::ticket;  // the level is that of the queued lock all the same
      std::vector<unsigned> them(producers);
      std::iota(them.begin(), them.end(), 0U);
      const auto ns = wanted * plan.latencies.mean(them);
      plan.latencies = scaled_to(plan, wanted);
      plan.lock = LockKind::queued;
      double sum = 0;
      for (std::uint64_t seed = 100; seed < 120; ++seed) {
        sum += 1e9 / simulate_lines(plan, seed).records_per_s;
      }
      EXPECT_NEAR(sum / 20 / ns, 1, 0.05) << wanted << " moves, " << producers << " producers";
    }
  }
}

TEST(LineSimulation, ScaledLatenciesGiveTheTimeThatAWatchedRecordTook) {
  auto plan = plan_of(1, true);
  plan.record_bytes = 72;
  for (const double wanted : {80.0, 200.0, 900.0}) {
    auto scaled = plan;
    scaled.latencies = scaled_to_watched(plan, wanted);
    scaled.between_ns = 10'000;
    EXPECT_NEAR(simulate_lines(scaled, 5).event_mean / wanted, 1, 0.05) << wanted;
  }
  EXPECT_EQ(scaled_to_watched(plan, 10)(0, 1), kApart) << "less than it takes alone";
  EXPECT_THROW(scaled_to_watched(plan, -1), std::invalid_argument);
}

TEST(LineSimulation, ScalingLeavesAloneWhatItCannotSettle) {
  const auto one = plan_of(1, true);
  EXPECT_EQ(scaled_to(one, 8)(0, 1), kApart) << "one producer shares its lock with nobody";
  auto busy = plan_of(4);
  busy.alone_ns = 10'000;
  busy.outside_lock_ns = 0;
  EXPECT_EQ(scaled_to(busy, 1)(0, 1), 0) << "the work under the lock takes longer than that";
  EXPECT_THROW(scaled_to(busy, 0), std::invalid_argument);
}

// --- the same again, speed, refusals ------------------------------------------------------------

RC_GTEST_PROP(LineSimulation, RepeatsBitForBitAndAddsUp, ()) {
  LinePlan plan;
  const auto cpus = *rc::gen::inRange(2U, 12U);
  std::vector<double> ns;
  for (unsigned i = 0; i < cpus * cpus; ++i) ns.push_back(*rc::gen::inRange(0, 200));
  plan.latencies = {cpus, ns};
  plan.consumes = *rc::gen::arbitrary<bool>();
  plan.lock = *rc::gen::element(LockKind::queued, LockKind::ticket, LockKind::test_and_set);
  plan.pending_pos = *rc::gen::arbitrary<bool>();
  plan.between_ns = *rc::gen::element(0.0, 100.0, 5000.0);
  plan.consumer_ns = *rc::gen::element(0.0, 500.0);
  plan.consumer_poll_ns = *rc::gen::element(0.0, 2000.0);
  plan.record_bytes = *rc::gen::element(16.0, 24.0, 120.0);
  plan.ring_records = *rc::gen::inRange(1, 300);
  plan.warm_up_records = *rc::gen::inRange(0, 300);
  plan.records = *rc::gen::inRange(1, 2000);
  const auto first = simulate_lines(plan, 7), again = simulate_lines(plan, 7);
  RC_ASSERT(first.seconds == again.seconds);
  RC_ASSERT(first.records_per_s == again.records_per_s);
  RC_ASSERT(first.reserve_mean == again.reserve_mean);
  RC_ASSERT(first.event_p99 == again.event_p99);
  RC_ASSERT(first.line_events == again.line_events);
  RC_ASSERT(first.refused_fraction >= 0 && first.refused_fraction <= 1);
  RC_ASSERT(first.reserve_p50 <= first.reserve_p99);
  RC_ASSERT(first.lock_busy_fraction >= 0 && first.lock_busy_fraction <= 1);
  RC_ASSERT(plan.consumes ||
            first.refused_fraction * plan.records + 1e-6 >= plan.records - plan.ring_records);
}

TEST(LineSimulation, AnotherSeedIsAnotherRun) {
  auto plan = plan_of(8, true);
  plan.between_ns = 3'000;
  EXPECT_NE(simulate_lines(plan, 1).event_mean, simulate_lines(plan, 2).event_mean);
}

// At least 30 million line events a second where a core is free; asserted with room for one that is
// not, and for a build that is not optimised.
TEST(LineSimulation, IsFast) {
  for (const unsigned producers : {8U, 64U, 191U}) {
    auto plan = plan_of(producers, true);
    plan.between_ns = producers * 1'500.0;
    plan.records = 200'000;
    double best = 0;
    for (int i = 0; i < 3; ++i) {
      const auto begun = std::clock();  // of this process alone, as others may be at work
      const auto events = static_cast<double>(simulate_lines(plan, 1).line_events);
      best = std::max(best, events * CLOCKS_PER_SEC / static_cast<double>(std::clock() - begun));
    }
    fmt::print("{} producers: {:.0f} million line events/s\n", producers, best * 1e-6);
#ifdef __OPTIMIZE__
    EXPECT_GT(best, 3e6);
#endif
  }
}

TEST(LineSimulation, PlansThatMakeNoSenseAreRefused) {
  const auto refusal = [](const std::function<void(LinePlan&)>& spoil) -> std::string {
    auto plan = plan_of(2, true);
    try {
      spoil(plan);
      simulate_lines(plan, 1);
    } catch (const std::invalid_argument& error) {
      return error.what();
    }
    return "it was taken";
  };
  using testing::HasSubstr;
  EXPECT_EQ(refusal([](LinePlan&) {}), "it was taken");
  EXPECT_THAT(refusal([](LinePlan& p) { p.latencies = uniform(1); }), HasSubstr("more CPUs"));
  EXPECT_THAT(refusal([](LinePlan& p) { p.latencies = uniform(3, NAN); }), HasSubstr("latency"));
  EXPECT_THAT(refusal([](LinePlan& p) { p.alone_ns = -1; }), HasSubstr("0 or more"));
  EXPECT_THAT(refusal([](LinePlan& p) { p.between_ns = NAN; }), HasSubstr("0 or more"));
  EXPECT_THAT(refusal([](LinePlan& p) { p.outside_lock_ns = 50; }), HasSubstr("outside_lock_ns"));
  EXPECT_THAT(refusal([](LinePlan& p) { p.record_bytes = 4; }), HasSubstr("8 bytes"));
  EXPECT_THAT(refusal([](LinePlan& p) { p.per_cpu = true; }), HasSubstr("one producer"));
  EXPECT_THAT(refusal([](LinePlan& p) { p.cold_ns = -1; }), HasSubstr("0 or more"));
  EXPECT_THAT(refusal([](LinePlan& p) { p.ring_records = 0; }), HasSubstr("one record at least"));
  EXPECT_THAT(refusal([](LinePlan& p) { p.records = 0; }), HasSubstr("10 million"));
  EXPECT_THAT(refusal([](LinePlan& p) { p.records = 2e7; }), HasSubstr("10 million"));
}

}  // namespace
}  // namespace ringbench::planner
