// Who meets whom at a ring's lock, and what a reserve costs there.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "planner/plan.hpp"

namespace ringbench::planner {

// The latencies between the plan's CPUs under one draw of the inputs.
Latencies latencies_of(const Plan& plan, const Inputs& inputs);

// Places in the plan's list of CPUs, of each ring.
std::vector<std::vector<unsigned>> producers_of_rings(const Layout& layout);

// Records a second that the lock of a ring can take from these producers together, when all of them
// always want it.
double lock_records_per_s(const Latencies& latencies, const std::vector<unsigned>& producers,
                          const Inputs& inputs);

// What the rings are offered on average, against what their locks can take.
struct LockLoad {
  std::size_t busiest = 0;        // ring, by offered over takes
  double offered = 0, takes = 0;  // of it, records/s
  double never_sent = 0;  // of all records: what is offered to some lock beyond what it takes
};
LockLoad lock_load(const Plan& plan, const Inputs& inputs, const Latencies& latencies,
                   const std::vector<std::vector<unsigned>>& producers);

// Producers that send to one ring at the same time, each `rate` records a second, and which share
// of the ring's records is sent so.
struct Crowd {
  std::vector<unsigned> producers;
  double rate = 0;
  double share = 0;
  bool steady = false;  // they go on for ever
};

inline constexpr double kRareShare =
    0.01;  // a crowd that sends less is not seen by a 99th percentile

// Of the ring of these producers: what they send steadily, and as a burst of the workload finds
// them; of a trace: its bin at the median of the records, and the one at their 99th percentile.
std::vector<Crowd> crowds_at(const Plan& plan, const Inputs& inputs,
                             const std::vector<unsigned>& producers);

// ns. p50, p99: of a call of reserve that was given a record; of the crowd that sends most, and the
// worst of those that send more than 1 in 100 records. event_mean: of reserve, commit and what
// notifying the consumer takes, over all records.
struct ReserveCost {
  double p50_ns = 0, p99_ns = 0;
  double event_mean_ns = 0;
  // Of the crowd that sends most: from a call's beginning to where the consumer, that has nothing
  // else to do, has read the record; and what a record takes of the consumer's time.
  double seen_ns = 0, consumer_busy_ns = 0;
};
ReserveCost reserve_cost(const Plan& plan, Kind kind, const Inputs& inputs,
                         const Latencies& latencies, const std::vector<Crowd>& crowds,
                         std::uint64_t seed);

}  // namespace ringbench::planner
