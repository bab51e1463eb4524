// The simulation that flow.hpp stands for, record by record: slow, and with nothing in common with
// it but the bursts.
#pragma once

#include <cstdint>

#include "planner/flow.hpp"

namespace ringbench::planner {

// Of `plan`: CPUs that are in a burst send a million records a second and others nothing; threads
// read a million records a second divided by their number; no polls, stalls or stage.
FlowResult simulate_records(const FlowPlan& plan, std::uint64_t seed);

}  // namespace ringbench::planner
