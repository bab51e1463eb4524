#include "bench/trial/plans.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/bench/trial/planted_trial.hpp"

namespace ringbench {
namespace {

using ::testing::ElementsAre;

TEST(Plans, SayWhoSharesACpu) {
  PlantedTrial trial;
  EXPECT_FALSE(producer_plan(trial.spec, 0).shares_cpu);
  EXPECT_FALSE(consumer_plan(trial.spec, 0).shares_cpu);
  trial.spec.placement.consumer_cpus = {1};
  EXPECT_FALSE(producer_plan(trial.spec, 0).shares_cpu);
  EXPECT_TRUE(producer_plan(trial.spec, 1).shares_cpu);
  EXPECT_TRUE(consumer_plan(trial.spec, 0).shares_cpu);
}

TEST(Plans, AProducerIsWatchedAtWorkOnlyWhereNothingElseCanDelayIt) {
  PlantedTrial trial;
  EXPECT_TRUE(producer_plan(trial.spec, 0).works_alone);
  trial.spec.ring_of = {0, 0};
  EXPECT_FALSE(producer_plan(trial.spec, 0).works_alone);
  trial.spec.ring_of = {0, 1};
  trial.spec.cell.poll = "epoll";
  EXPECT_FALSE(producer_plan(trial.spec, 0).works_alone);
}

TEST(Plans, AProducerSubtractsTheTimerPairOfItsOwnCpu) {
  PlantedTrial trial;
  trial.spec.clock.timer_pair_ticks = 90;
  trial.spec.clock.cpus = {{.cpu = 0, .timer_pair_ticks = 30}, {.cpu = 7, .timer_pair_ticks = 50}};
  trial.spec.placement.producer_cpus = {7, 0};
  EXPECT_EQ(producer_plan(trial.spec, 0).timer_pair_ticks, 50U);
  EXPECT_EQ(producer_plan(trial.spec, 1).timer_pair_ticks, 30U);
}

TEST(Plans, OneConsumerReadsAllRingsAndSeveralOneEach) {
  PlantedTrial trial;
  EXPECT_THAT(consumer_plan(trial.spec, 0).rings, ElementsAre(0, 1));
  trial.spec.placement.consumer_cpus = {2, 3};
  EXPECT_THAT(consumer_plan(trial.spec, 1).rings, ElementsAre(1));
}

TEST(Plans, TheLogHasRoomForEveryPacedEvent) {
  PlantedTrial trial;
  trial.spec.cell.arrival = "constant";
  trial.spec.cell.rate = 1e5;
  trial.spec.cell.warmup_ms = 1;
  trial.spec.cell.duration_ms = 9;
  const auto due = due_times(trial.spec);
  ASSERT_EQ(due.size(), 2U);
  trial.receiver = make_receiver(trial.spec, due, sizes_of(trial.spec), nullptr);
  for (std::uint64_t i = 0; i < due[0].size() + due[1].size(); ++i) trial.deliver(0, i);
  EXPECT_EQ(trial.receiver->unlogged(), 0U);
  trial.deliver(0, 100'000);
  EXPECT_EQ(trial.receiver->unlogged(), 1U);
}

}  // namespace
}  // namespace ringbench
