#include "bench/trial/stamp_line.hpp"

#include <cmath>

namespace ringbench {

StampLine line_through(const MonotonicReading& earlier, const MonotonicReading& now, double hz) {
  constexpr std::uint64_t kLeastNs = 1'000'000;
  StampLine line{now.ns, now.ticks, hz * 1e-9};
  if (earlier.ns != 0 && now.ns >= earlier.ns + kLeastNs) {
    line.ticks_per_ns =
        static_cast<double>(now.ticks - earlier.ticks) / static_cast<double>(now.ns - earlier.ns);
  }
  return line;
}

std::uint64_t error_of(const StampLine& line, const MonotonicReading& later) {
  const double expected = static_cast<double>(later.ns - line.base_ns) * line.ticks_per_ns;
  const double found = static_cast<double>(later.ticks - line.base_ticks);
  return static_cast<std::uint64_t>(std::ceil(std::abs(expected - found))) +
         later.uncertainty_ticks;
}

std::uint64_t step_of(const StampLine& line) {
  return static_cast<std::uint64_t>(std::ceil(line.ticks_per_ns));
}

}  // namespace ringbench
