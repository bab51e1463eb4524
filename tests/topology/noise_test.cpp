#include "topology/noise.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <atomic>
#include <chrono>
#include <cmath>
#include <stdexcept>
#include <system_error>
#include <thread>

#include "tests/topology/machines.hpp"
#include "topology/affinity.hpp"
#include "topology/clock.hpp"
#include "topology/machine.hpp"

namespace ringbench {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

// `cpus` CPUs, each hit at these times (ms), each time for so long.
NoiseFacts seen(std::size_t cpus, const std::vector<double>& at_ms, double us, double seconds) {
  NoiseFacts noise{seconds, {}};
  for (unsigned cpu = 0; cpu < cpus; ++cpu) {
    CpuNoise one{.cpu = cpu};
    for (const double at : at_ms) {
      one.gaps.push_back({at * 1e3, us});
      ++one.hiccups;
      one.hiccup_us += us;
      one.longest_us = us;
    }
    noise.cpus.push_back(one);
  }
  return noise;
}

std::vector<double> every_ms(double step, double end) {
  std::vector<double> times;
  for (double at = step / 2; at < end; at += step) times.push_back(at);
  return times;
}

TEST(Noise, OfSeveralCpusIsTheMean) {
  const NoiseFacts noise = seen(2, every_ms(100, 5'000), 20, 5);  // 10 a second on each
  EXPECT_DOUBLE_EQ(hiccups_per_s(noise), 10);
  EXPECT_DOUBLE_EQ(share_lost(noise), 50 * 20e-6 / 5);
  EXPECT_DOUBLE_EQ(longest_hiccup_us(noise), 20);
  EXPECT_EQ(noise_of(noise, {1, 7}).cpus, (std::vector{noise.cpus[1]}));
}

TEST(Noise, NothingWatchedIsNoNoise) {
  EXPECT_EQ(hiccups_per_s({}), 0);
  EXPECT_EQ(share_lost({}), 0);
  EXPECT_EQ(longest_hiccup_us({}), 0);
  EXPECT_EQ(clean_chance({}, 100), 1);
}

// One gap in the middle of a second: windows of 100 ms start each 25 ms, 37 of them; the gap from
// 510 to 511 ms lies in those that start at 425, 450, 475 and 500 ms.
TEST(CleanChance, IsTheShareOfWindowsWithoutAGap) {
  EXPECT_DOUBLE_EQ(clean_chance(seen(1, {510}, 1'000, 1), 100), 33.0 / 37);
}

TEST(CleanChance, OneDisturbedCpuSpoilsTheWindow) {
  NoiseFacts noise = seen(2, {}, 0, 1);
  noise.cpus[1] = seen(1, {510}, 1'000, 1).cpus[0];
  EXPECT_DOUBLE_EQ(clean_chance(noise, 100), 33.0 / 37);
}

TEST(CleanChance, ASteadyTickIsTolerated) {
  const NoiseFacts ticking = seen(2, every_ms(1, 1'000), 45, 1);  // 4.5 %
  EXPECT_EQ(clean_chance(ticking, 50), 0);
  EXPECT_EQ(clean_chance(ticking, 50, 0.04), 0);
  EXPECT_EQ(clean_chance(ticking, 50, 0.05), 1);
}

TEST(CleanChance, AGapCountsAsFarAsItReachesIntoTheWindow) {
  const NoiseFacts noise = seen(1, {95}, 10'000, 0.1);  // its last 5 ms lie beyond what was watched
  EXPECT_EQ(clean_chance(noise, 100, 0.05), 1);
  EXPECT_EQ(clean_chance(noise, 100, 0.049), 0);
}

TEST(CleanChance, WhatIsLongerThanTheWatchIsOneWindow) {
  EXPECT_EQ(clean_chance(seen(1, {500}, 1'000, 1), 5'000), 0);
  EXPECT_EQ(clean_chance(seen(1, {500}, 1'000, 1), 5'000, 0.01), 1);
}

TEST(Advice, QuietMachineKeepsWhatWasWanted) {
  const Advice advice = advise(seen(2, {}, 0, 5), 100, 5);
  EXPECT_EQ(advice.duration_ms, 100);
  EXPECT_EQ(advice.repetitions, 5U);
  EXPECT_EQ(advice.clean_chance, 1);
}

// A gap each 100 ms: a window of D ms meets one with a chance of about D / 100.
TEST(Advice, NoisyMachineGetsShorterTrialsAndMoreOfThem) {
  const Advice advice = advise(seen(2, every_ms(100, 5'000), 500, 5), 100, 5);
  EXPECT_GE(advice.duration_ms, 15);
  EXPECT_LE(advice.duration_ms, 20);
  EXPECT_EQ(advice.repetitions,
            static_cast<std::uint64_t>(std::ceil(500 / advice.duration_ms - 1e-9)));
  EXPECT_GE(advice.clean_chance, kWantedCleanChance);
}

TEST(Advice, WhereNothingIsCleanTheLikeliestWindowIsLeft) {
  const Advice advice = advise(seen(2, every_ms(7, 1'000), 100, 1), 35, 5);
  EXPECT_EQ(advice.duration_ms, kShortestWindowMs);
  EXPECT_EQ(advice.repetitions, 35U);
  EXPECT_LT(advice.clean_chance, kWantedCleanChance);
}

// 2 ms each 20 ms: a short window is hit hard or not at all, a long one always by a tenth.
TEST(Advice, TakesALongWindowWhereItLosesATolerableShare) {
  EXPECT_EQ(advise(seen(1, every_ms(20, 4'000), 2'000, 4), 100, 5, 0.11).duration_ms, 100);
}

TEST(Advice, WindowThatWasWantedShorterStaysShort) {
  const Advice advice = advise(seen(2, every_ms(1, 1'000), 100, 1), 2, 7);
  EXPECT_EQ(advice.duration_ms, 2);
  EXPECT_EQ(advice.repetitions, 7U);
}

TEST(Advice, RepetitionsHaveALimit) {
  EXPECT_EQ(advise(seen(2, every_ms(3, 1'000), 100, 1), 60'000, 5).repetitions, kMostAdvised);
}

RC_GTEST_PROP(Advice, KeepsTheMeasuredTime, ()) {
  const auto noise = seen(*rc::gen::inRange<std::size_t>(1, 9),
                          every_ms(*rc::gen::inRange(2, 500), 1'000), 100, 1);
  const auto wanted = static_cast<double>(*rc::gen::inRange(5, 500));
  const auto repetitions = *rc::gen::inRange<std::uint64_t>(1, 5);
  const Advice advice = advise(noise, wanted, repetitions);
  RC_ASSERT(advice.duration_ms >= kShortestWindowMs && advice.duration_ms <= wanted);
  RC_ASSERT(advice.clean_chance >= clean_chance(noise, wanted));
  const double measured = advice.duration_ms * static_cast<double>(advice.repetitions);
  RC_ASSERT(measured >= wanted * static_cast<double>(repetitions) - 1e-6);
  RC_ASSERT(measured < wanted * static_cast<double>(repetitions) + advice.duration_ms);
}

TEST(MeasureNoise, WatchesEveryCpuForTheTimeGiven) {
  const auto cpus = allowed_cpus();
  const double hz = measure_clock({cpus.front()}).hz;
  const auto start = std::chrono::steady_clock::now();
  const NoiseFacts noise = measure_noise(cpus, 0.2, hz);
  EXPECT_GE(std::chrono::steady_clock::now() - start, std::chrono::milliseconds(195));
  EXPECT_EQ(noise.seconds, 0.2);
  ASSERT_EQ(noise.cpus.size(), cpus.size());
  for (std::size_t i = 0; i < cpus.size(); ++i) {
    const CpuNoise& cpu = noise.cpus[i];
    EXPECT_EQ(cpu.cpu, cpus[i]);
    EXPECT_GE(cpu.hiccup_us, static_cast<double>(cpu.hiccups) * kHiccupUs * 0.99);
    EXPECT_LE(cpu.longest_us, cpu.hiccup_us * (1 + 1e-9));
    EXPECT_LE(cpu.hiccup_us, noise.seconds * 1e6 * (1 + 1e-9));
    EXPECT_EQ(cpu.longest_us > 0, cpu.hiccups > 0);
  }
}

// A rival that wants the same CPU all the time leaves about half of it, in turns of milliseconds.
TEST(MeasureNoise, SeesARivalOnTheSameCpu) {
  const unsigned cpu = allowed_cpus().back();
  const double hz = measure_clock({cpu}).hz;
  std::atomic<bool> stop{false}, there{false};
  std::thread rival([&] {
    pin_to(cpu);
    there = true;
    while (!stop.load(std::memory_order_relaxed)) {  // only ends the loop: orders nothing
    }
  });
  while (!there) std::this_thread::yield();
  const NoiseFacts noise = measure_noise({cpu}, 0.3, hz);
  stop.store(true, std::memory_order_relaxed);
  rival.join();
  EXPECT_GT(noise.cpus[0].hiccups, 0U);
  EXPECT_GT(noise.cpus[0].involuntary_switches, 0U);
  EXPECT_GT(noise.cpus[0].longest_us, 500);
  EXPECT_GT(share_lost(noise), 0.2);
  EXPECT_LE(share_lost(noise), 1 + 1e-9);
}

TEST(MeasureNoise, RefusesWhatCannotBeWatched) {
  EXPECT_THAT([] { measure_noise({}, 1, 1e9); },
              ThrowsMessage<std::invalid_argument>(HasSubstr("at least one of the allowed CPUs")));
  EXPECT_THAT([] { measure_noise({0}, 0, 1e9); }, testing::Throws<std::invalid_argument>());
  EXPECT_THAT([] { measure_noise({8191}, 0.01, 1e9); },
              ThrowsMessage<std::system_error>(HasSubstr("cannot be pinned to CPU 8191")));
}

}  // namespace
}  // namespace ringbench
