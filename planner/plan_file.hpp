// A plan from its TOML file (docs/planning.md).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "planner/calibration.hpp"
#include "planner/plan.hpp"

namespace ringbench::planner {

struct PlanRequest {
  std::string file;
  std::optional<std::string> calibration;  // a folder with calibration.json, or that file
  std::optional<std::string> machine;  // hwloc XML or synthetic description, in the plan's place
  std::vector<std::string> what_if;    // "key=value", as if the file stated it
};

// Throws ConfigError (bench/config/config.hpp) with every error of the file, each with its place,
// and std::runtime_error with a sentence for a file that cannot be read. A missing input is an
// error that names the key, its unit and what would measure it.
Plan read_plan(const PlanRequest& request);

}  // namespace ringbench::planner
