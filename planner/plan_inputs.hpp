// The numbers of a plan: from its file, else from a calibration, else what this program assumes.
#pragma once

#include "planner/calibration.hpp"
#include "planner/plan.hpp"
#include "planner/statements.hpp"

namespace ringbench::planner {

// Needs the plan's CPUs, code path and trace. `calibration`: nullptr for none.
void read_inputs(Statements& statements, const Calibration* calibration, Plan& plan);

// Gives an input of the plan another value.
void set_input(Plan& plan, std::string_view key, const Uncertain& value, Origin origin);

// Whether what a calibration found of `key` holds for that code path: a producer's work was
// measured in this project's own ring, and no other's.
bool calibration_tells(std::string_view key, const CodePath& code_path);

}  // namespace ringbench::planner
