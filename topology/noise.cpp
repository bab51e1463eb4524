#include "topology/noise.hpp"

#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <future>
#include <stdexcept>
#include <thread>

#include "topology/affinity.hpp"
#include "topology/clock.hpp"

namespace ringbench {
namespace {

using SteadyClock = std::chrono::steady_clock;
using namespace std::chrono_literals;

std::uint64_t involuntary_switches() {
  rusage usage{};
  getrusage(RUSAGE_THREAD, &usage);
  return static_cast<std::uint64_t>(usage.ru_nivcsw);
}

CpuNoise watch(unsigned cpu, SteadyClock::time_point start, double seconds, double hz) {
  pin_to(cpu);
  std::this_thread::sleep_until(start);
  const auto us = [hz](std::uint64_t span) { return static_cast<double>(span) * 1e6 / hz; };
  const auto threshold = static_cast<std::uint64_t>(kHiccupUs * 1e-6 * hz);
  const std::uint64_t switches = involuntary_switches();
  CpuNoise noise{.cpu = cpu};
  const std::uint64_t begin = ticks();
  std::uint64_t last = begin;
  const std::uint64_t end = begin + static_cast<std::uint64_t>(seconds * hz);
  while (last < end) {
    // A gap that reaches beyond the end has not been watched beyond it.
    const std::uint64_t now = std::min(ticks(), end);
    const std::uint64_t gap = now - last;
    last = now;
    if (gap <= threshold) continue;
    ++noise.hiccups;
    noise.hiccup_us += us(gap);
    noise.gaps.push_back({us(now - gap - begin), us(gap)});
    noise.longest_us = std::max(noise.longest_us, us(gap));
  }
  noise.involuntary_switches = involuntary_switches() - switches;
  return noise;
}

std::uint64_t hiccups(const NoiseFacts& noise) {
  std::uint64_t sum = 0;
  for (const auto& cpu : noise.cpus) sum += cpu.hiccups;
  return sum;
}

double watched_s(const NoiseFacts& noise) {
  return noise.seconds * static_cast<double>(noise.cpus.size());
}

// What the gaps take of [from_us, to_us).
double lost_us(const std::vector<Gap>& gaps, double from_us, double to_us) {
  double lost = 0;
  auto gap = std::ranges::partition_point(
      gaps, [&](const Gap& one) { return one.at_us + one.us <= from_us; });
  for (; gap != gaps.end() && gap->at_us < to_us; ++gap)
    lost += std::min(to_us, gap->at_us + gap->us) - std::max(from_us, gap->at_us);
  return lost;
}

// Whole milliseconds from the shortest up, a tenth longer each time, and the wanted one.
std::vector<double> candidates(double wanted_ms) {
  std::vector<double> windows;
  for (double ms = kShortestWindowMs; ms < wanted_ms; ms = std::ceil(ms * 1.1))
    windows.push_back(ms);
  windows.push_back(wanted_ms);
  return windows;
}

}  // namespace

NoiseFacts measure_noise(const std::vector<unsigned>& os_cpus, double seconds, double tsc_hz) {
  if (os_cpus.empty() || !(seconds > 0) || !(tsc_hz > 0)) {
    throw std::invalid_argument(
        "noise cannot be measured without a CPU, a time and the clock's frequency: give at least "
        "one of the allowed CPUs, and what measure_clock() found");
  }
  // Starting the last thread would disturb the first, so they wait for a common start.
  const auto start = SteadyClock::now() + 10ms + os_cpus.size() * 1ms;
  std::vector<std::future<CpuNoise>> watchers;
  for (const unsigned cpu : os_cpus)
    watchers.push_back(std::async(std::launch::async, watch, cpu, start, seconds, tsc_hz));
  NoiseFacts noise{seconds, {}};
  for (auto& watcher : watchers) noise.cpus.push_back(watcher.get());
  return noise;
}

NoiseFacts noise_of(const NoiseFacts& noise, const std::vector<unsigned>& os_cpus) {
  NoiseFacts some{noise.seconds, {}};
  std::ranges::copy_if(
      noise.cpus, std::back_inserter(some.cpus),
      [&](unsigned cpu) { return std::ranges::find(os_cpus, cpu) != os_cpus.end(); },
      &CpuNoise::cpu);
  return some;
}

double hiccups_per_s(const NoiseFacts& noise) {
  const double watched = watched_s(noise);
  return watched > 0 ? static_cast<double>(hiccups(noise)) / watched : 0;
}

double share_lost(const NoiseFacts& noise) {
  double lost_us = 0;
  for (const auto& cpu : noise.cpus) lost_us += cpu.hiccup_us;
  const double watched = watched_s(noise);
  return watched > 0 ? lost_us * 1e-6 / watched : 0;
}

double longest_hiccup_us(const NoiseFacts& noise) {
  double longest = 0;
  for (const auto& cpu : noise.cpus) longest = std::max(longest, cpu.longest_us);
  return longest;
}

double clean_chance(const NoiseFacts& noise, double window_ms, double tolerated_share) {
  if (noise.cpus.empty() || !(noise.seconds > 0)) return 1;
  const double watched_us = noise.seconds * 1e6;
  const double window_us = std::min(window_ms * 1e3, watched_us);
  std::uint64_t positions = 0, clean = 0;
  for (double from = 0; from + window_us <= watched_us; from += window_us / 4) {
    const auto is_clean = [&](const CpuNoise& cpu) {
      return lost_us(cpu.gaps, from, from + window_us) <= tolerated_share * window_us;
    };
    ++positions;
    clean += std::ranges::all_of(noise.cpus, is_clean) ? 1 : 0;
  }
  return static_cast<double>(clean) / static_cast<double>(positions);
}

Advice advise(const NoiseFacts& noise, double wanted_duration_ms, std::uint64_t repetitions,
              double tolerated_share) {
  Advice advice{0, 0, -1};
  for (const double window : candidates(wanted_duration_ms)) {
    const double chance = clean_chance(noise, window, tolerated_share);
    if (chance < kWantedCleanChance && chance <= advice.clean_chance) continue;
    advice.duration_ms = window;
    advice.clean_chance = chance;
  }
  const double same_time =
      std::ceil(wanted_duration_ms * static_cast<double>(repetitions) / advice.duration_ms - 1e-9);
  const double most = static_cast<double>(std::max(kMostAdvised, repetitions));
  advice.repetitions = std::max(repetitions, static_cast<std::uint64_t>(std::min(same_time, most)));
  return advice;
}

}  // namespace ringbench
