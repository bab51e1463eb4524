#include "bench/limits/slices.hpp"

#include <algorithm>
#include <utility>

namespace ringbench {

std::optional<double> median_of_enough(std::vector<double> values) {
  constexpr std::size_t kEnough = 3;
  if (values.size() < kEnough) return std::nullopt;
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::ranges::nth_element(values, middle);
  return *middle;
}

std::optional<double> ticks_a_call(std::span<const Slices> threads) {
  std::vector<double> found;
  for (std::size_t i = 0; i < kSlices; ++i) {
    if (!std::ranges::all_of(threads, [i](const Slices& own) { return own[i].calls != 0; })) {
      continue;
    }
    double ticks = 0, calls = 0;
    for (const Slices& own : threads) {
      ticks += static_cast<double>(own[i].ticks);
      calls += static_cast<double>(own[i].calls);
    }
    found.push_back(ticks / calls);
  }
  return median_of_enough(std::move(found));
}

}  // namespace ringbench
