#include "planner/contention.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "small_plan.hpp"

namespace ringbench::planner {
namespace {

using testing::ElementsAre;

Plan bursting(unsigned width, bool scattered) {
  auto plan = small_plan();
  auto inputs = plan.inputs.value;
  inputs.rate_per_cpu = 0;
  inputs.burst_rate = 1'000'000;
  inputs.burst_on_us = 100;
  inputs.bursts_per_cpu_s = 1;
  inputs.burst_width = width;
  plan.inputs = exactly(inputs);
  plan.scattered = scattered;
  return plan;
}

std::size_t met(const Plan& plan, const Layout& layout) {
  const auto crowds = crowds_at(plan, plan.inputs.value, producers_of_rings(layout)[0]);
  EXPECT_EQ(crowds.size(), 1U);
  return crowds.at(0).producers.size();
}

TEST(ContentionTest, ProducersOfRings) {
  const auto rings = producers_of_rings(rings_of(3, 4096));
  ASSERT_EQ(rings.size(), 3U);
  EXPECT_THAT(rings[1], ElementsAre(3, 4, 5));
  EXPECT_THAT(rings[2], ElementsAre(6, 7));
}

TEST(ContentionTest, SteadySendersAllMeet) {
  const auto plan = small_plan();
  const auto crowds = crowds_at(plan, plan.inputs.value, producers_of_rings(shared_ring(4096))[0]);
  ASSERT_EQ(crowds.size(), 1U);
  EXPECT_EQ(crowds[0].producers.size(), 8U);
  EXPECT_EQ(crowds[0].share, 1);
}

TEST(ContentionTest, ABurstMeetsItsWidthOnASharedRing) {
  EXPECT_EQ(met(bursting(5, true), shared_ring(4096)), 5U);
  EXPECT_EQ(met(bursting(5, false), shared_ring(4096)), 5U);
}

TEST(ContentionTest, AndNobodyOnARingOfItsOwn) {
  EXPECT_EQ(met(bursting(5, true), rings_of(1, 4096)), 1U);
}

// Of 4 neighbours in 8 on rings of 4: all on one ring at 1 position, 3 and 1 at the next, ...: seen
// from a record, (16 + 9 + 4 + 1) / (4 + 3 + 2 + 1), twice over, less the one counted twice.
TEST(ContentionTest, NeighboursMeetMoreThanScatteredOnes) {
  EXPECT_EQ(met(bursting(4, false), rings_of(4, 4096)), 3U);  // 44 / 16
  EXPECT_EQ(met(bursting(4, true), rings_of(4, 4096)), 2U);   // 1 + 3 * 3 / 7
}

TEST(ContentionTest, ATraceIsSeenAtItsMedianAndItsHeaviest) {
  auto plan = small_plan();
  plan.trace.bin_s = 0.1;
  plan.trace.rates.assign(100, std::vector<double>(8, 1'000));
  plan.trace.rates[3] = {50'000, 50'000, 0, 0, 0, 0, 0, 0};
  const auto crowds = crowds_at(plan, plan.inputs.value, producers_of_rings(shared_ring(4096))[0]);
  ASSERT_EQ(crowds.size(), 2U);
  EXPECT_EQ(crowds[0].producers.size(), 8U);
  EXPECT_EQ(crowds[0].rate, 1'000);
  EXPECT_THAT(crowds[1].producers, ElementsAre(0, 1));
  EXPECT_EQ(crowds[1].rate, 50'000);
}

TEST(ContentionTest, TheLockTakesWhatTheFormulaSays) {
  const auto plan = small_plan();
  const auto latencies = latencies_of(plan, plan.inputs.value);
  EXPECT_NEAR(lock_records_per_s(latencies, {0, 1, 2, 3}, plan.inputs.value), 1e9 / 800, 1);
  EXPECT_NEAR(lock_records_per_s(latencies, {0}, plan.inputs.value), 1e9 / 40, 1);
}

TEST(ContentionTest, LatenciesAreScaledByTheirFactor) {
  auto plan = small_plan();
  plan.inputs.value.latency_factor = 2;
  EXPECT_EQ(latencies_of(plan, plan.inputs.value)(0, 5), 200);
}

TEST(ContentionTest, AReserveThatMeetsNobodyTakesWhatItTakesAlone) {
  const auto plan = bursting(1, true);
  const auto& inputs = plan.inputs.value;
  const auto latencies = latencies_of(plan, inputs);
  const auto cost = reserve_cost(plan, Kind::shared, inputs, latencies, {{{0}, 1'000, 1.0}}, 1);
  EXPECT_GE(cost.p50_ns, 25 * 0.9);
  EXPECT_LE(cost.p50_ns, 25 + 3 * 100) << "and what the consumer took away";
}

TEST(ContentionTest, AReserveThatMeetsAllWaitsForAll) {
  const auto plan = small_plan();
  const auto& inputs = plan.inputs.value;
  const auto latencies = latencies_of(plan, inputs);
  const auto all = producers_of_rings(shared_ring(4096))[0];
  const auto cost = reserve_cost(plan, Kind::shared, inputs, latencies, {{all, 1e9, 1.0}}, 1);
  EXPECT_GT(cost.p50_ns, 0.6 * 8 * 800);
  EXPECT_LT(cost.p50_ns, 1.2 * 8 * 800);
  EXPECT_GE(cost.p99_ns, cost.p50_ns);
}

// 6 CPUs on one ring and 2 on the other: the same rate each.
TEST(ContentionTest, OnlyTheRingWhoseLockIsAskedForTooMuchLosesRecords) {
  auto plan = small_plan();
  plan.inputs.value.rate_per_cpu = 250'000;  // 1.5 M on the first, of 1.25 M; 0.5 M on the second
  const auto latencies = latencies_of(plan, plan.inputs.value);
  const auto load =
      lock_load(plan, plan.inputs.value, latencies, producers_of_rings(rings_of(6, 4096)));
  EXPECT_EQ(load.busiest, 0U);
  EXPECT_NEAR(load.offered, 1.5e6, 1);
  EXPECT_NEAR(load.takes, 1.25e6, 1);
  EXPECT_NEAR(load.never_sent, 0.25 / 2, 1e-6);
}

TEST(ContentionTest, TheBusiestRingIsOneThatIsSentTo) {
  auto plan = small_plan();
  plan.trace.bin_s = 0.1;
  plan.trace.rates.assign(10, {0, 0, 0, 0, 1'000, 1'000, 1'000, 1'000});
  const auto latencies = latencies_of(plan, plan.inputs.value);
  const auto load =
      lock_load(plan, plan.inputs.value, latencies, producers_of_rings(rings_of(4, 4096)));
  EXPECT_EQ(load.busiest, 1U);
  EXPECT_NEAR(load.offered, 4'000, 1e-6);
}

// Within a quarter: the level is found with a reader that keeps up, and this one falls behind.
TEST(ContentionTest, TwiceTheMovesTwiceTheWait) {
  auto plan = small_plan();
  const auto all = producers_of_rings(shared_ring(4096))[0];
  const auto mean = [&](double moves) {
    plan.inputs.value.moves = moves;
    const auto latencies = latencies_of(plan, plan.inputs.value);
    return reserve_cost(plan, Kind::shared, plan.inputs.value, latencies, {{all, 1e9, 1.0}}, 1)
        .event_mean_ns;
  };
  EXPECT_NEAR(mean(8), 8 * 800, 8 * 200) << "all wait for all";
  EXPECT_NEAR(mean(16), 8 * 1600, 8 * 400);
}

}  // namespace
}  // namespace ringbench::planner
