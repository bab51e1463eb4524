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
  std::uint64_t last = ticks();
  const std::uint64_t end = last + static_cast<std::uint64_t>(seconds * hz);
  while (last < end) {
    const std::uint64_t now = ticks();
    const std::uint64_t gap = now - last;
    last = now;
    if (gap <= threshold) continue;
    ++noise.hiccups;
    noise.hiccup_us += us(gap);
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

double longest_window_ms(const NoiseFacts& noise, double wanted_ms) {
  if (clean_chance(noise, wanted_ms) >= kWantedCleanChance) return wanted_ms;
  const double per_ms = static_cast<double>(hiccups(noise)) / noise.seconds / 1e3;
  const double longest = std::floor(-std::log(kWantedCleanChance) / per_ms);
  return std::min(wanted_ms, std::max(kShortestWindowMs, longest));
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
  return watched > 0 ? std::min(1.0, lost_us * 1e-6 / watched) : 0;
}

double longest_hiccup_us(const NoiseFacts& noise) {
  double longest = 0;
  for (const auto& cpu : noise.cpus) longest = std::max(longest, cpu.longest_us);
  return longest;
}

double clean_chance(const NoiseFacts& noise, double window_ms) {
  if (noise.cpus.empty() || !(noise.seconds > 0)) return 1;
  return std::exp(-static_cast<double>(hiccups(noise)) / noise.seconds * window_ms / 1e3);
}

Advice advise(const NoiseFacts& noise, double wanted_duration_ms, std::uint64_t repetitions) {
  Advice advice;
  advice.duration_ms = longest_window_ms(noise, wanted_duration_ms);
  const double same_time =
      std::ceil(wanted_duration_ms * static_cast<double>(repetitions) / advice.duration_ms - 1e-9);
  const double most = static_cast<double>(std::max(kMostAdvised, repetitions));
  advice.repetitions = std::max(repetitions, static_cast<std::uint64_t>(std::min(same_time, most)));
  advice.clean_chance = clean_chance(noise, advice.duration_ms);
  return advice;
}

}  // namespace ringbench
