// How long the machine takes its CPUs away from a thread, and how often.
#pragma once

#include <cstdint>
#include <vector>

#include "topology/noise.hpp"

namespace ringbench {

struct StallBin {
  double from_us = 0;  // of this length and longer, ...
  double to_us = 0;    // ... and shorter than this
  std::uint64_t count = 0;
  friend bool operator==(const StallBin&, const StallBin&) = default;
};

// Hiccups as topology/noise.hpp has them, of all CPUs together.
struct Stalls {
  double watched_s = 0;  // CPU-seconds
  std::uint64_t count = 0;
  double lost_s = 0;
  double longest_us = 0;
  // By powers of two of a microsecond, the first from the shortest hiccup; up to the longest seen.
  std::vector<StallBin> histogram;

  void add(const NoiseFacts& noise);
  void add(const Stalls& other);
  double per_s() const { return watched_s > 0 ? static_cast<double>(count) / watched_s : 0; }
  double share_lost() const { return watched_s > 0 ? lost_s / watched_s : 0; }
  friend bool operator==(const Stalls&, const Stalls&) = default;

 private:
  StallBin& bin_of(double us);
};

}  // namespace ringbench
