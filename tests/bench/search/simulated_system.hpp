// A buffer and its machine, simulated: what the search meets is known exactly.
#pragma once

#include <cmath>
#include <functional>
#include <random>
#include <vector>

#include "bench/search/rate_search.hpp"

namespace ringbench {

struct SimulatedSystem {
  std::function<double(double rate)> drop_fraction = [](double) { return 0.0; };
  double fastest = 1e9;  // rate that producers can offer
  double bad_luck = 0;   // share of trials that lose a hundredth for no fault of the load
  double tainted = 0;    // of those, the share that says so
  double failing = 0;    // share of trials that fail
  std::mt19937_64 random{4737};

  double uniform() { return std::uniform_real_distribution<>(0, 1)(random); }

  SearchTrial run(const NextTrial& next) {
    SearchTrial trial;
    trial.rate = next.rate;
    trial.duration_ms = next.duration_ms;
    trial.repetition = next.repetition;
    trial.attempt = next.attempt;
    trial.offered = next.rate <= fastest;
    trial.attempted = std::floor(std::min(next.rate, fastest) * next.duration_ms / 1e3);
    double fraction = drop_fraction(next.rate);
    if (uniform() < bad_luck) {
      fraction += 0.01;
      if (uniform() < tainted) trial.status = Status::tainted;
      trial.reason = "noise";
    }
    std::poisson_distribution<std::int64_t> drops(std::max(1e-300, fraction * trial.attempted));
    trial.dropped = std::min(trial.attempted, static_cast<double>(drops(random)));
    if (fraction == 0) trial.dropped = 0;
    if (uniform() < failing) trial.status = Status::failed;
    return trial;
  }
};

struct Searched {
  std::vector<SearchTrial> history;
  std::vector<TargetResult> results;

  double seconds() const {
    double sum = 0;
    for (const auto& trial : history) sum += trial.duration_ms / 1e3;
    return sum;
  }
};

inline Searched searched(SimulatedSystem system, const SearchSettings& settings = {},
                         const RateLimits& limits = {}) {
  Searched done;
  while (const auto next = next_trial(settings, limits, done.history)) {
    done.history.push_back(system.run(*next));
    if (done.history.size() > settings.max_trials) break;  // the search must see to that itself
  }
  done.results = results_of(settings, limits, done.history);
  return done;
}

}  // namespace ringbench
