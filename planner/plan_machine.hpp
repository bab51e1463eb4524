// The machine of a plan, the CPUs that send, and how far they are apart.
#pragma once

#include "planner/calibration.hpp"
#include "planner/plan.hpp"
#include "planner/statements.hpp"

namespace ringbench::planner {

inline constexpr std::size_t kMostPlanCpus = 4096;

// Machine and CPUs; of the calibration (nullptr: none), whether it is of this very machine.
void read_machine(Statements& statements, const Calibration* calibration, Plan& plan);

// The matrix, where one is stated or was measured here. Needs the machine and the inputs; gives
// the latency inputs what the matrix says of them.
void read_latencies(Statements& statements, const Calibration* calibration, Plan& plan);

}  // namespace ringbench::planner
