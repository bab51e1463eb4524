#include "planner/spread_histogram.hpp"

#include <algorithm>

namespace ringbench::planner {

double SpreadHistogram::quantile(double fraction) const {
  const auto wanted = fraction * records_;
  double before = 0, density = 0;
  for (std::size_t bin = 0; bin < kBins; ++bin) {
    density += step_[bin];
    const auto begin = begin_of(bin), width = begin_of(bin + 1) - begin;
    const auto here = std::max(0.0, in_bin_[bin] + density * width);
    if (here > 0 && before + here >= wanted) {
      // The first bin is mostly records that did not wait at all.
      const auto part = bin == 0 ? 0 : (wanted - before) / here;
      return std::min(largest_, begin + part * width);
    }
    before += here;
  }
  return largest_;
}

}  // namespace ringbench::planner
