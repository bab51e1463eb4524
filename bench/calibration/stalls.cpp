#include "bench/calibration/stalls.hpp"

#include <algorithm>
#include <cmath>

namespace ringbench {
namespace {

double next_power_of_two(double us) {
  return std::exp2(std::floor(std::log2(us)) + 1);
}

}  // namespace

// Makes the bins up to there, too: one that counted nothing says so.
StallBin& Stalls::bin_of(double us) {
  if (histogram.empty()) histogram.push_back({kHiccupUs, next_power_of_two(kHiccupUs), 0});
  while (histogram.back().to_us <= us) {
    const double from = histogram.back().to_us;
    histogram.push_back({from, 2 * from, 0});
  }
  const auto found = std::ranges::upper_bound(histogram, us, {}, &StallBin::from_us);
  return found == histogram.begin() ? *found : *(found - 1);
}

void Stalls::add(const NoiseFacts& noise) {
  for (const CpuNoise& cpu : noise.cpus) {
    watched_s += noise.seconds;
    count += cpu.hiccups;
    lost_s += cpu.hiccup_us * 1e-6;
    longest_us = std::max(longest_us, cpu.longest_us);
    for (const Gap& gap : cpu.gaps) ++bin_of(gap.us).count;
  }
}

void Stalls::add(const Stalls& other) {
  watched_s += other.watched_s;
  count += other.count;
  lost_s += other.lost_s;
  longest_us = std::max(longest_us, other.longest_us);
  for (const StallBin& bin : other.histogram) bin_of(bin.from_us).count += bin.count;
}

}  // namespace ringbench
