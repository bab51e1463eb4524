// Open-loop arrivals: when each event of a producer is due, fixed before the trial starts, so that
// a slow transport cannot slow down what it is offered.
#pragma once

#include <cstdint>
#include <vector>

#include "bench/config/cell.hpp"

namespace ringbench {

// For each producer the due times of its events, ascending, in ticks from the start of the trial,
// up to `length_ticks`. The same cell and seed give the same times on every machine, up to the
// clock's frequency.
//
// constant: one event every 1/rate, each producer with its own random phase. poisson: exponential
// gaps of mean 1/rate. bursty: bursts begin as a Poisson process that hits each producer once every
// burst_every_us on average; each burst hits burst_width producers together, chosen at random, and
// a producer that is hit sends constantly at `rate` for burst_on_us, with a random phase (hit again
// meanwhile, until burst_on_us after that). trace: as replay() has it
// (bench/trial/trace_replay.hpp). chain: as constant, the first events of the chains alone.
//
// Skewed constant and poisson arrivals divide rate * producers as shares_of() has it
// (bench/config/skew.hpp); the hot producer that moves is producer 0 from the start of the trial,
// and the next every hot_every_ms.
std::vector<std::vector<std::uint64_t>> arrivals(const Cell& cell, std::uint64_t length_ticks,
                                                 double tick_hz, std::uint64_t seed);

// What arrivals() comes to in the long run, in events a second over all producers; of a trace, what
// it comes to in the measured window, window_ms after the warm-up. The bursty one counts
// overlapping bursts of a producer once.
double offered_rate(const Cell& cell, double window_ms);

}  // namespace ringbench
