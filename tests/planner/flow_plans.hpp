// Plans that several tests of the flow simulation use.
#pragma once

#include <vector>

#include "planner/flow.hpp"

namespace ringbench::planner {

constexpr double kRate = 2e6, kOn = 500e-6, kDrain = 5e5;  // one burst: 1000 records

// CPU c has ring c % rings; one thread.
inline FlowPlan flow_plan(unsigned cpus, unsigned rings, double records, double rate) {
  FlowPlan plan;
  plan.sources.cpus = cpus;
  for (unsigned cpu = 0; cpu < cpus; ++cpu) plan.buffers.ring_of_cpu.push_back(cpu % rings);
  plan.buffers.records = records;
  plan.consumers.rate = rate;
  return plan;
}

// The bursts of tests/planner/data/drops_reference.csv: each CPU is hit 2.5 times a second.
inline void add_bursts(FlowPlan& plan, unsigned width) {
  auto& sources = plan.sources;
  sources.burst_rate = 1e6;
  sources.on_s = 2e-3;
  sources.width = width;
  sources.bursts_per_s = 2.5 * sources.cpus / width;
}

// The first `k` CPUs send `rate` for `on_s`, once; then nobody does until all has been read.
inline void isolate_burst(FlowPlan& plan, unsigned k, double rate, double on_s) {
  plan.sources.bin_s = on_s;
  plan.sources.trace.assign(100, std::vector<double>(plan.sources.cpus));
  for (unsigned cpu = 0; cpu < k; ++cpu) plan.sources.trace[0][cpu] = rate;
  plan.seconds = 100 * on_s;
}

}  // namespace ringbench::planner
