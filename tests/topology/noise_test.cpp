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

#include "topology/affinity.hpp"
#include "topology/clock.hpp"
#include "topology/machine.hpp"

namespace ringbench {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

// `cpus` CPUs, each hit `hiccups` times in `seconds`, each time for 20 us.
NoiseFacts seen(std::size_t cpus, std::uint64_t hiccups, double seconds) {
  NoiseFacts noise{seconds, {}};
  for (unsigned cpu = 0; cpu < cpus; ++cpu) {
    noise.cpus.push_back({.cpu = cpu,
                          .hiccups = hiccups,
                          .hiccup_us = 20.0 * static_cast<double>(hiccups),
                          .longest_us = hiccups > 0 ? 20.0 : 0.0,
                          .involuntary_switches = 0});
  }
  return noise;
}

TEST(Noise, OfSeveralCpusIsTheMeanForOneAndTheSumForAWindow) {
  const NoiseFacts noise = seen(2, 50, 5);  // 10 a second on each
  EXPECT_DOUBLE_EQ(hiccups_per_s(noise), 10);
  EXPECT_DOUBLE_EQ(share_lost(noise), 50 * 20e-6 / 5);
  EXPECT_DOUBLE_EQ(longest_hiccup_us(noise), 20);
  EXPECT_DOUBLE_EQ(clean_chance(noise, 100), std::exp(-2.0));
  EXPECT_DOUBLE_EQ(clean_chance(noise_of(noise, {1}), 100), std::exp(-1.0));
  EXPECT_EQ(noise_of(noise, {1, 7}).cpus, (std::vector{noise.cpus[1]}));
}

TEST(Noise, NothingWatchedIsNoNoise) {
  EXPECT_EQ(hiccups_per_s({}), 0);
  EXPECT_EQ(share_lost({}), 0);
  EXPECT_EQ(longest_hiccup_us({}), 0);
  EXPECT_EQ(clean_chance({}, 100), 1);
}

TEST(Advice, QuietMachineKeepsWhatWasWanted) {
  const Advice advice = advise(seen(2, 0, 5), 100, 5);
  EXPECT_EQ(advice.duration_ms, 100);
  EXPECT_EQ(advice.repetitions, 5U);
  EXPECT_EQ(advice.clean_chance, 1);
}

// 10 hiccups a second on both CPUs together: exp(-D / 100 ms) >= 0.8 up to D = 22.3 ms.
TEST(Advice, NoisyMachineGetsShorterTrialsAndMoreOfThem) {
  const Advice advice = advise(seen(2, 5, 1), 100, 5);
  EXPECT_EQ(advice.duration_ms, 22);
  EXPECT_EQ(advice.repetitions, 23U);  // 500 ms / 22 ms
  EXPECT_NEAR(advice.clean_chance, std::exp(-0.22), 1e-12);
}

TEST(Advice, WhereNothingIsCleanTheShortestWindowIsLeft) {
  const Advice advice = advise(seen(2, 500, 1), 35, 5);
  EXPECT_EQ(advice.duration_ms, 5);
  EXPECT_EQ(advice.repetitions, 35U);
  EXPECT_LT(advice.clean_chance, 0.01);
}

TEST(Advice, WindowThatWasWantedShorterStaysShort) {
  const Advice advice = advise(seen(2, 500, 1), 2, 7);
  EXPECT_EQ(advice.duration_ms, 2);
  EXPECT_EQ(advice.repetitions, 7U);
}

TEST(Advice, RepetitionsHaveALimit) {
  EXPECT_EQ(advise(seen(2, 500, 1), 60'000, 5).repetitions, kMostAdvised);
}

RC_GTEST_PROP(Advice, IsTheLongestCleanWindowOfTheSameMeasuredTime, ()) {
  const auto noise = seen(*rc::gen::inRange<std::size_t>(1, 65),
                          *rc::gen::inRange<std::uint64_t>(0, 2000), *rc::gen::inRange(1, 60));
  const auto wanted = static_cast<double>(*rc::gen::inRange(5, 1000));
  const auto repetitions = *rc::gen::inRange<std::uint64_t>(1, 5);
  const Advice advice = advise(noise, wanted, repetitions);
  RC_ASSERT(advice.duration_ms >= kShortestWindowMs && advice.duration_ms <= wanted);
  RC_ASSERT(advice.repetitions >= repetitions);
  RC_ASSERT(advice.clean_chance >= kWantedCleanChance || advice.duration_ms == kShortestWindowMs);
  if (advice.duration_ms < wanted)
    RC_ASSERT(clean_chance(noise, advice.duration_ms + 1) < kWantedCleanChance);
  const double measured = advice.duration_ms * static_cast<double>(advice.repetitions);
  RC_ASSERT(measured >= wanted * static_cast<double>(repetitions) - 1e-6);
  RC_ASSERT(measured < wanted * static_cast<double>(repetitions) + advice.duration_ms);
}

std::vector<unsigned> allowed_cpus() {
  std::vector<unsigned> cpus;
  for (const Cpu& cpu : this_machine().cpus) cpus.push_back(cpu.os);
  return cpus;
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
    EXPECT_LE(cpu.longest_us, cpu.hiccup_us);
    EXPECT_EQ(cpu.longest_us > 0, cpu.hiccups > 0);
  }
}

// A rival that wants the same CPU all the time leaves about half of it, in turns of milliseconds.
TEST(MeasureNoise, SeesARivalOnTheSameCpu) {
  const unsigned cpu = allowed_cpus().back();
  const double hz = measure_clock({cpu}).hz;
  std::atomic<bool> stop{false};
  std::thread rival([&] {
    pin_to(cpu);
    while (!stop.load(std::memory_order_relaxed)) {  // only ends the loop: orders nothing
    }
  });
  const NoiseFacts noise = measure_noise({cpu}, 0.3, hz);
  stop.store(true, std::memory_order_relaxed);
  rival.join();
  EXPECT_GT(noise.cpus[0].hiccups, 0U);
  EXPECT_GT(noise.cpus[0].involuntary_switches, 0U);
  EXPECT_GT(noise.cpus[0].longest_us, 500);
  EXPECT_GT(share_lost(noise), 0.2);
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
