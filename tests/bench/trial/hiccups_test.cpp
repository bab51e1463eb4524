#include "bench/trial/hiccups.hpp"

#include <gtest/gtest.h>

namespace ringbench {
namespace {

constexpr std::uint64_t kThreshold = 20'000;

class HiccupsTest : public ::testing::Test {
 protected:
  HiccupsTest() { hiccups.restart(now); }
  void spin(std::uint64_t gap) { hiccups.spun(now += gap); }
  void work(std::uint64_t gap, std::uint64_t events) { hiccups.worked(now += gap, events); }
  // Until a piece of work is known to take `each`.
  void work_as_usual(std::uint64_t each) {
    for (int i = 0; i < 100; ++i) work(10 * each, 10);
    hiccups.open_window(~std::uint64_t{0});
  }

  std::uint64_t now = 1'000'000'000;
  Hiccups hiccups{kThreshold};
};

TEST_F(HiccupsTest, ASpinningThreadCountsGapsBeyondTheThreshold) {
  spin(kThreshold);
  EXPECT_EQ(hiccups.count(), 0U);
  spin(kThreshold + 1);
  spin(90'000);
  spin(30);
  EXPECT_EQ(hiccups.count(), 2U);
  EXPECT_EQ(hiccups.total_ticks(), kThreshold + 1 + 90'000);
  EXPECT_EQ(hiccups.longest_ticks(), 90'000U);
}

TEST_F(HiccupsTest, LongWorkIsNoHiccup) {
  work_as_usual(1'000);
  work(128'000, 128);
  work(3 * 128'000, 128);
  EXPECT_EQ(hiccups.count(), 0U);
}

TEST_F(HiccupsTest, WorkThatTakesFarLongerThanUsualHoldsAHiccup) {
  work_as_usual(1'000);
  work(128'000 + 500'000, 128);
  EXPECT_EQ(hiccups.count(), 1U);
  EXPECT_NEAR(static_cast<double>(hiccups.total_ticks()), 500'000, 1'000) << "the work is not lost";
}

TEST_F(HiccupsTest, ShortGapsAreNoHiccupsHoweverUnusual) {
  work_as_usual(10);
  work(kThreshold, 1);
  EXPECT_EQ(hiccups.count(), 0U);
}

TEST_F(HiccupsTest, WhatIsUsualFollowsTheWork) {
  work_as_usual(100);
  work_as_usual(5'000);
  work(5'000 * 128, 128);
  EXPECT_EQ(hiccups.count(), 0U);
}

TEST_F(HiccupsTest, OneHiccupDoesNotHideTheNext) {
  work_as_usual(1'000);
  work(4'000'000, 10);
  work(4'000'000, 10);
  EXPECT_EQ(hiccups.count(), 2U);
}

TEST_F(HiccupsTest, AGapCountsAsFarAsItLiesInTheWindow) {
  hiccups.open_window(now + 100'000);
  spin(60'000);
  spin(90'000);
  EXPECT_EQ(hiccups.count(), 2U);
  EXPECT_EQ(hiccups.total_ticks(), 100'000U);
  spin(70'000);
  EXPECT_EQ(hiccups.count(), 2U) << "the window is over";
}

TEST_F(HiccupsTest, AGapBeforeARestartIsNobodys) {
  hiccups.restart(now += 1'000'000);
  spin(10);
  EXPECT_EQ(hiccups.count(), 0U);
}

}  // namespace
}  // namespace ringbench
