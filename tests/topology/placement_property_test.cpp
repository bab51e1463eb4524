// What holds for every placement on every machine, checked on random ones.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "topology/placement.hpp"

namespace ringbench {
namespace {

using Cpus = std::vector<unsigned>;

// A random machine of up to 72 CPUs, of which a random part is allowed.
Machine random_machine() {
  const auto up_to = [](int most) { return *rc::gen::inRange(1, most + 1); };
  const std::string description = fmt::format("pack:{} node:{} l3:{} core:{} pu:{}", up_to(2),
                                              up_to(3), up_to(2), up_to(3), up_to(2));
  RC_LOG() << description << '\n';
  Machine machine = machine_from_synthetic(description);
  Cpus allowed;
  const int share = up_to(4);  // about share/4 of the CPUs
  for (const Cpu& cpu : machine.cpus)
    if (*rc::gen::inRange(0, 4) < share) allowed.push_back(cpu.os);
  if (allowed.empty()) allowed.push_back(machine.cpus.back().os);
  RC_LOG() << "allowed " << cpu_list(allowed) << '\n';
  return restrict_to(std::move(machine), allowed);
}

template <class Names>
std::string any_of(const Names& names) {
  return std::string(*rc::gen::elementOf(names));
}

PlacementRequest random_producers(const Machine& machine) {
  PlacementRequest request;
  const auto cpus = static_cast<unsigned>(machine.cpus.size());
  request.policy =
      any_of(std::vector<std::string_view>(kPlacementNames.begin(), kPlacementNames.end() - 1));
  request.oversubscribe = *rc::gen::arbitrary<bool>();
  request.producers = *rc::gen::inRange(1U, cpus + (request.oversubscribe ? 4 : 1));
  RC_LOG() << request.producers << " producers, " << request.policy << '\n';
  return request;
}

PlacementRequest random_request(const Machine& machine) {
  PlacementRequest request = random_producers(machine);
  const auto cpus = std::get<Cpus>(place_producers(machine, request));
  request.ring_of = map_to_rings(machine, cpus, any_of(kMappingNames), *rc::gen::inRange(1U, 4U));
  if (*rc::gen::arbitrary<bool>()) request.consumers = std::ranges::max(request.ring_of) + 1;
  request.consumer = any_of(kConsumerNames);
  request.ring_memory = any_of(kRingMemoryNames);
  RC_LOG() << request.consumers << " consumers, " << request.consumer << '\n';
  return request;
}

// Where consumers want to be, and what the producers leave them.
struct Demand {
  std::map<unsigned, std::size_t> consumers_by_node;  // node of the consumer's first producer
  std::map<unsigned, std::size_t> free_cores_by_node;
  std::size_t consumers = 0, free_cores = 0;
};

Demand demand_of(const Machine& machine, const PlacementRequest& request, const Cpus& producers) {
  Demand demand;
  demand.consumers = request.consumers;
  for (unsigned consumer = 0; consumer < request.consumers; ++consumer) {
    const auto first = std::ranges::find(request.ring_of, consumer) - request.ring_of.begin();
    const unsigned cpu =
        request.consumers == 1 ? producers.front() : producers[static_cast<std::size_t>(first)];
    ++demand.consumers_by_node[machine.find(cpu)->node];
  }
  std::set<unsigned> seen;
  for (const unsigned cpu : producers) seen.insert(machine.find(cpu)->core);
  for (const Cpu& cpu : machine.cpus)
    if (seen.insert(cpu.core).second) {
      ++demand.free_cores_by_node[cpu.node];
      ++demand.free_cores;
    }
  return demand;
}

// Hall's theorem. Consumers of one node compete for the same cores; on other nodes, consumers of
// two different nodes have all free cores between them.
bool consumers_fit(const Demand& demand, const std::string& consumer) {
  if (consumer == "shares_producer_core") return true;
  for (const auto& [node, consumers] : demand.consumers_by_node) {
    const auto at = demand.free_cores_by_node.find(node);
    const std::size_t here = at == demand.free_cores_by_node.end() ? 0 : at->second;
    const bool same = consumer == "own_core_same_node";
    if (consumers > (same ? here : demand.free_cores - here)) return false;
  }
  return demand.consumers <= demand.free_cores;
}

void check_consumers(const Machine& machine, const PlacementRequest& request,
                     const Placement& placement) {
  std::set<unsigned> used_cores;
  for (const unsigned cpu : placement.producer_cpus) used_cores.insert(machine.find(cpu)->core);
  for (std::size_t i = 0; i < placement.consumer_cpus.size(); ++i) {
    const Cpu* cpu = machine.find(placement.consumer_cpus[i]);
    RC_ASSERT(cpu != nullptr);
    const auto first =
        request.consumers == 1 ? request.ring_of.begin() : std::ranges::find(request.ring_of, i);
    const Cpu* partner = machine.find(
        placement.producer_cpus[static_cast<std::size_t>(first - request.ring_of.begin())]);
    if (request.consumer == "shares_producer_core") {
      RC_ASSERT(cpu == partner);
      continue;
    }
    RC_ASSERT(used_cores.insert(cpu->core).second);
    RC_ASSERT((cpu->node == partner->node) == (request.consumer == "own_core_same_node"));
  }
}

RC_GTEST_PROP(PlacementProperty, ProducersAreAllowedAndDistinctUnlessTheyTakeTurns, ()) {
  const Machine machine = random_machine();
  const PlacementRequest request = random_producers(machine);
  const auto cpus = std::get<Cpus>(place_producers(machine, request));
  RC_ASSERT(cpus.size() == request.producers);
  std::map<unsigned, std::size_t> load;
  for (const unsigned cpu : cpus) {
    RC_ASSERT(machine.find(cpu) != nullptr);
    ++load[cpu];
  }
  const std::size_t turns = (cpus.size() + machine.cpus.size() - 1) / machine.cpus.size();
  for (const auto& [cpu, producers] : load) RC_ASSERT(producers <= turns);
}

RC_GTEST_PROP(PlacementProperty, NoSiblingIsUsedWhileACoreIsIdle, ()) {
  const Machine machine = random_machine();
  PlacementRequest request = random_producers(machine);
  request.policy = any_of(std::vector<std::string_view>{"scatter", "cores_first"});
  std::set<unsigned> all, used;
  for (const Cpu& cpu : machine.cpus) all.insert(cpu.core);
  const auto cpus = std::get<Cpus>(place_producers(machine, request));
  for (const unsigned cpu : cpus) used.insert(machine.find(cpu)->core);
  RC_ASSERT(used.size() == std::min(all.size(), cpus.size()));
}

RC_GTEST_PROP(PlacementProperty, PlacedExactlyWhenItCanBe, ()) {
  const Machine machine = random_machine();
  const PlacementRequest request = random_request(machine);
  const auto producers = std::get<Cpus>(place_producers(machine, request));
  const auto result = place(machine, request);
  const bool fits = consumers_fit(demand_of(machine, request, producers), request.consumer);
  RC_ASSERT(std::holds_alternative<Placement>(result) == fits);
  if (!fits) return;

  const auto& placement = std::get<Placement>(result);
  RC_ASSERT(placement.producer_cpus == producers);
  RC_ASSERT(placement.oversubscribed == (request.producers > machine.cpus.size()));
  RC_ASSERT(placement.consumer_cpus.size() == request.consumers);
  check_consumers(machine, request, placement);
  RC_ASSERT(placement.ring_nodes.size() == std::ranges::max(request.ring_of) + std::size_t{1});
  for (const auto& nodes : placement.ring_nodes) {
    const std::size_t expected = request.ring_memory == "local"        ? 0
                                 : request.ring_memory == "interleave" ? machine.nodes.size()
                                                                       : 1;
    RC_ASSERT(nodes.size() == expected);
    for (const unsigned node : nodes) RC_ASSERT(machine.find_node(node) != nullptr);
  }
}

RC_GTEST_PROP(MappingProperty, RingsAreDenseInOrderOfFirstUseAndGroupWhatTheyName, ()) {
  const Machine machine = random_machine();
  const auto cpus = std::get<Cpus>(place_producers(machine, random_producers(machine)));
  const std::string mapping = any_of(kMappingNames);
  const std::size_t per_ring = *rc::gen::inRange(1U, 6U);
  const Cpus ring_of = map_to_rings(machine, cpus, mapping, static_cast<unsigned>(per_ring));
  RC_ASSERT(ring_of.size() == cpus.size());

  unsigned rings = 0;
  for (const unsigned ring : ring_of) {
    RC_ASSERT(ring <= rings);
    rings = std::max(rings, ring + 1);
  }
  const bool by_count = mapping == "contiguous" || mapping == "modulo";
  if (by_count) RC_ASSERT(rings == (cpus.size() + per_ring - 1) / per_ring);
  for (std::size_t p = 0; p < cpus.size(); ++p)
    for (std::size_t q = 0; q < cpus.size(); ++q) {
      const Cpu& a = *machine.find(cpus[p]);
      const Cpu& b = *machine.find(cpus[q]);
      const bool together = mapping == "per_core"     ? a.core == b.core
                            : mapping == "per_l3"     ? a.l3 == b.l3
                            : mapping == "per_node"   ? a.node == b.node
                            : mapping == "contiguous" ? p / per_ring == q / per_ring
                                                      : p % rings == q % rings;
      RC_ASSERT((ring_of[p] == ring_of[q]) == together);
    }
}

}  // namespace
}  // namespace ringbench
