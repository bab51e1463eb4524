// The orders in which placement policies hand out CPUs.
#pragma once

#include <string_view>
#include <vector>

#include "topology/machine.hpp"

namespace ringbench {

using CpuOrder = std::vector<const Cpu*>;  // pointers into Machine::cpus

// The CPUs that have the same value of `key`, group after group in order of first appearance.
std::vector<CpuOrder> split(const CpuOrder& cpus, unsigned Cpu::*key);

// Node after node, inside it L3 group after L3 group, then core after core.
CpuOrder compact_order(const Machine& machine);

// For every name of kPlacementNames but "explicit", whose order the request gives.
CpuOrder policy_order(const Machine& machine, std::string_view policy);

}  // namespace ringbench
