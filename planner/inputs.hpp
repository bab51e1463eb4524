// Every number that a plan rests on, one draw of each: plain values, so that a simulation takes
// them as they are. What a plan file may state of them, and how sure it is of each, is in
// plan_keys.hpp.
#pragma once

namespace ringbench::planner {

// Units are in the names; a rate is in records a second. 0 stands for "none" unless it says
// otherwise.
struct Inputs {
  // The sources. Each CPU of the plan sends `rate`, steadily (Poisson); bursts come on top.
  double rate_per_cpu = 0;
  double record_size = 0;       // bytes of payload that are reserved for a record
  double record_used = 0;       // bytes of it that carry something, at most; 0: all
  double burst_rate = 0;        // of a CPU that is in a burst
  double burst_on_us = 0;       // how long one lasts
  double bursts_per_cpu_s = 0;  // how often one hits a given CPU, a second
  double burst_width = 1;       // CPUs that one hits together

  // The consumer threads.
  double ns_per_record = 0;     // that one thread takes for a record
  double ns_per_poll = 0;       // for a look at a buffer, whether it holds anything or not
  double poll_interval_us = 0;  // 0: looks all the time, or is woken
  double wakeup_ns = 0;         // from a record to the thread that it woke
  double stall_us = 0;          // that a thread reads nothing, ...
  double stall_every_us = 0;    // ... so often
  double stage_ns = 0;          // of a stage behind the threads, for one record after the other
  double merge_wait_us = 0;     // the watermark's wait, where records are merged into order

  // A producer's work.
  double alone_ns = 0;         // reserve and commit, nobody else there
  double outside_lock_ns = 0;  // of it, what is done without the lock; at most alone_ns
  double remote_cold_ns = 0;   // alone_ns where a consumer has just read what lay in the same place
  double watched_ns =
      0;  // alone_ns where a consumer does nothing but look for the record; 0: unknown
  double notify_ns = 0;  // what a notification costs the producer
  double moves = 0;      // serial moves of a cache line a record, K; see saturation.hpp

  // How far CPUs are apart, by the innermost thing that they share (topology/cpu_pairs.hpp).
  double core_ns = 0, l3_ns = 0, node_ns = 0, package_ns = 0, machine_ns = 0;
  double latency_factor = 1;  // on all latencies, for what is not known of a matrix
};

// A number, and where it lies with a probability of 90 %.
struct Uncertain {
  double value = 0;
  double low = 0;
  double high = 0;
  friend bool operator==(const Uncertain&, const Uncertain&) = default;
};

}  // namespace ringbench::planner
