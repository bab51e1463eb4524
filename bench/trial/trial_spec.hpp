// A trial before it runs: a cell, and how it sits on a machine.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "bench/config/cell.hpp"
#include "bench/config/noise_limits.hpp"
#include "topology/clock.hpp"
#include "topology/machine.hpp"
#include "topology/placement.hpp"

namespace ringbench {

struct TrialSpec {
  Cell cell;
  Placement placement;
  unsigned rings = 0;
  std::size_t ring_bytes = 0;     // data bytes of each ring
  std::vector<unsigned> ring_of;  // ring of each producer
  ClockFacts clock;
  double window_ms = 0;  // the cell's duration_ms, or what was chosen for it
  NoiseLimits noise;
  std::uint64_t seed = 1;  // of arrivals and of the sampling
  double watchdog_s = 10;  // how much longer than its phases the trial may take
};

// What makes every trial of it doubtful, whatever the moment: so it is of no use to try one again.
// A sentence; empty: nothing.
std::string lasting_doubt(const TrialSpec& spec);

// Fails with a sentence when this machine cannot run the cell, or the geometry leaves no ring.
std::variant<TrialSpec, Refusal> specify(const Cell& cell, const Machine& machine);
std::variant<TrialSpec, Refusal> specify(Cell&& cell, const Machine& machine);  // refused: intact

}  // namespace ringbench
