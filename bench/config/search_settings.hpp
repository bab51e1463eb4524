// How `ringbench search` looks for the highest rate that meets a target: the section [search] of a
// config. The names in brackets are those of RFC 9971 (MLRsearch), section 4.
#pragma once

#include <cstdint>
#include <vector>

namespace ringbench {

struct SearchSettings {
  // Largest drop fractions allowed, ascending [Goal Loss Ratio].
  std::vector<double> targets{0, 1e-6, 1e-3};
  double shortest_ms = 50;  // first trials [Goal Initial Trial Duration]
  double longest_ms = 400;  // last trials [Goal Final Trial Duration]
  double sum_ms = 2000;     // trials at one rate, all together [Goal Duration Sum]
  double bad_share = 0.25;  // of that sum, in trials over the target [Goal Exceed Ratio]
  double width = 0.02;      // of the interval found, over its upper end [Goal Width]
  // A rate is offered if producers are no more than this share of it behind.
  double offer_tolerance = 0.01;
  std::uint64_t retries = 2;       // of a tainted trial: [noise] attempts, less the first
  std::uint64_t max_trials = 400;  // of one searched cell, retries included
};

}  // namespace ringbench
