// What many rounds say of one number: its median, how sure that is, and whether the rounds agree.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

namespace ringbench {

// A level that a part of the rounds has, apart from the others.
struct Regime {
  double value = 0;  // their median
  double share = 0;  // of all rounds
  friend bool operator==(const Regime&, const Regime&) = default;
};

struct Estimate {
  double value = 0;  // the median
  double low = 0;    // 90 % interval of the median
  double high = 0;
  std::size_t rounds = 0;
  std::vector<Regime> regimes;  // ascending; one, of share 1, where the rounds agree
  friend bool operator==(const Estimate&, const Estimate&) = default;
};

// Fewer rounds than these have no interval of 90 %: between their least and their greatest the
// median lies with a probability of 1 - 2^(1-n).
inline constexpr std::size_t kEnoughRounds = 5;

// The interval lies between two of the sorted values, as many from the least as from the greatest:
// with a median in truth at m, the number of values below m is binomial(n, 1/2), whatever their
// distribution (H. A. David, Order Statistics, section 2.5). Nothing for fewer than kEnoughRounds.
std::optional<Estimate> estimate(std::vector<double> rounds);

// The clusters of positive values: sorted, they are cut at the widest gap, by ratio, if it is wider
// than kRegimeRatio and than twice the middle half of the values on either side, and if at least
// 10 % of all, and four, lie on each side; so on with each part. A single wide cluster is not cut:
// the gaps in its middle are narrower than its parts (of log-normal rounds, whatever their width,
// one series in a hundred is cut at 15 rounds, and hardly any from 30 on). `sorted`: ascending.
std::vector<Regime> regimes_of(const std::vector<double>& sorted);
inline constexpr double kRegimeRatio = 1.1;

}  // namespace ringbench
