#include "bench/trial/trial_spec.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <numeric>

#include "impls/grouping.hpp"
#include "impls/list.hpp"
#include "impls/payload.hpp"

namespace ringbench {
namespace {

constexpr std::size_t kSmallestRing = 4096;

std::vector<unsigned> rings_of(const Cell& cell, const Machine& machine,
                               const std::vector<unsigned>& producer_cpus) {
  std::vector<unsigned> ring_of(producer_cpus.size(), 0);
  switch (find_transport(cell.transport)->layout) {
    case Layout::none:
    case Layout::shared:
      return ring_of;
    case Layout::per_producer:
      std::iota(ring_of.begin(), ring_of.end(), 0U);
      return ring_of;
    case Layout::grouped:
      return map_to_rings(machine, producer_cpus, option(cell.options, kMapping),
                          static_cast<unsigned>(number(cell.options, kCpusPerRing)));
  }
  return ring_of;
}

PlacementRequest request_of(const Cell& cell) {
  PlacementRequest request;
  request.producers = static_cast<unsigned>(cell.producers);
  request.policy = cell.placement;
  request.explicit_cpus = cell.cpus;
  request.consumer = cell.consumer;
  request.ring_memory = cell.ring_memory;
  request.oversubscribe = cell.oversubscribe;
  return request;
}

Demands demands_of(const Cell& cell, const Machine& machine, std::size_t ring_bytes) {
  Demands demands;
  demands.ring_bytes = ring_bytes;
  demands.mixed_sizes = cell.sizes_traced() || cell.sizes != "fixed";
  demands.record_size = static_cast<std::uint32_t>(cell.record_size);
  demands.bounded_drain = cell.budget != 0;
  demands.reads_after_window = cell.poll == "after_window";
  demands.paced = cell.paced();
  demands.chains = cell.chains();
  demands.races = cell.races();
  demands.oversubscribed = cell.oversubscribe;
  demands.interleaved = cell.ring_memory == "interleave" && machine.nodes.size() > 1;
  return demands;
}

// A power of two for each ring, so that every layout may use any number of rings.
std::size_t bytes_of_a_ring(const Cell& cell, unsigned rings) {
  if (rings == 0) return 0;
  return cell.bytes_are == "per_ring" ? cell.bytes : std::bit_floor(cell.bytes / rings);
}

}  // namespace

std::string lasting_doubt(const TrialSpec& spec) {
  if (spec.placement.oversubscribed) {
    return fmt::format("oversubscribed: {} producers take turns on fewer CPUs",
                       spec.cell.producers);
  }
  if (!spec.clock.invariant) {
    return "the time-stamp counter is not invariant, so its ticks may change their length while "
           "they are counted: run where CPUID 80000007H:EDX[8] is set (in a guest, let the "
           "hypervisor pass invtsc through)";
  }
  return {};
}

std::variant<TrialSpec, Refusal> specify(const Cell& cell, const Machine& machine) {
  return specify(Cell(cell), machine);
}

std::variant<TrialSpec, Refusal> specify(Cell&& cell, const Machine& machine) {
  const Row& row = *find_transport(cell.transport);
  if (auto why = row.unavailable(); !why.empty()) return Refusal{std::move(why)};
  if (cell.producers > kMaxProducers) {
    return Refusal{fmt::format("a record has room to name {} producers, not {}; use fewer",
                               kMaxProducers, cell.producers)};
  }
  auto request = request_of(cell);
  auto cpus = place_producers(machine, request);
  if (auto* refusal = std::get_if<Refusal>(&cpus)) return *refusal;

  TrialSpec spec;
  spec.window_ms = cell.duration_ms;
  spec.ring_of = rings_of(cell, machine, std::get<0>(cpus));
  spec.rings = row.layout == Layout::none ? 0 : 1 + std::ranges::max(spec.ring_of);
  spec.ring_bytes = bytes_of_a_ring(cell, spec.rings);
  if (spec.rings > 0 && spec.ring_bytes < kSmallestRing) {
    return Refusal{fmt::format(
        "{} bytes over {} rings leave less than a page of {} bytes for each; "
        "give at least {} bytes",
        cell.bytes, spec.rings, kSmallestRing, kSmallestRing * std::bit_ceil(spec.rings))};
  }
  if (auto why = row.unfit(cell.options, demands_of(cell, machine, spec.ring_bytes));
      !why.empty()) {
    return Refusal{std::move(why)};
  }
  request.ring_of = spec.ring_of;
  request.consumers = cell.consumers == "per_ring" ? spec.rings : 1;
  if (spec.rings == 0)
    request.consumer = "shares_producer_core";  // none is started, so none needs a CPU
  auto placement = place(machine, request);
  if (auto* refusal = std::get_if<Refusal>(&placement)) return *refusal;
  spec.placement = std::get<Placement>(std::move(placement));
  if (spec.rings == 0) spec.placement.consumer_cpus.clear();
  spec.cell = std::move(cell);
  return spec;
}

}  // namespace ringbench
