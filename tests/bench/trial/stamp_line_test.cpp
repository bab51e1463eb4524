#include "bench/trial/stamp_line.hpp"

#include <gtest/gtest.h>

namespace ringbench {
namespace {

constexpr double kLineHz = 2e9;
constexpr MonotonicReading kEarlier{.ns = 5'000'000'000, .ticks = 80'000, .uncertainty_ticks = 9};

// So many ns and ticks after kEarlier.
MonotonicReading after(std::uint64_t ns, std::uint64_t ticks, std::uint64_t uncertainty = 0) {
  return {kEarlier.ns + ns, kEarlier.ticks + ticks, uncertainty};
}

TEST(StampLine, GoesThroughBothReadings) {
  const auto line = line_through(kEarlier, after(10'000'000, 25'000'000), kLineHz);
  EXPECT_EQ(line.base_ns, kEarlier.ns + 10'000'000) << "the later one is its base";
  EXPECT_EQ(line.base_ticks, 25'080'000U);
  EXPECT_DOUBLE_EQ(line.ticks_per_ns, 2.5);
}

TEST(StampLine, WithoutAnEarlierReadingItsSlopeIsTheFrequency) {
  const auto line = line_through({}, after(1'000'000'000, 7), kLineHz);
  EXPECT_EQ(line.base_ticks, 80'007U);
  EXPECT_DOUBLE_EQ(line.ticks_per_ns, 2);
}

TEST(StampLine, TwoReadingsThatAreTooNearTellNoSlope) {
  EXPECT_DOUBLE_EQ(line_through(kEarlier, after(999'999, 999'999), kLineHz).ticks_per_ns, 2);
  EXPECT_DOUBLE_EQ(line_through(kEarlier, after(1'000'000, 1'000'000), kLineHz).ticks_per_ns, 1);
  const MonotonicReading before{kEarlier.ns - 5'000'000, 0, 0};
  EXPECT_DOUBLE_EQ(line_through(kEarlier, before, kLineHz).ticks_per_ns, 2) << "in the wrong order";
}

TEST(StampLine, ItsErrorIsHowFarItMissesALaterReading) {
  const StampLine line{kEarlier.ns, kEarlier.ticks, 2};
  EXPECT_EQ(error_of(line, after(1'000, 2'000)), 0U);
  EXPECT_EQ(error_of(line, after(1'000, 2'000, 33)), 33U) << "and what that one is uncertain by";
  EXPECT_EQ(error_of(line, after(1'000, 2'007)), 7U);
  EXPECT_EQ(error_of(line, after(1'000, 1'990)), 10U);
  EXPECT_EQ(error_of(line, after(0, 0, 5)), 5U);
}

// 50 millionths off, for two seconds.
TEST(StampLine, AWrongSlopeIsFound) {
  const StampLine line{kEarlier.ns, kEarlier.ticks, 2 * (1 + 50e-6)};
  const auto error = error_of(line, after(2'000'000'000, 4'000'000'000, 10));
  EXPECT_NEAR(static_cast<double>(error), 200'010, 2);
}

TEST(StampLine, ItsStepIsATickANanosecondAtLeast) {
  EXPECT_EQ(step_of({0, 0, 2.0}), 2U);
  EXPECT_EQ(step_of({0, 0, 2.1}), 3U);
  EXPECT_EQ(step_of({0, 0, 0.4}), 1U);
}

}  // namespace
}  // namespace ringbench
