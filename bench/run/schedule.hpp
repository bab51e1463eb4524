// Which trials are still to run, and in which order: repetitions are interleaved over the whole
// matrix in rounds, each round in a random order of its own, so that a slow minute of the machine
// hits all cells alike.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "bench/config/config.hpp"
#include "bench/trial/trial_spec.hpp"

namespace ringbench {

// A cell that this machine can run.
struct Planned {
  std::string id;
  std::string name;
  TrialSpec spec;
};

// What is there already, by cell id.
struct Progress {
  std::map<std::string, std::set<std::uint64_t>> repetitions;
  std::map<std::string, std::vector<double>> headline;  // of the trials that may be drawn
};

// Indices into `cells` of those that need repetition `round`, shuffled by seed and round alone: a
// cell needs it if it does not have it yet, and either it is among the first settings.repetitions
// or its interval is still wider than settings.interval.
std::vector<std::size_t> round_of(const std::vector<Planned>& cells, const Progress& progress,
                                  std::uint64_t round, const RunSettings& settings);

// The seed of one trial: of its arrivals and its sampling.
std::uint64_t trial_seed(std::uint64_t run_seed, const std::string& cell_id,
                         std::uint64_t repetition);

}  // namespace ringbench
