// How evenly the producers of a trial were served in its window. Producers that attempted nothing
// there say nothing about it and are left out.
#pragma once

#include <optional>

#include "bench/trial/trial_result.hpp"

namespace ringbench {

// Jain's index (sum x)^2 / (n * sum x^2), from 1/n, one producer has all, to 1, all alike: R. Jain,
// D. Chiu, W. Hawe, A Quantitative Measure of Fairness and Discrimination for Resource Allocation
// in Shared Computer Systems, DEC-TR-301, 1984. Producers that saturate all ask for as much as they
// can get, so x is the events accepted; paced ones may ask for different amounts, so x is the
// accepted share of those attempted. Nothing for fewer than two producers, or when none had an
// event accepted.
std::optional<double> jain_index(const TrialResult& result);

// The largest share of its attempts that a producer had refused. Nothing: none was attempted.
std::optional<double> worst_drop_fraction(const TrialResult& result);

}  // namespace ringbench
