// A median over repetitions, and how far it can be trusted.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

namespace ringbench {

struct Interval {
  double median = 0;
  double low = 0;  // 95 % bootstrap interval of the median (B. Efron, percentile method)
  double high = 0;

  // Half the interval's width over the median; 0 for a median of 0.
  double relative_half_width() const;
};

double median(std::vector<double> values);  // of at least one value

// Nothing for fewer than two values: one repetition says nothing about its own error. The same
// values give the same interval every time.
std::optional<Interval> median_interval(const std::vector<double>& values);

}  // namespace ringbench
