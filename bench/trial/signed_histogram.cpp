#include "bench/trial/signed_histogram.hpp"

#include <ranges>

namespace ringbench {

std::vector<SignedHistogram::Bucket> SignedHistogram::buckets() const {
  std::vector<Bucket> found;
  const auto below = negative.buckets();
  for (const auto& [lower, upper, count] : below | std::views::reverse) {
    found.push_back({-static_cast<std::int64_t>(upper), -static_cast<std::int64_t>(lower), count});
  }
  for (const auto& [lower, upper, count] : other.buckets()) {
    found.push_back({static_cast<std::int64_t>(lower), static_cast<std::int64_t>(upper), count});
  }
  return found;
}

}  // namespace ringbench
