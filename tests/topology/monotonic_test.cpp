#include "topology/monotonic.hpp"

#include <gtest/gtest.h>
#include <time.h>

#include <chrono>
#include <thread>
#include <vector>

#include "topology/clock.hpp"
#include "topology/machine.hpp"

namespace ringbench {
namespace {

std::uint64_t now_ns() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000 +
         static_cast<std::uint64_t>(now.tv_nsec);
}

std::vector<unsigned> one_cpu() {
  return {this_machine().cpus.front().os};
}

TEST(Monotonic, BothClocksAreReadBetweenCallAndReturn) {
  for (int i = 0; i < 20; ++i) {
    const auto ns_before = now_ns();
    const auto ticks_before = begin_timing();
    const auto reading = read_monotonic();
    const auto ticks_after = end_timing();
    const auto ns_after = now_ns();
    EXPECT_GE(reading.ns, ns_before);
    EXPECT_LE(reading.ns, ns_after);
    EXPECT_GE(reading.ticks, ticks_before);
    EXPECT_LE(reading.ticks, ticks_after);
    EXPECT_GT(reading.uncertainty_ticks, 0U);
  }
}

// Two readings, some ms apart, tell how fast one clock runs by the other: as well as their brackets
// are short.
TEST(Monotonic, TwoReadingsTellTheFrequency) {
  const double hz = measure_clock(one_cpu()).hz;
  const auto first = read_monotonic();
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  const auto second = read_monotonic();
  const auto elapsed = static_cast<double>(second.ticks - first.ticks);
  const double expected = static_cast<double>(second.ns - first.ns) * hz * 1e-9;
  const auto uncertain = static_cast<double>(first.uncertainty_ticks + second.uncertainty_ticks);
  EXPECT_NEAR(elapsed / expected, 1, 1e-3);
  EXPECT_LT(uncertain / hz, 20e-6) << "the best of many brackets, not any";
}

TEST(Monotonic, IsPartOfTheClocksFacts) {
  const auto before = now_ns();
  const auto facts = measure_clock(one_cpu());
  EXPECT_GE(facts.monotonic.ns, before);
  EXPECT_LE(facts.monotonic.ns, now_ns());
  EXPECT_GE(facts.monotonic_resolution_ns, 1U);
}

TEST(Monotonic, ItsResolutionIsFine) {
  const auto step = monotonic_resolution_ns();
  EXPECT_GE(step, 1U);
  EXPECT_LT(step, 1'000'000U);
}

}  // namespace
}  // namespace ringbench
