#include "bench/calibration/estimate.hpp"

#include <algorithm>
#include <cmath>
#include <span>

namespace ringbench {
namespace {

using Values = std::span<const double>;  // ascending

double quantile(Values values, double fraction) {
  const double at = fraction * static_cast<double>(values.size() - 1);
  const auto below = static_cast<std::size_t>(at);
  const auto above = std::min(below + 1, values.size() - 1);
  return std::lerp(values[below], values[above], at - static_cast<double>(below));
}

// The interval is from the k-th least of n values to the k-th greatest: the largest k with
// P(binomial(n, 1/2) < k) <= 5 %, so that the median is below or above with 10 % at most.
std::size_t rank_of_ends(std::size_t n) {
  const auto trials = static_cast<double>(n);
  const auto log_probability = [&](double successes) {
    return std::lgamma(trials + 1) - std::lgamma(successes + 1) -
           std::lgamma(trials - successes + 1) - trials * std::log(2.0);
  };
  double below = 0;
  std::size_t k = 0;
  for (; k < n / 2; ++k) {
    below += std::exp(log_probability(static_cast<double>(k)));
    if (below > 0.05) break;
  }
  return k;
}

// In logarithms, where a ratio is a distance.
double middle_half(Values values) {
  return std::log(quantile(values, 0.75) / quantile(values, 0.25));
}

// The first value above the widest gap that leaves `least` values on each side; 0: there is none.
std::size_t widest_gap(Values values, std::size_t least) {
  std::size_t found = 0;
  double widest = 1;
  for (std::size_t i = least; i + least <= values.size(); ++i) {
    const double ratio = values[i] / values[i - 1];
    if (ratio <= widest) continue;
    widest = ratio;
    found = i;
  }
  return found;
}

void cut(Values values, std::size_t all, std::vector<Regime>& regimes) {
  const std::size_t least = std::max<std::size_t>(4, (all + 9) / 10);
  const std::size_t at = widest_gap(values, least);
  if (at != 0) {
    const auto lower = values.first(at), upper = values.subspan(at);
    const double gap = std::log(upper.front() / lower.back());
    if (gap > std::log(kRegimeRatio) && gap > 2 * middle_half(lower) &&
        gap > 2 * middle_half(upper)) {
      cut(lower, all, regimes);
      cut(upper, all, regimes);
      return;
    }
  }
  regimes.push_back(
      {quantile(values, 0.5), static_cast<double>(values.size()) / static_cast<double>(all)});
}

}  // namespace

std::optional<Estimate> estimate(std::vector<double> rounds) {
  if (rounds.size() < kEnoughRounds) return std::nullopt;
  std::ranges::sort(rounds);
  const std::size_t k = rank_of_ends(rounds.size());  // at least 1, from kEnoughRounds on
  return Estimate{quantile(rounds, 0.5), rounds[k - 1], rounds[rounds.size() - k], rounds.size(),
                  regimes_of(rounds)};
}

std::vector<Regime> regimes_of(const std::vector<double>& sorted) {
  if (sorted.empty()) return {};
  // What is zero or below has no ratio: differences of two measurements that are nearly the same.
  if (sorted.front() <= 0) return {{quantile(sorted, 0.5), 1}};
  std::vector<Regime> regimes;
  cut(sorted, sorted.size(), regimes);
  return regimes;
}

}  // namespace ringbench
