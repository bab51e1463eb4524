// Which trials are still to run, and in which order: repetitions are interleaved over the whole
// matrix in rounds, each round in a random order of its own, so that a slow minute of the machine
// hits all cells alike. What was tainted is tried again after the round, when that minute may be
// over.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "bench/config/config.hpp"
#include "bench/trial/trial_result.hpp"
#include "bench/trial/trial_spec.hpp"

namespace ringbench {

// A cell that this machine can run.
struct Planned {
  std::string id;
  std::string name;
  TrialSpec spec;
  std::uint64_t repetitions = 1;  // at least
};

// Which trial of which cell. A tainted trial is tried again: the same repetition, the next attempt.
struct TrialKey {
  std::string cell_id;
  std::uint64_t repetition = 0;
  std::uint64_t attempt = 0;
};

// What has been tried already.
class Progress {
 public:
  void add(const TrialKey& key, Status status, std::optional<double> headline);

  std::uint64_t attempts(const std::string& cell_id, std::uint64_t repetition) const;
  // One of its attempts was not tainted: there is no need, or no use, to try it again.
  bool is_settled(const std::string& cell_id, std::uint64_t repetition) const;
  bool was_ok_before(const std::string& cell_id, std::uint64_t repetition) const;
  // Headlines of the ok trials, or of the tainted ones where none is ok.
  const std::vector<double>& headlines(const std::string& cell_id) const;
  // Of the interval of their median, over that; infinite for fewer than two. Remembered, because
  // every round asks for it.
  double relative_half_width(const std::string& cell_id) const;

 private:
  struct Repetition {
    std::uint64_t attempts = 0;
    bool settled = false;
  };
  struct CellProgress {
    std::map<std::uint64_t, Repetition> repetitions;
    std::vector<double> ok, tainted;
    std::optional<std::uint64_t> first_ok;     // repetition
    mutable std::optional<double> half_width;  // nothing: not asked for since the last trial
  };
  const Repetition* find(const std::string& cell_id, std::uint64_t repetition) const;
  std::map<std::string, CellProgress, std::less<>> cells_;
};

// Indices into `cells` of those that need this attempt at repetition `round`, shuffled by seed,
// round and attempt alone. The first attempt is due if the cell has none at this repetition, and
// either it is among the cell's first repetitions or its interval is still wider than
// settings.interval. A further one is due if every attempt so far was tainted, there may be another
// (spec.noise.attempts), and it has a chance: an earlier repetition was ok, or this is the first.
// A cell with a lasting doubt has none.
std::vector<std::size_t> pass_of(const std::vector<Planned>& cells, const Progress& progress,
                                 std::uint64_t round, std::uint64_t attempt,
                                 const RunSettings& settings);

// Whether no attempt of any cell is due any more.
bool is_complete(const std::vector<Planned>& cells, const Progress& progress,
                 const RunSettings& settings);

// The seed of one trial, whatever the attempt: of its arrivals and its sampling.
std::uint64_t trial_seed(std::uint64_t run_seed, const std::string& cell_id,
                         std::uint64_t repetition);

}  // namespace ringbench
