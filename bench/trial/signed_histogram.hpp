// A log-linear histogram of integers of either sign: the buckets of Histogram on both sides of
// zero.
#pragma once

#include <cstdint>
#include <vector>

#include "bench/trial/histogram.hpp"

namespace ringbench {

class SignedHistogram {
 public:
  struct Bucket {
    std::int64_t lower = 0;  // both ends belong to the bucket
    std::int64_t upper = 0;
    std::uint64_t count = 0;
    friend bool operator==(const Bucket&, const Bucket&) = default;
  };

  void record(std::int64_t value, std::uint64_t times = 1) {
    value < 0 ? negative.record(static_cast<std::uint64_t>(-value), times)
              : other.record(static_cast<std::uint64_t>(value), times);
  }
  std::uint64_t count() const { return negative.count() + other.count(); }
  std::vector<Bucket> buckets() const;  // those with a count, ascending

  Histogram negative;  // by absolute value
  Histogram other;
};

}  // namespace ringbench
