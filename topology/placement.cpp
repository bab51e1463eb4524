#include "topology/placement.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <set>
#include <span>
#include <stdexcept>

#include "topology/core_matching.hpp"
#include "topology/cpu_order.hpp"

namespace ringbench {
namespace {

std::string count(std::size_t n, std::string_view noun) {
  return fmt::format("{} {}{}", n, noun, n == 1 ? "" : "s");
}

std::string unknown_name(std::string_view key, std::string_view found,
                         std::span<const std::string_view> allowed) {
  if (std::ranges::find(allowed, found) != allowed.end()) return {};
  return fmt::format("{} = \"{}\" is not known: use one of {}", key, found,
                     fmt::join(allowed, ", "));
}

std::size_t distinct(const std::vector<unsigned>& values) {
  return std::set(values.begin(), values.end()).size();
}

std::string why_not_explicit(const Machine& machine, const PlacementRequest& request) {
  const auto& cpus = request.explicit_cpus;
  if (cpus.size() != request.producers)
    return fmt::format("policy = \"explicit\" lists {} for {}: list one CPU a producer",
                       count(cpus.size(), "CPU"), count(request.producers, "producer"));
  for (const unsigned cpu : cpus)
    if (machine.find(cpu) == nullptr)
      return fmt::format(
          "policy = \"explicit\" lists CPU {}, which does not exist, is offline or is "
          "not allowed to this process: list CPUs out of {}",
          cpu, cpu_list(machine.cpus));
  if (distinct(cpus) != cpus.size() && !request.oversubscribe)
    return fmt::format(
        "policy = \"explicit\" lists only {} for {}: list each CPU once, "
        "or set oversubscribe = true",
        count(distinct(cpus), "distinct CPU"), count(request.producers, "producer"));
  return {};
}

std::string why_not_producers(const Machine& machine, const PlacementRequest& request) {
  if (machine.cpus.empty())
    return "no CPU of this machine is both online and allowed to this process: widen its mask";
  if (auto why = unknown_name("policy", request.policy, kPlacementNames); !why.empty()) return why;
  if (request.producers == 0) return "0 producers produce nothing: ask for at least 1";
  if (request.policy == "explicit") return why_not_explicit(machine, request);
  if (request.producers > machine.cpus.size() && !request.oversubscribe)
    return fmt::format(
        "{} need {} CPUs; this machine allows {}: use fewer producers, or set "
        "oversubscribe = true to let them take turns",
        count(request.producers, "producer"), request.producers, machine.cpus.size());
  return {};
}

std::string why_not_rings(const PlacementRequest& request) {
  const auto& ring_of = request.ring_of;
  if (ring_of.empty())
    return request.consumers == 1 ? ""
                                  : fmt::format("1 ring cannot have {}: use 1 consumer",
                                                count(request.consumers, "consumer"));
  if (ring_of.size() != request.producers)
    return fmt::format("{} are given for {}: give one ring a producer",
                       count(ring_of.size(), "ring number"), count(request.producers, "producer"));
  const std::size_t rings = distinct(ring_of);
  if (const unsigned last = std::ranges::max(ring_of); last >= rings)
    return fmt::format("ring {} is used but only {} a producer: number rings from 0 without gaps",
                       last, rings == 1 ? "1 ring has" : fmt::format("{} rings have", rings));
  if (request.consumers != 1 && request.consumers != rings)
    return fmt::format("{} cannot drain {}: use 1 consumer for all or one a ring",
                       count(request.consumers, "consumer"), count(rings, "ring"));
  return {};
}

// What place() works with: the request, with every default filled in.
struct Layout {
  const Machine& machine;
  const PlacementRequest& request;
  const std::vector<unsigned>& producer_cpus;

