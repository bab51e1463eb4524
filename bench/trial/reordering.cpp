#include "bench/trial/reordering.hpp"

#include <algorithm>
#include <vector>

namespace ringbench {
namespace {

// A record whose stamp is greater than all before it.
struct Peak {
  std::uint64_t stamp;
  std::uint64_t position;
};

}  // namespace

// The earliest record with a stamp beyond a bound is always a peak, and peaks ascend, so a binary
// search finds it: O(n log n), and O(n) for what arrives in order.
Reordering reordering(std::span<const std::uint64_t> delivered, std::uint64_t tie_window) {
  Reordering result;
  result.records = delivered.size();
  std::vector<Peak> peaks;
  for (std::uint64_t i = 0; i < delivered.size(); ++i) {
    const auto stamp = delivered[i];
    if (peaks.empty() || stamp > peaks.back().stamp) {
      peaks.push_back({stamp, i});
    } else if (peaks.back().stamp - stamp > tie_window) {
      const auto earliest = std::ranges::upper_bound(peaks, stamp + tie_window, {}, &Peak::stamp);
      ++result.reordered;
      result.extent.record(i - earliest->position);
    }
  }
  return result;
}

}  // namespace ringbench
