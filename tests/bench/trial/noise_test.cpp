// Trials that balance, with one disturbance each: what taints them, and what does not.
#include "bench/trial/noise.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "planted_trial.hpp"

namespace ringbench {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

class NoiseTest : public ::testing::Test {
 protected:
  TrialResult judged() {
    trial.deliver_all();
    return trial.judged();
  }
  std::string reason() {
    const auto result = judged();
    EXPECT_EQ(result.status == Status::ok, result.reason.empty());
    EXPECT_NE(result.status, Status::failed) << result.reason;
    return result.reason;
  }
  // A window of 2 ms: 200 us are its tenth.
  PlantedTrial trial;
};

TEST_F(NoiseTest, AQuietTrialIsOk) {
  EXPECT_EQ(reason(), "");
}

TEST_F(NoiseTest, HiccupsTaintFromTheirShareOfTheWindowOn) {
  trial.threads[1].hiccups = 4;
  trial.threads[1].hiccup_us = 200;
  EXPECT_EQ(reason(), "");
}

TEST_F(NoiseTest, HiccupsBeyondTheirShareAreNamedWithTheThread) {
  trial.threads[1].hiccups = 4;
  trial.threads[1].hiccup_us = 204;
  trial.threads[1].hiccup_us_max = 150;
  EXPECT_EQ(reason(),
            "hiccups: producer 1 on CPU 1 lost 10.2 % of the window in 4 gaps of up to 150 us "
            "(limit 10.0 %)");
}

TEST_F(NoiseTest, TheConsumerIsWatchedToo) {
  trial.threads[2].hiccup_us = 2'000;
  EXPECT_THAT(reason(), HasSubstr("consumer 0 on CPU 2"));
}

TEST_F(NoiseTest, ThreadsThatTakeTurnsByPlanAreNotDisturbedByIt) {
  trial.spec.placement.consumer_cpus = {1};
  for (const std::size_t i : {1, 2}) {
    trial.threads[i].cpu_wanted = trial.threads[i].cpu_found = 1;
    trial.threads[i].hiccup_us = 1'000;
    trial.threads[i].involuntary_switches = 1'000;
  }
  trial.producers[1].log.lag_ticks.record(1'000'000, 1'000);
  EXPECT_EQ(reason(), "");
}

TEST_F(NoiseTest, LagTaintsByThe99thPercentile) {
  trial.producers[0].log.lag_ticks.record(100, 990);
  trial.producers[0].log.lag_ticks.record(50'000, 10);
  EXPECT_EQ(reason(), "") << "one in a hundred is late";
}

TEST_F(NoiseTest, LagIsTakenOverAllProducers) {
  trial.producers[0].log.lag_ticks.record(100, 980);
  trial.producers[1].log.lag_ticks.record(50'000, 20);
  EXPECT_THAT(reason(), AllOf(HasSubstr("lag: events were sent late"), HasSubstr("(limit 2 us)")));
}

TEST_F(NoiseTest, StealIsAShareOfTheTrialsCpus) {
  trial.steal_ms = 30;  // of one second on three CPUs
  EXPECT_EQ(reason(), "");
}

TEST_F(NoiseTest, MoreStealTaints) {
  trial.steal_ms = 40;
  EXPECT_EQ(reason(), "steal: the hypervisor took 1.3 % of the time of the CPUs (limit 1.0 %)");
}

TEST_F(NoiseTest, SwitchesTaintByTheirRate) {
  trial.threads[0].involuntary_switches = 1;
  EXPECT_EQ(reason(), "") << "one is no rate";
}

TEST_F(NoiseTest, TooManySwitchesTaint) {
  trial.threads[0].involuntary_switches = 2;
  EXPECT_EQ(reason(),
            "switches: producer 0 on CPU 0 was taken off its CPU 2 times, 1000 a second (limit 500 "
            "a second)");
}

TEST_F(NoiseTest, PageFaultsTaint) {
  trial.threads[2].page_faults = 11;
  EXPECT_EQ(reason(), "page faults: consumer 0 on CPU 2 had 11 in the window (limit 10)");
}

TEST_F(NoiseTest, OneMigrationTaints) {
  trial.threads[0].migrations = 1;
  trial.threads[0].cpu_found = 5;
  EXPECT_EQ(reason(), "migration: producer 0 on CPU 0 was found on CPU 5");
}

TEST_F(NoiseTest, AFrequencyChangeTaints) {
  trial.frequency_change = 0.04;
  EXPECT_EQ(reason(), "");
}

TEST_F(NoiseTest, ALargeFrequencyChangeTaints) {
  trial.frequency_change = 0.06;
  EXPECT_THAT(reason(), HasSubstr("a CPU's clock changed by 6.0 %"));
}

TEST_F(NoiseTest, EveryReasonIsTold) {
  trial.steal_ms = 300;
  trial.threads[0].hiccup_us = 2'000;
  EXPECT_THAT(reason(), AllOf(HasSubstr("steal: "), HasSubstr("; hiccups: ")));
}

TEST_F(NoiseTest, LimitsAreTheConfigs) {
  trial.spec.noise.steal_share = 0.5;
  trial.spec.noise.hiccup_share = 1;
  trial.steal_ms = 300;
  trial.threads[0].hiccup_us = 2'000;
  EXPECT_EQ(reason(), "");
}

}  // namespace
}  // namespace ringbench
