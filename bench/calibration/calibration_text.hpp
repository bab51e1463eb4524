// A calibration as a file for the planner, and as a table for the screen.
#pragma once

#include <string>

#include "bench/calibration/calibration.hpp"

namespace ringbench {

std::string calibration_json(const Calibration& calibration);  // docs/calibration.md, "The file"
std::string calibration_table(
    const Calibration& calibration);  // at most 100 columns; without the remarks

}  // namespace ringbench
