#include "topology/cpu_order.hpp"

#include <algorithm>
#include <span>

namespace ringbench {
namespace {

using Key = unsigned Cpu::*;
using Keys = std::vector<Key>;

// Group after group: neighbours share the first key, and inside that the second, and so on.
CpuOrder grouped(const CpuOrder& cpus, std::span<const Key> keys) {
  if (keys.empty()) return cpus;
  CpuOrder order;
  for (const CpuOrder& group : split(cpus, keys.front()))
    for (const Cpu* cpu : grouped(group, keys.subspan(1))) order.push_back(cpu);
  return order;
}

// One of each group in turn, as cards are dealt: neighbours differ in the first key, and the CPUs
// dealt from one group differ in the second, and so on.
CpuOrder dealt(const CpuOrder& cpus, std::span<const Key> keys) {
  if (keys.empty()) return cpus;
  std::vector<CpuOrder> groups = split(cpus, keys.front());
  for (CpuOrder& group : groups) group = dealt(group, keys.subspan(1));
  CpuOrder order;
  for (std::size_t turn = 0; order.size() < cpus.size(); ++turn)
    for (const CpuOrder& group : groups)
      if (turn < group.size()) order.push_back(group[turn]);
  return order;
}

}  // namespace

std::vector<CpuOrder> split(const CpuOrder& cpus, unsigned Cpu::*key) {
  std::vector<CpuOrder> groups;
  for (const Cpu* cpu : cpus) {
    const auto same = [&](const CpuOrder& group) { return group.front()->*key == cpu->*key; };
    auto group = std::ranges::find_if(groups, same);
    if (group == groups.end()) group = groups.insert(groups.end(), CpuOrder{});
    group->push_back(cpu);
  }
  return groups;
}

CpuOrder compact_order(const Machine& machine) {
  CpuOrder all;
  for (const Cpu& cpu : machine.cpus) all.push_back(&cpu);
  return grouped(all, Keys{&Cpu::node, &Cpu::l3, &Cpu::core});
}

CpuOrder policy_order(const Machine& machine, std::string_view policy) {
  const CpuOrder compact = compact_order(machine);
  if (policy == "compact") return compact;
  const CpuOrder cores_first = grouped(compact, Keys{&Cpu::smt});
  if (policy == "cores_first") return cores_first;
  if (policy == "per_node") return dealt(cores_first, Keys{&Cpu::node});
  CpuOrder scattered;
  for (const CpuOrder& siblings_of_one_rank : split(cores_first, &Cpu::smt))
    for (const Cpu* cpu : dealt(siblings_of_one_rank, Keys{&Cpu::package, &Cpu::node, &Cpu::l3}))
      scattered.push_back(cpu);
  return scattered;
}

}  // namespace ringbench
