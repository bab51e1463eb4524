// One ring, its producers and its consumer, cache line by cache line: what a reserve costs below
// saturation, its tail, other locks than the queued one. A discrete-event simulation: each access
// waits until the line is free, then takes what the line needs from where it is to who wants it.
#pragma once

#include <cstdint>
#include <vector>

#include "planner/latency.hpp"

namespace ringbench::planner {

enum class LockKind : std::uint8_t { queued, ticket, test_and_set };

struct LinePlan {
  Latencies latencies;   // of the producers in their order, then of the consumer
  bool consumes = true;  // false: the last CPU of `latencies` is a producer too
  LockKind lock = LockKind::queued;
  bool pending_pos = true;         // the code path, see saturation.hpp
  double alone_ns = 20;            // reserve and commit of a producer that meets nobody
  double outside_lock_ns = 10;     // of it, outside the lock
  double between_ns = 0;           // mean of a producer's pause between two records, exponential;
                                   // 0: none, it saturates
  double consumer_ns = 0;          // the consumer's own work a record
  double consumer_poll_ns = 300;   // from where it found nothing, or a busy record, to its next
                                   // look, mean, exponential: a system call; 0: it looks always
  double record_bytes = 16;        // on the ring: as many headers share a line as records do
  double ring_records = 4096;      // that fit; a full ring refuses
  double warm_up_records = 2'000;  // calls of all producers together, refused or not, not counted
  double records = 20'000;         // calls that are then counted
};

struct LineResult {
  double seconds = 0;        // simulated, after the warm-up
  double records_per_s = 0;  // reserved by all producers together
  double refused_fraction = 0;
  // ns that a producer's call of reserve takes; and all of reserve and commit.
  double reserve_mean = 0, reserve_p50 = 0, reserve_p99 = 0;
  double event_mean = 0, event_p99 = 0;
  double moves_per_record = 0;    // of lines between CPUs, serial or not
  double lock_busy_fraction = 0;  // of the time
  std::uint64_t line_events = 0;  // accesses that were simulated
};

// The same plan and seed give the same result bit for bit. Throws std::invalid_argument with a
// sentence for a plan that makes no sense.
LineResult simulate_lines(const LinePlan& plan, std::uint64_t seed);

// The level from the formula, the shape from the simulation: the plan's latencies times the factor
// with which its producers, saturating a queued lock with a ring that is never full, take `moves` *
// mean latency for a record. To 1 %, as a mean over some orders in which they may stand in the
// queue; a run has one of them, so it may be some per cent off. Found by short runs with fixed
// seeds. Fewer than two producers give nothing to go by: the latencies as they are. Where the work
// under the lock alone takes longer than that, moves are free.
Latencies scaled_to(const LinePlan& plan, double moves);

}  // namespace ringbench::planner
