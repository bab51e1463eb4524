// From which disturbance on a trial is tainted: the section [noise] of a config.
#pragma once

#include <cstdint>

namespace ringbench {

struct NoiseLimits {
  // A trial that crosses a limit is tried again, until one does not or there are so many.
  std::uint64_t attempts = 3;
  double lag_p99_us = 2;        // 99th percentile of how late paced events were sent
  double hiccup_share = 0.1;    // of a thread's time in the window, lost in gaps of more than 10 us
  double steal_share = 0.01;    // of the time of the trial's CPUs, taken by the hypervisor
  double switches_per_s = 500;  // involuntary ones of a thread, in the window
  std::uint64_t page_faults = 10;  // of a thread, in the window
  double longest_window_ms = 100;  // of a cell that leaves duration_ms to the noise seen
  double frequency_change = 0.05;  // of a CPU's clock, between the window's first and last quarter
};

// What longest_window_ms may be at most.
inline constexpr double kLongestChosenMs = 1'000;

// A gap on a thread's clock is a hiccup from here on.
inline constexpr double kHiccupUs = 10;

}  // namespace ringbench
