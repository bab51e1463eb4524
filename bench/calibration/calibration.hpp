// What a machine's own ring, cache lines and sleepers cost, as the planner takes it
// (docs/calibration.md).
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "bench/calibration/calibration_round.hpp"
#include "bench/calibration/estimate.hpp"
#include "topology/cpu_pairs.hpp"
#include "topology/machine.hpp"

namespace ringbench {

// A number that a plan may take from here, by the key under which a plan states it.
struct CalibratedKey {
  std::string_view key;
  std::string_view unit;  // "ns"; empty: a count
  std::string_view how;   // it is measured: a sentence
  bool needs_pair = false;
};
std::span<const CalibratedKey> calibrated_keys();

inline constexpr std::array<std::string_view, 5> kNearnessNames{"core", "l3", "node", "package",
                                                                "machine"};

struct CalibratedInput {
  CalibratedKey key;
  Estimate estimate;
};

struct CalibratedPair {
  CpuPair cpus;
  Nearness nearness = Nearness::core;
  Estimate latency_ns;
  std::optional<Estimate> moves;
  double offset_ns = 0;  // the second's TSC minus the first's
  double offset_bound_ns = 0;
};

struct Missing {
  std::string key;
  std::string why;  // like the mend a sentence without a full stop: "why; mend" is one, too
  std::string mend;
};

struct Calibration {
  std::string date, host, revision, kernel;
  double seconds = 0;  // that it took
  double tsc_hz = 0;
  std::size_t rounds = 0;
  std::string topology;  // hwloc XML
  std::vector<unsigned> cpus;
  std::vector<CalibratedInput> inputs;  // in the order of calibrated_keys()
  std::vector<CalibratedPair> pairs;
  Stalls stalls;
  std::vector<Missing> missing;
  std::vector<std::string> remarks;  // sentences: what makes the numbers doubtful
};

// What the rounds say; knows nothing of the program, the host and the time. Needs a round at least.
Calibration summarise(const Machine& machine, const CalibrationPlan& plan,
                      const std::vector<CalibrationRound>& rounds);

}  // namespace ringbench
