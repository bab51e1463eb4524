// Which of the machine's own operations to measure for a run, where, and in how many of its rounds.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "bench/trial/trial_spec.hpp"
#include "topology/machine.hpp"

namespace ringbench {

struct LimitsPlan {
  // CPUs whose threads hit one line: first the one CPU on which everything is measured that takes
  // no second one, then, ascending in their number, the CPUs of producers that share a ring.
  std::vector<std::vector<unsigned>> sharing;
  std::vector<std::pair<unsigned, unsigned>> pairs;  // for the hand-over
};

// From where the trials' threads run. Of each number of producers that share a ring, the first ring
// that has it; of more than 8 such numbers, 8 spread over all; rings whose producers take turns on
// a CPU are passed over. Nothing for no trials.
LimitsPlan plan_limits(const Machine& machine, const std::vector<const TrialSpec*>& trials);

// Time that one round of it takes, in seconds, on CPUs that are free.
double expected_seconds(const LimitsPlan& plan);
inline constexpr double kSecondsPerLimit = 2e-3;

// In how many rounds, from the first: what stays below 5 % of the time that the run measures, at
// most 5, at least 1 (0 for an empty plan).
std::uint64_t limit_rounds(const LimitsPlan& plan, double measured_seconds);

}  // namespace ringbench
