// One ring, its producers and its consumer, cache line by cache line: what a reserve costs below
// saturation, its tail, other locks than the queued one. A discrete-event simulation: each access
// waits until the line is free, then takes what the line needs from where it is to who wants it.
//
// Records lie one behind the other, header first, so a record's header is as a rule in the line in
// which the record before it ends. Lines that are touched for the first time in a round of the ring
// come in the order in which they lie in memory, and a processor fetches such lines ahead; likewise
// those of records that the consumer has fallen behind on.
//
// A perf buffer has one producer and no lock: nothing in its reserve waits until a store is done,
// and its consumer frees together what it found together.
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
  bool per_cpu = false;            // a perf buffer, of the first CPU
  bool pending_pos = true;         // the code path, see saturation.hpp
  double alone_ns = 20;            // reserve and commit of a producer that meets nobody
  double outside_lock_ns = 10;     // of it, outside the lock
  double cold_ns = 0;              // more, for a line that others had in the round before
  double between_ns = 0;           // mean of a producer's pause between two records, exponential;
                                   // 0: none, it saturates
  double consumer_ns = 0;          // the consumer's work a record, freeing it included
  double consumer_poll_ns = 300;   // from where it found nothing, or a busy record, to its next
                                   // look, mean, exponential: a system call; 0: it looks always
  double record_bytes = 16;        // on the ring
  double ring_records = 4096;      // that fit; a full ring refuses
  double warm_up_records = 2'000;  // calls of all producers together, refused or not, not counted
  double records = 20'000;         // calls that are then counted
};

struct LineResult {
  double seconds = 0;        // simulated, after the warm-up
  double records_per_s = 0;  // reserved by all producers together
  double refused_fraction = 0;
  // ns that a producer's call of reserve takes that is given a record; and reserve and commit.
  double reserve_mean = 0, reserve_p50 = 0, reserve_p99 = 0;
  double event_mean = 0, event_p99 = 0;
  // ns from such a call's beginning to where a consumer that had nothing to read has read the
  // record; 0 where it never had nothing.
  double seen_p50 = 0;
  double consumer_busy_ns = 0;    // a record, that the consumer is not waiting for one
  double moves_per_record = 0;    // of lines between CPUs, serial or not
  double lock_busy_fraction = 0;  // of the time
  std::uint64_t line_events = 0;  // accesses that were simulated
};

// The same plan and seed give the same result bit for bit. Throws std::invalid_argument with a
// sentence for a plan that makes no sense.
LineResult simulate_lines(const LinePlan& plan, std::uint64_t seed);

// The latencies with which one producer takes so long for reserve and commit while its consumer
// does nothing but look for the record, on a ring with a queued lock. They stay as they are where
// even free moves take longer.
Latencies scaled_to_watched(const LinePlan& plan, double watched_ns);

// The level from the formula, the shape from the simulation: the plan's latencies times the factor
// with which its producers, saturating a queued lock with a ring that is never full, take `moves` *
// mean latency for a record. To 1 %, as a mean over some orders in which they may stand in the
// queue; a run has one of them, so it may be some per cent off. Found by short runs with fixed
// seeds. Fewer than two producers give nothing to go by: the latencies as they are. Where the work
// under the lock alone takes longer than that, moves are free.
Latencies scaled_to(const LinePlan& plan, double moves);

}  // namespace ringbench::planner
