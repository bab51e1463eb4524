// What a plan's sources send, and what its consumers can read, as plain rates.
#pragma once

#include "planner/flow.hpp"
#include "planner/plan.hpp"

namespace ringbench::planner {

// Records a second of all CPUs together.
double offered_records_per_s(const Plan& plan, const Inputs& inputs);
// Of one ring's CPUs, by their places in the plan's list.
double offered_by(const Plan& plan, const Inputs& inputs, const std::vector<unsigned>& cpus);
// Of the consumer thread that is offered most.
double heaviest_thread_offered(const Plan& plan, const Layout& layout, const Inputs& inputs);
// While a burst is on that hits `burst_width` CPUs, or in a trace's heaviest bin.
double burst_records_per_s(const Plan& plan, const Inputs& inputs);

// Records a second of one thread that always finds records; of all threads of a layout, stalls
// taken off; of the stage behind them (0: there is none).
double thread_records_per_s(const Plan& plan, const Inputs& inputs);
double awake_share(const Inputs& inputs);  // of a thread's time, that stalls leave
double consumer_records_per_s(const Plan& plan, const Layout& layout, const Inputs& inputs);
double stage_records_per_s(const Inputs& inputs);

// Threads of a layout that have a ring to read.
unsigned busy_threads(const Layout& layout);

// Producers keep their rates, whatever a lock can take. A trace is played whole,
// from some place of it on.
FlowPlan flow_plan(const Plan& plan, const Layout& layout, const Inputs& inputs);

}  // namespace ringbench::planner