  std::size_t rings() const {
    return request.ring_of.empty() ? 1 : std::ranges::max(request.ring_of) + std::size_t{1};
  }
  const Cpu& first_producer(std::size_t ring) const {
    const auto at = std::ranges::find(request.ring_of, ring);
    const auto producer = request.ring_of.empty() ? 0 : at - request.ring_of.begin();
    return *machine.find(producer_cpus[static_cast<std::size_t>(producer)]);
  }
  // The producer that the consumer wants to be near.
  const Cpu& partner(std::size_t consumer) const {
    return request.consumers == 1 ? *machine.find(producer_cpus.front()) : first_producer(consumer);
  }
};

// SLIT distance; where it is not known, a node is near to itself and all others are equally far.
unsigned distance(const Machine& machine, unsigned from, unsigned to) {
  const Node* node = machine.find_node(from);
  const Node* other = machine.find_node(to);
  if (node == nullptr || other == nullptr || node->distance.empty()) return from == to ? 10 : 20;
  return node->distance[static_cast<std::size_t>(other - machine.nodes.data())];
}

// The first sibling of each core that no producer uses.
CpuOrder free_cores(const Layout& layout) {
  std::set<unsigned> used;
  for (const unsigned cpu : layout.producer_cpus) used.insert(layout.machine.find(cpu)->core);
  CpuOrder cores;
  for (const CpuOrder& core : split(compact_order(layout.machine), &Cpu::core))
    if (!used.contains(core.front()->core)) cores.push_back(core.front());
  return cores;
}

std::vector<CoreChoice> core_choices(const Layout& layout, const Cpu& partner,
                                     const CpuOrder& cores) {
  const bool same_node = layout.request.consumer == "own_core_same_node";
  std::vector<CoreChoice> choices;
  for (std::size_t core = 0; core < cores.size(); ++core) {
    const Cpu& cpu = *cores[core];
    if ((cpu.node == partner.node) != same_node) continue;
    const unsigned cost = same_node ? static_cast<unsigned>(cpu.l3 != partner.l3)
                                    : distance(layout.machine, partner.node, cpu.node);
    choices.push_back({core, cost});
  }
  return choices;
}

std::string no_core_for(const Layout& layout, std::size_t consumer, std::size_t free) {
  const auto& [machine, request, producer_cpus] = layout;
  const std::size_t cores = split(compact_order(machine), &Cpu::core).size();
  const std::size_t used = cores - free;
  const std::size_t needed = used + request.consumers;
  const std::string consumers =
      fmt::format("{} on {}", count(request.consumers, "consumer"),
                  request.consumers == 1 ? "a core of its own" : "cores of their own");
  if (needed > cores)
    return fmt::format(
        "{}{} and {} need {}; this machine allows {}: use consumer = \"shares_producer_core\" or "
        "fewer producers",
        count(request.producers, "producer"),
        used == request.producers ? "" : fmt::format(" (on {})", count(used, "core")), consumers,
        count(needed, "core"), cores);
  return fmt::format(
      "{} are given {} by policy = \"{}\", and of the {} left none is {} node {} for consumer {} "
      "(consumer = \"{}\"): use another policy, consumer = \"{}\" or \"shares_producer_core\", or "
      "fewer producers",
      count(request.producers, "producer"), count(used, "core"), request.policy, free,
      request.consumer == "own_core_same_node" ? "on" : "outside", layout.partner(consumer).node,
      consumer, request.consumer,
      request.consumer == "own_core_same_node" ? "own_core_other_node" : "own_core_same_node");
}

std::string why_no_other_node(const Machine& machine) {
  std::set<unsigned> nodes;
  for (const Cpu& cpu : machine.cpus) nodes.insert(cpu.node);
  if (nodes.size() > 1) return {};
  return fmt::format(
      "consumer = \"own_core_other_node\" needs 2 NUMA nodes with CPUs; this machine "
      "allows 1 (node {}): use \"own_core_same_node\" or \"shares_producer_core\"",
      *nodes.begin());
}

std::variant<std::vector<unsigned>, Refusal> place_consumers(const Layout& layout) {
  const PlacementRequest& request = layout.request;
  std::vector<unsigned> cpus;
  if (request.consumer == "shares_producer_core") {
    for (std::size_t i = 0; i < request.consumers; ++i) cpus.push_back(layout.partner(i).os);
    return cpus;
  }
  if (request.consumer == "own_core_other_node")
    if (auto why = why_no_other_node(layout.machine); !why.empty()) return Refusal{why};

  const CpuOrder cores = free_cores(layout);
  std::vector<std::vector<CoreChoice>> choices;
  for (std::size_t i = 0; i < request.consumers; ++i)
    choices.push_back(core_choices(layout, layout.partner(i), cores));
  const auto matched = match_cores(choices, cores.size());
  for (std::size_t i = 0; i < request.consumers; ++i) {
    if (!matched[i]) return Refusal{no_core_for(layout, i, cores.size())};
    cpus.push_back(cores[*matched[i]]->os);
  }
  return cpus;
}

std::vector<unsigned> nodes_with_memory(const Machine& machine) {
  const bool known = std::ranges::any_of(machine.nodes, [](auto& node) { return node.bytes != 0; });
  std::vector<unsigned> nodes;
  for (const Node& node : machine.nodes)
    if (node.bytes != 0 || !known) nodes.push_back(node.os);
  std::ranges::sort(nodes);
  return nodes;
}

std::vector<unsigned> nearest_memory(const Machine& machine, const Cpu& cpu) {
  const auto nodes = nodes_with_memory(machine);
  const auto far = [&](unsigned node) { return distance(machine, cpu.node, node); };
  const auto nearest = std::ranges::min_element(nodes, {}, far);
  return nearest == nodes.end() ? std::vector<unsigned>{} : std::vector{*nearest};
}

std::vector<unsigned> nodes_of_ring(const Layout& layout, std::size_t ring,
                                    const std::vector<unsigned>& consumer_cpus) {
  const auto& [machine, request, producer_cpus] = layout;
  if (request.ring_memory == "local") return {};
  if (request.ring_memory == "interleave") return nodes_with_memory(machine);
  if (request.ring_memory == "producer_node")
    return nearest_memory(machine, layout.first_producer(ring));
  const unsigned consumer = consumer_cpus[consumer_cpus.size() == 1 ? 0 : ring];
  return nearest_memory(machine, *machine.find(consumer));
}

// What decides the ring of producer p.
unsigned ring_key(const Cpu& cpu, std::size_t p, std::string_view mapping, std::size_t per_ring,
                  std::size_t producers) {
  if (mapping == "per_core") return cpu.core;
  if (mapping == "per_l3") return cpu.l3;
  if (mapping == "per_node") return cpu.node;
  if (mapping == "contiguous") return static_cast<unsigned>(p / per_ring);
  const std::size_t rings = (producers + per_ring - 1) / per_ring;
  return static_cast<unsigned>(p % rings);
}

}  // namespace

std::variant<std::vector<unsigned>, Refusal> place_producers(const Machine& machine,
                                                             const PlacementRequest& request) {
  if (auto why = why_not_producers(machine, request); !why.empty()) return Refusal{why};
  if (request.policy == "explicit") return request.explicit_cpus;
  const CpuOrder order = policy_order(machine, request.policy);
  std::vector<unsigned> cpus;
  for (std::size_t p = 0; p < request.producers; ++p) cpus.push_back(order[p % order.size()]->os);
  return cpus;
}

std::vector<unsigned> map_to_rings(const Machine& machine,
                                   const std::vector<unsigned>& producer_cpus,
                                   std::string_view mapping, unsigned cpus_per_ring) {
  if (auto why = unknown_name("mapping", mapping, kMappingNames); !why.empty())
    throw std::invalid_argument(why);
  if (cpus_per_ring == 0 && (mapping == "contiguous" || mapping == "modulo"))
    throw std::invalid_argument(
        fmt::format("mapping = \"{}\" cannot put 0 CPUs on a ring: use at least 1", mapping));
  std::map<unsigned, unsigned> number_of;
  std::vector<unsigned> ring_of;
  for (std::size_t p = 0; p < producer_cpus.size(); ++p) {
    const Cpu* cpu = machine.find(producer_cpus[p]);
    if (cpu == nullptr)
      throw std::invalid_argument(
          fmt::format("producer {} cannot be on CPU {}: this machine allows "
                      "only {}",
                      p, producer_cpus[p], cpu_list(machine.cpus)));
    const unsigned key = ring_key(*cpu, p, mapping, cpus_per_ring, producer_cpus.size());
    ring_of.push_back(
        number_of.try_emplace(key, static_cast<unsigned>(number_of.size())).first->second);
  }
  return ring_of;
}

std::variant<Placement, Refusal> place(const Machine& machine, const PlacementRequest& request) {
  const auto producers = place_producers(machine, request);
  if (const auto* refusal = std::get_if<Refusal>(&producers)) return *refusal;
  for (const auto& why :
       {unknown_name("consumer", request.consumer, kConsumerNames),
        unknown_name("ring_memory", request.ring_memory, kRingMemoryNames), why_not_rings(request)})
    if (!why.empty()) return Refusal{why};

  Placement placement;
  placement.producer_cpus = std::get<std::vector<unsigned>>(producers);
  placement.oversubscribed = distinct(placement.producer_cpus) < placement.producer_cpus.size();
  const Layout layout{machine, request, placement.producer_cpus};
  auto consumers = place_consumers(layout);
  if (auto* refusal = std::get_if<Refusal>(&consumers)) return std::move(*refusal);
  placement.consumer_cpus = std::get<std::vector<unsigned>>(std::move(consumers));
  for (std::size_t ring = 0; ring < layout.rings(); ++ring)
    placement.ring_nodes.push_back(nodes_of_ring(layout, ring, placement.consumer_cpus));
  return placement;
}

}  // namespace ringbench
