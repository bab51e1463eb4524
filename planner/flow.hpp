// Drops, delay and order of bursts through any number of buffers, as flows: between two events (a
// burst begins or ends, a buffer fills up or runs empty, a consumer stalls) every level is a
// straight line, so the time this takes hangs on events, not on records.
//
// Delay. Within a ring records are read in the order they came, so a record's delay is the
// horizontal distance between the curve of what came and the curve of what was read. Quantiles are
// exact up to the width of a bin, 1/64 of the value.
//
// Order, as RFC 4737 has it: a record is reordered if a later stamp was delivered before. Of the
// flows it is known which stamp each ring is at, and which stamp is the newest that any ring has
// delivered. Two causes are combined:
//   lag    A ring is behind the newest stamp by L. Of its records 1 - e^(-v L) are reordered, v
//          being the records a second at the newest stamp; the extent of one is what was delivered
//          since that stamp was first passed.
//   turns  k rings of a thread that are at the same stamp (less than a record apart) are read in
//          turn, n records of each: order_of_turns(k, n) of what the lag leaves in order (planner/
//          closed_forms.hpp), extents even between 0 and n k. n is `turn`; where a thread polls at
//          most what a ring holds then; where rings are read as they fill, what comes to one of
//          them during a sweep over all.
//
// Of a merge turns are left out: long ones bring the newest stamp on by up to their records, so
// that it holds fewer.
//
// What is not in it: chance within a flow. A ring whose records come at random at less than its
// share holds nothing here; the queue of an M/D/1 system is left out.
#pragma once

#include <cstdint>
#include <vector>

namespace ringbench::planner {

// When records come. A CPU sends `rate` always, and `burst_rate` in its place while a burst has hit
// it. Bursts are Poisson, `bursts_per_s` over the whole machine; each hits `width` distinct CPUs
// (scattered: drawn anew each time; else `width` neighbours in the list, wrapping, the first drawn)
// for `on_s`; a CPU that is hit while on stays on until the later end.
struct FlowSources {
  unsigned cpus = 1;
  double rate = 0;
  double burst_rate = 0;
  double bursts_per_s = 0;
  double on_s = 0;
  unsigned width = 1;
  bool scattered = true;
  // Instead of all of the above but `cpus`, where not empty: bin after bin of `bin_s` seconds,
  // records a second of each CPU ([bin][cpu]); played again when it ends.
  std::vector<std::vector<double>> trace{};
  double bin_s = 0;
  // The trace begins with a bin that is drawn, and goes round; else with its first.
  bool from_any_bin = false;
};

struct FlowBuffers {
  std::vector<unsigned> ring_of_cpu;  // dense from 0
  double records = 0;                 // that one ring holds
};

// Threads that read: ring r belongs to thread r % threads. A thread gives each of its rings that
// hold something an equal share of its rate; what a ring does not need goes to the others. All
// threads together pass no more than `stage_rate` (0: no such stage), shared likewise.
struct FlowConsumers {
  unsigned threads = 1;
  double rate = 0;    // records a second of one thread
  double turn = 1;    // records that are taken from a ring before the next has its turn
  double look_s = 0;  // for a look at a ring, whether it holds anything or not; it counts for delay
                      // and order of what comes to rings that hold nothing, `rate` is without it
  double stage_rate = 0;
  // A thread that kept up with what came sleeps between records; when more comes than it can take
  // it begins to read so much later.
  double wakeup_s = 0;
  // A thread reads what its rings hold when it begins a round, then sleeps for so long; 0: reads
  // all the time.
  double poll_interval_s = 0;
  // The space of what a thread reads of a ring is free only when it has read all that the ring held
  // when its turn came, ring after ring, as libbpf reads perf buffers (perf_event_read_simple);
  // else that of each record as it is read.
  bool frees_together = false;
  double turn_s = 0;         // then: what a turn takes before its first record
  double stall_s = 0;        // each thread reads nothing for so long, ...
  double stall_every_s = 0;  // ... so often, all at once, the first at the start; 0: never
  // The one thread runs on the CPU of the first source, which is a thread like it: that source
  // sends nothing while the thread reads, and what it is late with, at `late_rate`, once nothing is
  // left to read or after `slice_s` at the latest.
  bool shares_cpu = false;
  double late_rate = 1e7;  // records a second
  double slice_s = 4e-3;
  // Of a merge into order: a delivered record is held until a stamp later than its own by so much
  // has been delivered, or for so long after one that is not older; looked at while a thread is
  // awake. Negative: no merge.
  double merge_wait_s = -1;
};

struct FlowPlan {
  FlowSources sources;
  FlowBuffers buffers;
  FlowConsumers consumers;
  double seconds = 1;
};

struct FlowResult {
  // Records. offered = delivered + dropped + left, to rounding.
  double offered = 0, delivered = 0, dropped = 0, left = 0;
  // Of dropped: lost while the ring's thread read at its full rate. The rest is lost while it
  // stalled or slept, or was held up by the stage.
  double dropped_busy = 0;
  double busy_fraction = 0;  // of the threads' time, reading
  // From a record's coming to its being read, in seconds, over delivered records.
  double delay_mean = 0, delay_p50 = 0, delay_p99 = 0, delay_max = 0;
  double passed_ratio = 0;  // of the delivered, those that found no backlog
  // RFC 4737 over the delivered sequence, before any merge: reordered / delivered, and the extent
  // in records, over the reordered.
  double reordered_ratio = 0, extent_mean = 0;
  // Of the merge: records that it holds, time-weighted mean and largest, the delay it adds, and the
  // fraction that comes to it after newer ones were let go.
  double held_mean = 0, held_peak = 0, merge_delay_mean = 0, late_ratio = 0;
  double peak_records = 0;   // most in any one ring
  double width_mean = 0;     // CPUs that were on while any was; of a trace, that sent
  std::uint64_t events = 0;  // that were simulated
};

// The same plan and seed give the same result bit for bit. Throws std::invalid_argument with a
// sentence for a plan that makes no sense.
FlowResult simulate_flow(const FlowPlan& plan, std::uint64_t seed);

}  // namespace ringbench::planner
