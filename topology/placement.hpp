// Which CPU each thread runs on, which ring each producer writes to, and on which node each ring's
// pages live: a pure function of a topology and a request.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "topology/machine.hpp"

namespace ringbench {

// Producers' CPUs. compact: fill a node, with SMT siblings side by side, before the next. scatter:
// round robin over packages, nodes, L3 groups and cores, as far apart as possible; siblings last.
// per_node: round robin over nodes, cores first inside each. cores_first: like compact, but no SMT
// sibling is used until every core has a producer. explicit: the list given.
inline constexpr std::array<std::string_view, 5> kPlacementNames{"compact", "scatter", "per_node",
                                                                 "cores_first", "explicit"};
// Consumers' CPUs. own_core_same_node: a core that no producer and no other consumer uses, on the
// node of producer 0 (for one consumer a ring: of the ring's first producer), in the same L3 group
// if it can be. own_core_other_node: likewise on another node, the nearest that has a core free.
// shares_producer_core: the very CPU of (the ring's) first producer; needs no further CPU.
inline constexpr std::array<std::string_view, 3> kConsumerNames{
    "own_core_same_node", "own_core_other_node", "shares_producer_core"};
// consumer_node, producer_node: bound to the node of the ring's consumer or of its first producer;
// where that node has no memory, to the nearest that has. interleave: page by page over all nodes
// that have memory. local: no policy, so the node of the thread that touches a page first (the
// consumer's). Where no node's memory is known, all count as having some.
inline constexpr std::array<std::string_view, 4> kRingMemoryNames{"consumer_node", "producer_node",
                                                                  "interleave", "local"};
// Producers to rings, for N CPUs a ring. contiguous: neighbours together (producer p, in placement
// order, writes to ring p / N). modulo: p % rings, of ceil(producers / N) rings. per_core, per_l3,
// per_node: producers whose CPUs share it share a ring; N is not used.
inline constexpr std::array<std::string_view, 5> kMappingNames{"contiguous", "modulo", "per_core",
                                                               "per_l3", "per_node"};

struct PlacementRequest {
  unsigned producers = 1;
  unsigned consumers = 1;           // 1, or one a ring (then equal to the number of rings)
  std::vector<unsigned> ring_of{};  // ring of each producer, dense from 0; empty: all on ring 0
  std::string policy = "compact";
  std::vector<unsigned> explicit_cpus{};  // OS indices, for policy "explicit": one a producer
  std::string consumer = "own_core_same_node";
  std::string ring_memory = "consumer_node";
  bool oversubscribe = false;  // more producers than CPUs is allowed: they take turns
};

struct Placement {
  std::vector<unsigned> producer_cpus;  // OS index for each producer
  std::vector<unsigned> consumer_cpus;  // OS index for each consumer
  // For each ring: the nodes its pages are bound to; empty: local.
  std::vector<std::vector<unsigned>> ring_nodes;
  bool oversubscribed = false;  // two producers share a CPU: results must be marked
  friend bool operator==(const Placement&, const Placement&) = default;
};

// A sentence: what cannot be placed on this machine, and what would make it possible.
struct Refusal {
  std::string why;
  friend bool operator==(const Refusal&, const Refusal&) = default;
};

// CPUs of the producers alone; the mapping of producers to rings is made from them. Uses only
// producers, policy, explicit_cpus and oversubscribe of the request.
std::variant<std::vector<unsigned>, Refusal> place_producers(const Machine&,
                                                             const PlacementRequest&);

// ring_of[p] for each producer, rings numbered densely from 0 in order of first use. Throws
// std::invalid_argument with a sentence for an unknown mapping, a CPU that the machine does not
// allow, or 0 CPUs a ring where that number is used.
std::vector<unsigned> map_to_rings(const Machine&, const std::vector<unsigned>& producer_cpus,
                                   std::string_view mapping, unsigned cpus_per_ring);

std::variant<Placement, Refusal> place(const Machine&, const PlacementRequest&);

}  // namespace ringbench
