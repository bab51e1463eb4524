// Plans and layouts that a test can reckon with by hand.
#pragma once

#include <numeric>

#include "planner/plan.hpp"
#include "planner/saturation.hpp"

namespace ringbench::planner {

inline InputSet exactly(const Inputs& inputs) {
  return {inputs, inputs, inputs, {}};
}

// 8 CPUs, 100 ns apart whoever they are; 10,000 records/s of 200 bytes each; one consumer thread
// reads 1,000,000 records/s.
inline Plan small_plan() {
  Plan plan;
  plan.title = "small";
  plan.seconds = 2;
  plan.draws = 10;
  plan.machine = machine_from_synthetic("package:2 core:4 pu:1");
  plan.machine_words = "package:2 core:4 pu:1";
  plan.cpus.resize(8);
  std::iota(plan.cpus.begin(), plan.cpus.end(), 0U);
  plan.code_path = find_code_path("linux-6.10");
  plan.notify = "never";
  Inputs inputs;
  inputs.rate_per_cpu = 10'000;
  inputs.record_size = 192;
  inputs.ns_per_record = 1'000;
  inputs.alone_ns = 40;
  inputs.outside_lock_ns = 15;
  inputs.moves = 8;
  inputs.core_ns = inputs.l3_ns = inputs.node_ns = inputs.package_ns = inputs.machine_ns = 100;
  plan.inputs = exactly(inputs);
  return plan;
}

inline Layout rings_of(unsigned cpus_per_ring, std::uint64_t ring_bytes, unsigned consumers = 1,
                       unsigned cpus = 8) {
  Layout layout;
  layout.kind = cpus_per_ring == cpus ? Kind::shared : Kind::rings;
  layout.cpus_per_ring = cpus_per_ring;
  layout.mapping = layout.kind == Kind::shared ? "" : "contiguous";
  layout.rings = (cpus + cpus_per_ring - 1) / cpus_per_ring;
  for (unsigned cpu = 0; cpu < cpus; ++cpu) layout.ring_of_cpu.push_back(cpu / cpus_per_ring);
  layout.consumers = consumers;
  layout.ring_bytes = ring_bytes;
  layout.name = std::to_string(layout.rings) + " rings";
  return layout;
}

inline Layout shared_ring(std::uint64_t bytes) {
  return rings_of(8, bytes);
}

}  // namespace ringbench::planner
