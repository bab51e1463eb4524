#include "bench/calibration/stalls.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace ringbench {
namespace {

// A CPU whose hiccups are these, in us.
CpuNoise cpu_with(std::initializer_list<double> gaps) {
  CpuNoise cpu;
  double at = 0;
  for (const double us : gaps) {
    cpu.gaps.push_back({at, us});
    cpu.hiccup_us += us;
    cpu.longest_us = std::max(cpu.longest_us, us);
    at += us + 100;
  }
  cpu.hiccups = gaps.size();
  return cpu;
}

TEST(Stalls, NothingSeenIsNoHistogram) {
  Stalls stalls;
  EXPECT_EQ(stalls.per_s(), 0);
  EXPECT_EQ(stalls.share_lost(), 0);
  stalls.add(NoiseFacts{0.5, {cpu_with({}), cpu_with({})}});
  EXPECT_EQ(stalls.watched_s, 1);
  EXPECT_TRUE(stalls.histogram.empty());
}

TEST(Stalls, GapsGoToPowersOfTwoFromTheShortestHiccup) {
  Stalls stalls;
  stalls.add(NoiseFacts{2, {cpu_with({10.5, 15.9, 16, 200}), cpu_with({31.9})}});
  const std::vector<StallBin> expected{
      {10, 16, 2}, {16, 32, 2}, {32, 64, 0}, {64, 128, 0}, {128, 256, 1}};
  EXPECT_EQ(stalls.histogram, expected);
  EXPECT_EQ(stalls.count, 5U);
  EXPECT_DOUBLE_EQ(stalls.per_s(), 5.0 / 4);
  EXPECT_DOUBLE_EQ(stalls.share_lost(), (10.5 + 15.9 + 16 + 200 + 31.9) * 1e-6 / 4);
  EXPECT_EQ(stalls.longest_us, 200);
}

TEST(Stalls, ThoseOfSeveralRoundsAddUp) {
  const NoiseFacts first{1, {cpu_with({12, 900})}}, second{3, {cpu_with({50})}};
  Stalls one_by_one, whole, part;
  whole.add(first);
  part.add(second);
  whole.add(part);
  one_by_one.add(second);
  one_by_one.add(first);
  EXPECT_EQ(whole, one_by_one);
  std::uint64_t counted = 0;
  for (const StallBin& bin : whole.histogram) counted += bin.count;
  EXPECT_EQ(counted, whole.count);
}

}  // namespace
}  // namespace ringbench
