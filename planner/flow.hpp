// Drops, delay and order of bursts through any number of buffers, as flows: between two events (a
// burst begins or ends, a buffer fills up or runs empty, a consumer stalls) every level is a
// straight line, so the time this takes hangs on events, not on records.
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
  // Instead of all of the above, where not empty: bin after bin of `bin_s` seconds, records a
  // second of each CPU ([bin][cpu]); played again from the start when it ends.
  std::vector<std::vector<double>> trace{};
  double bin_s = 0;
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
  double rate = 0;  // records a second of one thread
  double turn = 1;  // records that are taken from a ring before the next has its turn
  double stage_rate = 0;
  double poll_interval_s = 0;  // between two rounds over the rings; 0: none
  double stall_s = 0;          // each thread reads nothing for so long, ...
  double stall_every_s = 0;    // ... so often, all at once, the first at the start; 0: never
  double merge_wait_s = -1;    // watermark of a merge into order; negative: no merge
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
  // Of dropped: lost while every thread that could have read the ring was busy all the time; the
  // rest is lost because a ring was full while its thread could have had time (share, poll, stall).
  double busy_fraction = 0;  // of the threads' time, reading
  // From a record's coming to its being read, in seconds, over delivered records.
  double delay_mean = 0, delay_p50 = 0, delay_p99 = 0, delay_max = 0;
  // RFC 4737 over the delivered sequence: reordered / delivered, and the extent in records.
  double reordered_ratio = 0, extent_mean = 0, extent_p99 = 0;
  // Of the merge: records that it holds, time-weighted mean and largest, and the delay it adds.
  double held_mean = 0, held_peak = 0, merge_delay_mean = 0;
  double peak_records = 0;   // most in any one ring
  double width_mean = 0;     // CPUs that were on while any was
  std::uint64_t events = 0;  // that were simulated
};

// The same plan and seed give the same result bit for bit. Throws std::invalid_argument with a
// sentence for a plan that makes no sense.
FlowResult simulate_flow(const FlowPlan& plan, std::uint64_t seed);

}  // namespace ringbench::planner
