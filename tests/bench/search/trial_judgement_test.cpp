// Whether a rate was offered and whether the consumer kept up.
#include "bench/search/trial_judgement.hpp"

#include <gtest/gtest.h>

namespace ringbench {
namespace {

class TrialJudgement : public ::testing::Test {
 protected:
  // 100 ms at a million a second, nothing amiss.
  TrialJudgement() {
    cell.transport = "ringbuf";
    cell.arrival = "constant";
    trial.window_s = 0.1;
    trial.offered_rate = 1e6;
    trial.window_attempted = 1e5;
    trial.window_dropped = 0;
    trial.delivered_rate = 1e6;
    trial.lag_ns_p50 = 200;
  }
  SearchTrial judge() const { return judged(trial, {1e6, 100, 3, 1, {}, {}, {}}, cell, settings); }

  Cell cell;
  Measured trial;
  SearchSettings settings;
};

TEST_F(TrialJudgement, KeepsWhatTheSearchAskedFor) {
  const auto found = judge();
  EXPECT_EQ(found.rate, 1e6);
  EXPECT_EQ(found.duration_ms, 100);
  EXPECT_EQ(found.repetition, 3U);
  EXPECT_EQ(found.attempt, 1U);
  EXPECT_TRUE(found.offered);
  EXPECT_TRUE(found.kept_up);
}

TEST_F(TrialJudgement, ARateIsOfferedWhenAlmostAllThatWasDueWasAttempted) {
  trial.window_attempted = 0.991e5;
  EXPECT_TRUE(judge().offered);
  trial.window_attempted = 0.989e5;
  EXPECT_FALSE(judge().offered);
}

TEST_F(TrialJudgement, AConstantBacklogIsNoOffer) {
  trial.lag_ns_p50 = 1.1e6;
  EXPECT_FALSE(judge().offered);
}

TEST_F(TrialJudgement, ChanceMayTakeSomeOfAPoissonCount) {
  trial.offered_rate = 1e4;
  trial.window_attempted = trial.delivered_rate = 900;  // of 1000, sigma 32
  EXPECT_FALSE(judge().offered);
  cell.arrival = "poisson";
  EXPECT_TRUE(judge().offered);
}

TEST_F(TrialJudgement, ABufferThatFillsIsNotKeptUpWith) {
  trial.delivered_rate = 0.995e6;
  EXPECT_TRUE(judge().kept_up);
  trial.delivered_rate = 0.985e6;
  EXPECT_FALSE(judge().kept_up);
  trial.window_dropped = 1'000;  // what was refused need not be delivered
  EXPECT_TRUE(judge().kept_up);
}

TEST_F(TrialJudgement, AConsumerThatSleepsMaySleepOverSome) {
  trial.delivered_rate = 0.92e6;
  EXPECT_FALSE(judge().kept_up);
  cell.poll = "epoll";
  EXPECT_TRUE(judge().kept_up) << "10 ms of 100";
}

TEST_F(TrialJudgement, WithoutRingsThereIsNothingToKeepUpWith) {
  trial.delivered_rate.reset();
  EXPECT_TRUE(judge().kept_up);
}

TEST_F(TrialJudgement, AFailedTrialMeasuredNothing) {
  const auto found = measured(failed("hung"));
  EXPECT_EQ(found.status, Status::failed);
  EXPECT_EQ(found.reason, "hung");
  EXPECT_FALSE(found.window_attempted);
}

}  // namespace
}  // namespace ringbench
