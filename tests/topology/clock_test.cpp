#include "topology/clock.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <time.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <random>
#include <stdexcept>
#include <system_error>
#include <thread>

#include "tests/topology/machines.hpp"
#include "topology/machine.hpp"

namespace ringbench {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

double raw_seconds() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC_RAW, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

// Both clocks at one moment, give or take what lies between the readings: of many, the nearest two.
struct Moment {
  double seconds = 0;
  double ticks = 0;
};
Moment now_on_both_clocks() {
  Moment best;
  double shortest = 1e9;
  for (int reading = 0; reading < 100; ++reading) {
    const double before = raw_seconds();
    const auto at = static_cast<double>(ticks());
    const double length = raw_seconds() - before;
    if (length >= shortest) continue;
    shortest = length;
    best = {before + length / 2, at};
  }
  return best;
}

double hz_over_a_long_time() {
  const Moment first = now_on_both_clocks();
  std::this_thread::sleep_for(std::chrono::milliseconds(300));
  const Moment last = now_on_both_clocks();
  return (last.ticks - first.ticks) / (last.seconds - first.seconds);
}

TEST(Clock, FactsAreThoseOfThisMachine) {
  const ClockFacts facts = measure_clock(allowed_cpus());
  EXPECT_NEAR(facts.hz / hz_over_a_long_time(), 1, 0.05);
  EXPECT_GE(facts.hz_relative_error, 0);
  EXPECT_LT(facts.hz_relative_error, 0.05);
  EXPECT_GE(facts.resolution_ticks, 1U);
  EXPECT_GT(facts.timer_pair_ticks, 0U);
  EXPECT_LT(static_cast<double>(facts.timer_pair_ticks) / facts.hz, 1e-5);
  EXPECT_LT(static_cast<double>(facts.offset_bound_ticks) / facts.hz, 1e-3);
}

TEST(Clock, OffsetIsBoundedByMoreThanNothingBetweenTwoCpus) {
  auto cpus = allowed_cpus();
  if (cpus.size() < 2) GTEST_SKIP() << "needs 2 allowed CPUs, this process has 1";
  cpus.resize(2);
  EXPECT_GT(measure_clock(cpus).offset_bound_ticks, 0U);
}

TEST(Clock, EveryCpuHasFactsOfItsOwn) {
  const auto cpus = allowed_cpus();
  const ClockFacts facts = measure_clock({cpus.rbegin(), cpus.rend()});
  ASSERT_EQ(facts.cpus.size(), cpus.size());
  std::uint64_t dearest = 0, coarsest = 0;
  for (std::size_t i = 0; i < cpus.size(); ++i) {
    const CpuClock& own = facts.cpus[i];
    EXPECT_EQ(own.cpu, cpus[i]);
    EXPECT_GT(own.timer_pair_ticks, 0U);
    EXPECT_GT(own.resolution_ticks, 0U);
    EXPECT_LE(static_cast<std::uint64_t>(std::abs(own.offset_ticks)), own.offset_bound_ticks);
    EXPECT_LE(own.offset_bound_ticks, facts.offset_bound_ticks);
    EXPECT_EQ(facts.timer_pair_of(own.cpu), own.timer_pair_ticks);
    dearest = std::max(dearest, own.timer_pair_ticks);
    coarsest = std::max(coarsest, own.resolution_ticks);
  }
  EXPECT_EQ(facts.cpus.front().offset_ticks, 0);
  EXPECT_EQ(facts.cpus.front().offset_bound_ticks, 0U);
  EXPECT_EQ(facts.timer_pair_ticks, dearest);
  EXPECT_EQ(facts.resolution_ticks, coarsest);
  EXPECT_EQ(facts.timer_pair_of(8191), dearest) << "not measured: the dearest";
}

TEST(Clock, OffsetsToTheFirstAreBoundedByMoreThanNothing) {
  const auto cpus = allowed_cpus();
  if (cpus.size() < 2) GTEST_SKIP() << "needs 2 allowed CPUs, this process has 1";
  const ClockFacts facts = measure_clock(cpus);
  for (std::size_t i = 1; i < cpus.size(); ++i) EXPECT_GT(facts.cpus[i].offset_bound_ticks, 0U);
}

TEST(Clock, TheOffsetOfAPairIsWithinItsBound) {
  const auto cpus = allowed_cpus();
  if (cpus.size() < 2) GTEST_SKIP() << "needs 2 allowed CPUs, this process has 1";
  const ClockOffset there = clock_offset(cpus[0], cpus[1]), back = clock_offset(cpus[1], cpus[0]);
  EXPECT_GT(there.bound, 0U);
  EXPECT_LE(static_cast<std::uint64_t>(std::abs(there.ticks)), there.bound);
  EXPECT_LE(static_cast<std::uint64_t>(std::abs(there.ticks + back.ticks)),
            there.bound + back.bound)
      << "the same both ways but for the sign";
}

TEST(Clock, OneCpuHasNoOffset) {
  const unsigned cpu = allowed_cpus().back();
  EXPECT_EQ(measure_clock({cpu}).offset_bound_ticks, 0U);
  EXPECT_EQ(measure_clock({cpu, cpu}).offset_bound_ticks, 0U);
}

TEST(Clock, WorksWhereTheProcessMayUseOneCpuAndRestoresItsMask) {
  cpu_set_t before{}, one{}, after{};
  ASSERT_EQ(sched_getaffinity(0, sizeof before, &before), 0);
  CPU_SET(allowed_cpus().back(), &one);
  ASSERT_EQ(sched_setaffinity(0, sizeof one, &one), 0);
  const ClockFacts facts = measure_clock(allowed_cpus());
  EXPECT_EQ(sched_getaffinity(0, sizeof after, &after), 0);
  EXPECT_EQ(sched_setaffinity(0, sizeof before, &before), 0);
  EXPECT_GT(facts.hz, 0);
  EXPECT_EQ(facts.offset_bound_ticks, 0U);
  EXPECT_TRUE(CPU_EQUAL(&after, &one));
}

TEST(Clock, CpuThatCannotBePinnedIsNamed) {
  auto cpus = allowed_cpus();
  cpus.push_back(8191);
  EXPECT_THAT([&] { measure_clock(cpus); },
              ThrowsMessage<std::system_error>(HasSubstr("cannot be pinned to CPU 8191")));
  EXPECT_THAT([] { measure_clock({}); },
              ThrowsMessage<std::invalid_argument>(HasSubstr("without a CPU")));
}

// Each step waits for the one before it.
std::uint64_t chain_of(unsigned steps, std::uint64_t value) {
  for (unsigned step = 0; step < steps; ++step) {
    value *= 0x9E37'79B9'7F4A'7C15;
    asm volatile("" : "+r"(value));
  }
  return value;
}

// The slow way is to ask the system. Asked inside the pair it sees less than the pair does, asked
// around it more, whoever interrupts them.
TEST(TimerPair, LiesBetweenTheSystemsClockInsideItAndAroundIt) {
  constexpr double kStep = 50e-9;  // of either clock, with room for a clock that others serve
  constexpr double kSlew = 1e-3;   // of the one against the other
  const double hz = hz_over_a_long_time();
  std::mt19937 random(1);
  std::uniform_real_distribution<double> exponent(0, 5);
  for (int sample = 0; sample < 3000; ++sample) {
    const auto steps = static_cast<unsigned>(std::pow(10, exponent(random)));
    const double before = raw_seconds();
    const std::uint64_t begin = begin_timing();
    const double first = raw_seconds();
    chain_of(steps, 1);
    const double last = raw_seconds();
    const std::uint64_t end = end_timing();
    const double after = raw_seconds();
    const double seconds = static_cast<double>(end - begin) / hz;
    ASSERT_GE(seconds, (last - first) * (1 - kSlew) - kStep) << steps << " steps";
    ASSERT_LE(seconds, (after - before) * (1 + kSlew) + kStep) << steps << " steps";
  }
}

// Nobody waits for the chain but the pair: without its fences a short one is still under way at its
// end. In turns, so that the frequency is that of all.
TEST(TimerPair, HasInItAllThatWasBegunBetweenItsEnds) {
  constexpr std::array kSteps{0U, 100U, 4000U};
  std::array<double, kSteps.size()> shortest{1e18, 1e18, 1e18};
  for (int sample = 0; sample < 2000; ++sample) {
    for (std::size_t i = 0; i < kSteps.size(); ++i) {
      const std::uint64_t begin = begin_timing();
      chain_of(kSteps[i], 1);
      shortest[i] = std::min(shortest[i], static_cast<double>(end_timing() - begin));
    }
  }
  EXPECT_GT(shortest[1] - shortest[0], 100);
  EXPECT_NEAR((shortest[2] - shortest[0]) / (shortest[1] - shortest[0]), 40, 15)
      << "but for the steps of the counter";
}

TEST(Clock, TicksDoNotRunBackwardsOnOneThread) {
  std::uint64_t last = begin_timing();
  for (int read = 0; read < 1000; ++read) {
    const std::uint64_t now = read % 2 == 0 ? end_timing() : begin_timing();
    ASSERT_LE(last, now);
    last = now;
  }
}

}  // namespace
}  // namespace ringbench
