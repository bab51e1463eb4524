#include "planner/closed_forms.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

namespace ringbench::planner {
namespace {

TEST(ClosedForms, BurstLosesWhatNeitherBufferNorReaderTakes) {
  // 4 CPUs send 1000 records each; each buffer holds 300 and a quarter of the reader takes 250.
  EXPECT_DOUBLE_EQ(burst_loss_per_cpu(4, 1e6, 1e-3, 1e6, 300), 0.45);
  EXPECT_DOUBLE_EQ(burst_loss_shared(4, 1e6, 1e-3, 1e6, 1200), 0.45);
  // One CPU alone needs no more than it sends: the rest of the reader helps nobody.
  EXPECT_DOUBLE_EQ(burst_loss_per_cpu(1, 1e6, 1e-3, 5e6, 0), 0);
  EXPECT_DOUBLE_EQ(burst_loss_shared(4, 1e6, 1e-3, 0, 1e6), 0);
  EXPECT_DOUBLE_EQ(burst_loss_shared(4, 0, 1e-3, 1e6, 1), 0);
}

TEST(ClosedForms, PartedMemoryLosesNoLessThanShared) {
  for (const double k : {1., 3., 20.})
    for (const double each : {10., 100., 1000.})
      EXPECT_GE(burst_loss_per_cpu(k, 1e6, 1e-3, 1e6, each) + 1e-12,
                burst_loss_shared(k, 1e6, 1e-3, 1e6, k * each));
}

TEST(ClosedForms, OverloadLosesTheExcess) {
  EXPECT_DOUBLE_EQ(overload_loss(6.78e6, 1.02e6), 1 - 1.02 / 6.78);
  EXPECT_DOUBLE_EQ(overload_loss(1e6, 2e6), 0);
  EXPECT_DOUBLE_EQ(overload_loss(0, 2e6), 0);
}

TEST(ClosedForms, OneBufferKeepsItsOrder) {
  EXPECT_DOUBLE_EQ(order_of_turns(1, 5).reordered_ratio, 0);
  EXPECT_DOUBLE_EQ(order_of_turns(1, 5).extent_mean, 0);
  EXPECT_DOUBLE_EQ(order_of_turns(1, 5).held_peak, 0);
}

TEST(ClosedForms, LongTurnsReorderAllButOneBuffer) {
  EXPECT_NEAR(order_of_turns(8, 1e6).reordered_ratio, 7. / 8, 1e-5);
  EXPECT_DOUBLE_EQ(order_of_turns(8, 100).extent_mean, 400);
  EXPECT_DOUBLE_EQ(order_of_turns(8, 100).held_mean, 350);
  EXPECT_DOUBLE_EQ(order_of_turns(8, 100).held_peak, 700);
}

// Rounds of `period`: the k buffers have each got a number of records at random times in it, n on
// average, and are emptied one after the other.
double reordered_by_drawing(unsigned k, double n) {
  std::mt19937_64 random(7);
  std::poisson_distribution<int> count(n);
  std::uniform_real_distribution<double> when(0, 1);
  double all = 0, reordered = 0;
  for (int round = 0; round < 20'000; ++round) {
    double newest = 0;
    for (unsigned buffer = 0; buffer < k; ++buffer) {
      std::vector<double> stamps(static_cast<std::size_t>(count(random)));
      for (auto& stamp : stamps) stamp = when(random);
      std::ranges::sort(stamps);
      for (const auto stamp : stamps) {
        ++all;
        reordered += stamp < newest;
        newest = std::max(newest, stamp);
      }
    }
  }
  return reordered / all;
}

TEST(ClosedForms, TurnsReorderAsManyAsWhenDrawn) {
  for (const unsigned k : {2U, 5U, 16U})
    for (const double n : {0.1, 1., 8., 50.})
      EXPECT_NEAR(order_of_turns(k, n).reordered_ratio, reordered_by_drawing(k, n), 0.01)
          << k << " buffers, " << n << " records";
}

// Record by record: Lindley's recursion.
double wait_by_drawing(double quantile, double busy) {
  std::mt19937_64 random(3);
  std::exponential_distribution<double> gap(busy);
  std::vector<double> waits(1'000'000);
  double wait = 0;
  for (auto& one : waits) {
    one = wait;
    wait = std::max(0.0, wait + 1 - gap(random));
  }
  const auto at = waits.begin() + static_cast<std::ptrdiff_t>(quantile * 1e6);
  std::ranges::nth_element(waits, at);
  return *at;
}

TEST(ClosedForms, ARecordWaitsInAQueueAsLongAsWhenDrawn) {
  for (const double busy : {0.1, 0.5, 0.8, 0.95})
    for (const double quantile : {0.5, 0.9, 0.99, 0.999})
      EXPECT_NEAR(wait_in_queue(quantile, busy, 1), wait_by_drawing(quantile, busy),
                  0.02 + 0.1 * wait_by_drawing(quantile, busy))
          << busy << ", " << quantile;
  EXPECT_DOUBLE_EQ(wait_in_queue(0.9, 0.6, 300), 300 * wait_in_queue(0.9, 0.6, 1));
  EXPECT_EQ(wait_in_queue(0.4, 0.5, 1), 0) << "half of them find nobody";
  EXPECT_EQ(wait_in_queue(0.99, 1, 1), 0) << "a backlog, no chance";
}

TEST(ClosedForms, WatermarkAddsHalfAnIntervalToItsWait) {
  EXPECT_DOUBLE_EQ(watermark_delay(100, 250), 300);
}

}  // namespace
}  // namespace ringbench::planner
