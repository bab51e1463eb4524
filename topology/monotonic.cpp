#include "topology/monotonic.hpp"

#include <algorithm>
#include <ctime>

#include "topology/clock.hpp"

namespace ringbench {
namespace {

std::uint64_t now_ns() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000 +
         static_cast<std::uint64_t>(now.tv_nsec);
}

}  // namespace

MonotonicReading read_monotonic() {
  constexpr int kReadings = 200;
  MonotonicReading best{.uncertainty_ticks = UINT64_MAX};
  for (int i = 0; i < kReadings; ++i) {
    const auto begin = begin_timing();
    const auto ns = now_ns();
    const auto end = end_timing();
    const auto half = (end - begin + 1) / 2;
    if (half < best.uncertainty_ticks) best = {ns, begin + half, half};
  }
  return best;
}

std::uint64_t monotonic_resolution_ns() {
  constexpr int kSteps = 1'000;
  std::uint64_t smallest = UINT64_MAX;
  auto last = now_ns();
  for (int i = 0; i < kSteps; ++i) {
    const auto now = now_ns();
    if (now > last) smallest = std::min(smallest, now - last);
    last = now;
  }
  return smallest;
}

}  // namespace ringbench
