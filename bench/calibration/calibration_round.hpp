// One round of a calibration: everything that is measured, once. Rounds are short and many, so that
// what changes meanwhile (a clock rate, a neighbour on the host) meets every number alike, and each
// is a process of its own, whose ring lies on other pages than that of the round before.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "bench/calibration/stalls.hpp"
#include "topology/clock.hpp"
#include "topology/cpu_pairs.hpp"
#include "topology/machine.hpp"

namespace ringbench {

struct CalibrationPlan {
  std::vector<unsigned> cpus;  // OS indices, ascending
  std::vector<CpuPair> pairs;  // of them, all or those that stand for all
  ClockFacts clock;
  std::vector<ClockOffset> offsets;  // of each pair: the second's TSC minus the first's
  double slice_s = 0;                // for each number
  double watch_s = 0;                // for stalls
};

struct CalibrationRound {
  std::map<std::string, double> values;           // by key of an input, ns; without what failed
  std::vector<std::optional<double>> latency_ns;  // of each pair
  std::vector<std::optional<double>> moves;       // of each pair
  Stalls stalls;
  std::string failure;  // a sentence; empty: measured
  friend bool operator==(const CalibrationRound&, const CalibrationRound&) = default;
};

// The pairs of these CPUs, the clock on each and between them, and slices such that some 15 rounds
// or more fit into `seconds`. Takes some 100 ms and 2 ms for each pair. Throws what measure_clock()
// throws.
CalibrationPlan plan_calibration(const Machine& machine, std::vector<unsigned> cpus,
                                 double seconds);

// Time that one round takes where the CPUs are free.
double expected_seconds(const CalibrationPlan& plan);

// In a process of its own, which interrupts do not reach and which is ended after ten times the
// expected time and 5 s. CPUs and pairs take turns, from round to round, in what is measured on one
// of them. Throws std::system_error when there is no process to be had.
CalibrationRound measure_round(const CalibrationPlan& plan, std::size_t number);

}  // namespace ringbench
