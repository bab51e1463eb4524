// What `ringbench calibrate` found of a machine, as the planner takes it (calibration.json).
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "planner/inputs.hpp"

namespace ringbench::planner {

struct CalibratedPair {
  unsigned cpu_a = 0, cpu_b = 0;  // OS indices
  Uncertain latency_ns{};
};

struct Calibration {
  std::string path;
  std::string host;
  std::string topology;                     // hwloc XML
  std::vector<unsigned> cpus;               // OS indices that were measured
  std::map<std::string, Uncertain> inputs;  // by the keys of plan_keys.hpp that it settles
  std::vector<CalibratedPair> pairs;
  std::map<std::string, std::string> missing;  // key to why it could not be measured
};

// `path`: the folder of a calibration or its calibration.json. Throws std::runtime_error with a
// sentence.
Calibration read_calibration(const std::string& path);

}  // namespace ringbench::planner
