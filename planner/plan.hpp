// What is asked of the planner: a workload, a machine, the layouts to consider and the targets.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "planner/inputs.hpp"
#include "planner/latency.hpp"
#include "planner/layout.hpp"
#include "planner/line_simulation.hpp"
#include "planner/saturation.hpp"
#include "topology/machine.hpp"

namespace ringbench::planner {

// Where an input comes from: the plan file, a calibration, or this program's own knowledge.
enum class Origin : std::uint8_t { stated, calibrated, assumed };

struct InputSet {
  Inputs value, low, high;                // low == high: known exactly
  std::map<std::string, Origin> origins;  // by key (plan_keys.hpp)
};

// What a layout must not exceed; nothing: no target.
struct Targets {
  std::optional<double> drop_fraction, reserve_p99_ns, delay_p99_us, reordered_ratio,
      reorder_extent, memory_bytes;  // memory: page frames held (Memory::held)
};

struct Trace {  // of CPUs in the order of Plan::cpus
  double bin_s = 0;
  std::vector<std::vector<double>> rates;  // records a second, [bin][cpu]; empty: no trace
};

struct Plan {
  std::string path;  // of the file
  std::string title;
  std::uint64_t seed = 1;
  double seconds = 10;  // simulated, of each draw
  unsigned draws = 40;  // of the uncertain inputs

  Machine machine;
  std::string machine_words;           // "this machine", "package:2 core:48 pu:2", the XML's path
  bool calibrated_here = false;        // a calibration is given, and is of this very machine
  std::vector<unsigned> cpus;          // OS indices of the CPUs that send, ascending
  std::optional<Latencies> latencies;  // a matrix over `cpus`; nothing: by class, from the inputs
  bool all_pairs_measured = false;     // it comes from a calibration that measured each pair
  const CodePath* code_path = nullptr;
  LockKind lock = LockKind::queued;
  std::string notify = "adaptive";  // adaptive, always, never

  InputSet inputs;
  bool scattered = true;  // which CPUs a burst hits
  Trace trace;
  unsigned turn = 1;  // records that a consumer takes of a ring before the next has its turn
  bool merges = false;
  bool shares_cpu = false;  // the consumer thread runs on the CPU of the first that sends

  std::vector<Layout> layouts;
  Targets targets;
};

}  // namespace ringbench::planner
