#include "bench/trial/histogram.hpp"

#include <cmath>

namespace ringbench {

Histogram::Histogram(const State& state)
    : counts_(kBuckets), count_(state.count), max_(state.max), sum_(state.sum) {
  for (const auto& [index, count] : state.counts) counts_.at(index) = count;
}

Histogram::State Histogram::state() const {
  State state{{}, count_, max_, sum_};
  for (std::size_t i = 0; i < kBuckets; ++i) {
    if (counts_[i] != 0) state.counts.emplace(i, counts_[i]);
  }
  return state;
}

void Histogram::merge(const Histogram& other) {
  for (std::size_t i = 0; i < kBuckets; ++i) counts_[i] += other.counts_[i];
  count_ += other.count_;
  sum_ += other.sum_;
  max_ = std::max(max_, other.max_);
}

Histogram::Bucket Histogram::bounds(std::size_t index) {
  if (index < 2 * kSub) return {index, index, 0};
  const std::size_t shift = index / kSub - 1;
  const std::uint64_t lower = static_cast<std::uint64_t>(index - shift * kSub) << shift;
  return {lower, lower + ((std::uint64_t{1} << shift) - 1), 0};
}

double Histogram::percentile(double fraction) const {
  const auto rank =
      static_cast<std::uint64_t>(std::max(1.0, std::ceil(fraction * static_cast<double>(count_))));
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < kBuckets; ++i) {
    seen += counts_[i];
    if (seen < rank) continue;
    const auto [lower, upper, count] = bounds(i);
    const double middle = static_cast<double>(lower) + static_cast<double>(upper - lower) / 2;
    return std::min(middle, static_cast<double>(max_));
  }
  return 0;
}

std::vector<Histogram::Bucket> Histogram::buckets() const {
  std::vector<Bucket> found;
  for (std::size_t i = 0; i < kBuckets; ++i) {
    if (counts_[i] == 0) continue;
    found.push_back(bounds(i));
    found.back().count = counts_[i];
  }
  return found;
}

}  // namespace ringbench
