// What needs no simulation: one isolated burst, overload, and the order that turn-taking leaves.
#pragma once

namespace ringbench::planner {

// k CPUs send `rate` each for `on_s`, into empty buffers, with a consumer of `drain` records/s in
// all. Fractions of the records that are lost.
//
// Buffers per CPU of `each` records: max(0, 1 - (min(drain / k, rate) on + each) / (rate on)).
double burst_loss_per_cpu(double k, double rate, double on_s, double drain, double each);
// One buffer of `all` records: max(0, 1 - (drain on + all) / (k rate on)).
double burst_loss_shared(double k, double rate, double on_s, double drain, double all);
// For ever: max(0, 1 - drain / offered).
double overload_loss(double offered, double drain);

// The order of k buffers that fill at the same rate and are drained in turn, n records of each a
// round.
struct TurnOrder {
  double reordered_ratio = 0;  // 1 - [n + sum_{i=1}^{k-1} (1 - e^{-i n}) / i] / (k n)
  double extent_mean = 0;      // n k / 2, records (RFC 4737)
  double held_mean = 0;        // (k - 1) n / 2: what a merge holds
  double held_peak = 0;        // (k - 1) n
};
TurnOrder order_of_turns(double k, double n);

// How long a record waits at most, with probability `quantile`, for a thread that takes `service`
// for each and that single records, coming at random, keep busy for a share `busy` of the time:
// M/D/1 (Erlang 1909; the tail, beyond 20 services, falls as it did over the last of them). 0 for a
// thread that is kept busy all the time: what waits for it is a backlog, no chance.
double wait_in_queue(double quantile, double busy, double service);

// A merge that looks every `interval` and lets a record go `wait` after its stamp: T / 2 + W.
double watermark_delay(double interval, double wait);

}  // namespace ringbench::planner
