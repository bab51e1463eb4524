// How near two CPUs are, and which pairs stand for all where there are too many to try.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "topology/machine.hpp"

namespace ringbench {

// The innermost thing that two CPUs share; `machine`: nothing but that, they are in two packages.
enum class Nearness : std::uint8_t { core, l3, node, package, machine };

Nearness nearness(const Cpu& a, const Cpu& b);

using CpuPair = std::pair<unsigned, unsigned>;  // OS indices, the lower one first

// Every pair of these CPUs (OS indices); of more than 16 CPUs, for each nearness at most 4 pairs,
// spread evenly over all that have it. Ascending. CPUs that the machine does not allow are left
// out.
std::vector<CpuPair> representative_pairs(const Machine& machine,
                                          const std::vector<unsigned>& os_cpus);

}  // namespace ringbench
