#include "bench/search/load_classification.hpp"

#include <algorithm>

namespace ringbench {

// Short trials are harsher on a buffer that must settle and kinder to one that fills slowly, so
// good ones count only against bad ones: as many as the exceed ratio lets them excuse.
LoadClass classify(const Goal& goal, const DurationSums& sums) {
  const double excused = sums.good_short * goal.exceed_ratio / (1 - goal.exceed_ratio);
  const double bad = sums.bad_long + std::max(0.0, sums.bad_short - excused);
  const double whole = std::max(sums.good_long + bad, goal.duration_sum);
  const double allowed = whole * goal.exceed_ratio;
  const bool if_the_rest_is_good = bad <= allowed;
  const bool if_the_rest_is_bad = whole - sums.good_long <= allowed;
  if (if_the_rest_is_good && if_the_rest_is_bad) return LoadClass::lower_bound;
  if (!if_the_rest_is_good && !if_the_rest_is_bad) return LoadClass::upper_bound;
  return LoadClass::undecided;
}

double quantile_loss_ratio(const Goal& goal, std::vector<LongTrial> trials) {
  std::ranges::sort(trials, {}, &LongTrial::loss_ratio);
  double all = 0;
  for (const auto& trial : trials) all += trial.duration_ms;
  double left = std::max(goal.duration_sum, all) * (1 - goal.exceed_ratio);
  for (const auto& trial : trials) {
    left -= trial.duration_ms;
    if (left <= 0) return trial.loss_ratio;
  }
  return 1;
}

}  // namespace ringbench
