#include "bench/run/statistics.hpp"

#include <algorithm>
#include <cmath>
#include <random>

namespace ringbench {
namespace {

constexpr std::size_t kResamples = 2'000;
constexpr std::uint64_t kSeed = 4737;

}  // namespace

double Interval::relative_half_width() const {
  return median == 0 ? 0 : (high - low) / 2 / std::abs(median);
}

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::ranges::nth_element(values, middle);
  if (values.size() % 2 == 1) return *middle;
  return (*std::max_element(values.begin(), middle) + *middle) / 2;
}

std::optional<Interval> median_interval(const std::vector<double>& values) {
  if (values.size() < 2) return std::nullopt;
  std::mt19937_64 random(kSeed);
  std::vector<double> medians(kResamples);
  std::vector<double> sample(values.size());
  for (auto& resampled : medians) {
    for (auto& value : sample) value = values[random() % values.size()];
    resampled = median(sample);
  }
  std::ranges::sort(medians);
  const auto at = [&](double fraction) {
    return medians[static_cast<std::size_t>(fraction * static_cast<double>(kResamples - 1))];
  };
  return Interval{median(values), at(0.025), at(0.975)};
}

}  // namespace ringbench
