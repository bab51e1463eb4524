// Delivered sequences for tests of the order metrics.
#pragma once

#include <cstdint>
#include <vector>

#include "bench/trial/delivery_log.hpp"
#include "bench/trial/histogram.hpp"

namespace ringbench {

using Stamps = std::vector<std::uint64_t>;

// Delivered in this order, one each 10 ticks.
inline std::vector<Delivery> deliveries(const Stamps& stamps) {
  std::vector<Delivery> all;
  for (const auto stamp : stamps) all.push_back({stamp, 1'000 + 10 * all.size()});
  return all;
}

// Ascending; exact where all are below 128.
inline std::vector<std::uint64_t> values(const Histogram& histogram) {
  std::vector<std::uint64_t> all;
  for (const auto& bucket : histogram.buckets()) {
    all.insert(all.end(), bucket.count, bucket.lower);
  }
  return all;
}

}  // namespace ringbench
