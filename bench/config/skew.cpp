#include "bench/config/skew.hpp"

#include <cmath>
#include <numeric>

namespace ringbench {

std::vector<double> shares_of(const Cell& cell) {
  const auto n = static_cast<double>(cell.producers);
  std::vector<double> shares(cell.producers, 1 / n);
  if (cell.skew == "zipf") {
    for (std::size_t p = 0; p < shares.size(); ++p) {
      shares[p] = std::pow(static_cast<double>(p + 1), -cell.skew_exponent);
    }
    const double sum = std::accumulate(shares.begin(), shares.end(), 0.0);
    for (double& share : shares) share /= sum;
  } else if (cell.skew != "even") {
    shares.assign(cell.producers, (1 - cell.hot_share) / (n - 1));
    shares.front() = cell.hot_share;
  }
  return shares;
}

}  // namespace ringbench
