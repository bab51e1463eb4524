// CLOCK_MONOTONIC, the clock of BPF programs (bpf_ktime_get_ns), against the time-stamp counter.
#pragma once

#include <cstdint>

namespace ringbench {

// Both clocks at one moment: of many readings of CLOCK_MONOTONIC, each between two of the TSC, the
// one whose bracket is shortest. The moment is the bracket's middle, give or take half of it.
struct MonotonicReading {
  std::uint64_t ns = 0;  // 0: never read
  std::uint64_t ticks = 0;
  std::uint64_t uncertainty_ticks = 0;
};

// Takes some 10 us.
MonotonicReading read_monotonic();

// The smallest step between two different readings of CLOCK_MONOTONIC, in ns.
std::uint64_t monotonic_resolution_ns();

}  // namespace ringbench
