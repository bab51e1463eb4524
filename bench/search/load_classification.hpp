// What the trials at one load say of it: RFC 9971 (MLRsearch), appendices A and B.
#pragma once

#include <cstdint>
#include <vector>

namespace ringbench {

// A Search Goal of RFC 9971, as far as the classification of a load needs it.
struct Goal {
  double loss_ratio = 0;    // Goal Loss Ratio, in [0, 1)
  double final_ms = 0;      // Goal Final Trial Duration, above 0
  double duration_sum = 0;  // Goal Duration Sum in ms, above 0
  double exceed_ratio = 0;  // Goal Exceed Ratio, in [0, 1)
};

// Durations in ms of the trials at one load. Good: lost no more than the goal allows. Long: at
// least as long as the goal's final trials.
struct DurationSums {
  double good_long = 0;
  double bad_long = 0;
  double good_short = 0;
  double bad_short = 0;
};

enum class LoadClass : std::uint8_t { undecided, lower_bound, upper_bound };

// Lower bound: at most the exceed ratio of the whole duration is bad, whatever the trials still
// missing to the duration sum will say. Upper bound: more than that is bad, whatever they will
// say.
LoadClass classify(const Goal& goal, const DurationSums& sums);

struct LongTrial {
  double loss_ratio = 0;
  double duration_ms = 0;
};

// The loss ratio that the exceed ratio of the duration lies above; 1 where trials are missing. The
// Conditional Throughput is the load times one minus this. `trials`: those that are long.
double quantile_loss_ratio(const Goal& goal, std::vector<LongTrial> trials);

}  // namespace ringbench
