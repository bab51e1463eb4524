// The sources of a plan as a trace of record times (the form of bench/config/trace.hpp).
#pragma once

#include "planner/plan.hpp"
#include "planner/statements.hpp"

namespace ringbench::planner {

// Rates by CPU, bin after bin; the mean rate of a CPU, and the mean size of a record where the file
// has sizes and the plan states none. Needs the plan's CPUs.
void read_trace(Statements& statements, Plan& plan);

}  // namespace ringbench::planner
