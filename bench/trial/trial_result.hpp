// What one trial measured: raw counts and distributions. Rates, fractions and percentiles are made
// from them in one place, the columns (bench/trial/columns.hpp).
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bench/trial/histogram.hpp"
#include "bench/trial/signed_histogram.hpp"
#include "impls/transport.hpp"

namespace ringbench {

enum class Status : std::uint8_t { ok, tainted, failed };
inline constexpr std::array<std::string_view, 3> kStatusNames{"ok", "tainted", "failed"};

// Over the whole trial; warm-up, window and drain.
struct Flow {
  std::uint64_t attempted = 0;  // counted by the harness
  Tally tally;                  // counted by the transport
  std::uint64_t consumed = 0;
  std::uint64_t overwritten = 0;
  std::uint64_t left = 0;  // still in the buffer when the consumer had to stop

  Flow& operator+=(const Flow& other);
};

struct ThreadFacts {
  std::string role;  // "producer" or "consumer"
  unsigned number = 0;
  unsigned cpu_wanted = 0;
  unsigned cpu_found = 0;                // at the end of the window
  std::uint64_t voluntary_switches = 0;  // inside the measured window
  std::uint64_t involuntary_switches = 0;
  std::uint64_t migrations = 0;  // how often the thread was found on a CPU other than its own
  std::uint64_t page_faults = 0;
  std::uint64_t hiccups = 0;  // in the window too: bench/trial/hiccups.hpp
  double hiccup_us = 0;       // together
  double hiccup_us_max = 0;
};

struct SeriesFacts {
  std::string role;
  unsigned number = 0;
  std::string name;
  std::vector<std::pair<double, double>> points;  // us from the start of the window, value
};

struct ProducerFacts {
  unsigned ring = 0;
  Flow flow;
  std::uint64_t window_attempted = 0;
  std::uint64_t window_dropped = 0;
  std::uint64_t window_notifications = 0;
  double reserve_cycles_p50 = 0;  // of this producer; meaningful with reserve_samples > 0
  double event_cycles_p50 = 0;
  std::uint64_t reserve_samples = 0;
  std::uint64_t event_samples = 0;
  std::optional<double> first_drop_us;  // from the start of the window
  // Whole trial: events before its first drop; all of them when it had none.
  std::uint64_t accepted_before_drop = 0;
};

struct RingFacts {
  std::uint64_t bytes = 0;
  std::uint64_t peak_bytes = 0;
  std::vector<unsigned> nodes_wanted;
  std::map<int, std::uint64_t> nodes_found;  // pages on each node; -1: unknown
};

// In the measured window, over all consumers.
struct ConsumerFacts {
  std::uint64_t consumed = 0;
  std::uint64_t polls = 0;
  std::uint64_t empty_polls = 0;
  std::uint64_t wakeups = 0;       // returns from epoll_wait that a notification caused
  std::uint64_t busy_ticks = 0;    // inside polls that found records, service time included
  std::uint64_t busy_records = 0;  // found by those polls
  std::uint64_t lost_marked = 0;   // whole trial: drops that the buffer itself reported in place
  std::uint64_t sleeps = 0;
  std::uint64_t lost_wakeups = 0;  // sleeps: bench/trial/wakeup_watch.hpp
  std::uint64_t late_wakeups = 0;
  std::uint64_t cpu_ns = 0;
};

// Records of one chain happen one after the other: each causes the next.
struct ChainFacts {
  std::uint64_t whole = 0;              // chains of which every record was delivered
  std::uint64_t broken = 0;             // chains of which some was not
  std::uint64_t inverted = 0;           // whole ones that did not arrive in their order
  std::uint64_t records = 0;            // of chains, delivered
  std::uint64_t counter_reordered = 0;  // of those: came after one with a higher shadow counter
};

// Of the stage that restores the order, whole trial.
struct MergeFacts {
  std::uint64_t records = 0;
  std::uint64_t late = 0;  // released after one with a larger key
  std::uint64_t busy_ticks = 0;
};

struct Distributions {
  Histogram reserve, commit, event, refused;  // cycles, the empty timer pair subtracted
  Histogram lag_ns, delivery_ns;
  Histogram gap;               // drops in a row of one producer
  Histogram call, empty_call;  // cycles of the calls that made events, and of the same with no body
  Histogram reorder_extent;    // records
  Histogram late_time_ns;
  Histogram n_reordering, reordering_free_run, buffer_occupancy;  // records
  Histogram merge_held;                                           // records
  Histogram merge_delay_ns;
  Histogram gap_place;  // records of its ring delivered between the two that enclose a gap
  SignedHistogram reorder_density;  // displacement, in records
};

// Each distribution of one sign with its name in the store.
std::vector<std::pair<std::string_view, const Histogram*>> named(
    const Distributions& distributions);

// Pauses between a reserve and its commit, in the window.
struct HoldFacts {
  std::uint64_t holds = 0;
  double longest_us = 0;
  std::vector<double> recovery_us;  // ascending; of those that were recovered from in the window
};

// Updates of a shared word without a lock, whole trial.
struct RaceFacts {
  std::uint64_t tries = 0;
  std::uint64_t lost = 0;
};

struct TrialResult {
  Status status = Status::ok;
  std::string reason;  // empty for ok

  double window_s = 0;
  double tsc_hz = 0;
  std::vector<ProducerFacts> producers;
  std::vector<Flow> interrupters;  // of each producer; empty: nothing interrupts them
  std::vector<RingFacts> rings;
  std::vector<ThreadFacts> threads;
  std::vector<SeriesFacts> series;
  ConsumerFacts consumer;
  Distributions distributions;

  bool saturated = false;
  double offered_rate = 0;            // 0 when saturated or racing
  bool notifications_counted = true;  // false: the kernel wakes, out of sight
  bool wakeups_promised = false;      // consumers sleep, and may rely on being woken
  std::uint64_t sequence_gaps = 0;    // drops that the numbers of delivered records show
  std::uint64_t producing_ticks = 0;  // sum over producers of what their events took in the window
  std::optional<double> core_cycles;  // sum over producers, in the window; nothing unless all count
  bool stamped = false;
  std::uint64_t order_records = 0;
  std::uint64_t reordered = 0;
  std::uint64_t tie_window_ticks = 0;
  std::optional<ChainFacts> chains;
  std::optional<MergeFacts> merge;
  std::optional<HoldFacts> holds;
  std::optional<RaceFacts> races;
  std::uint64_t stamp_error_ticks = 0;  // of stamps by another clock than the harness's
  std::uint64_t footprint_bytes = 0;
  std::optional<MappedMemory> mapped;
  std::uint64_t peak_pool_bytes = 0;
  double steal_ms = 0;
  double steal_share = 0;  // of the time of the trial's CPUs
  std::optional<double> frequency_change;

  Flow total() const;
};

TrialResult failed(std::string reason);

// For the way from the process that ran the trial to the one that keeps the store.
std::vector<std::uint8_t> to_bytes(const TrialResult& result);
TrialResult from_bytes(const std::vector<std::uint8_t>& bytes);  // throws on anything else

}  // namespace ringbench
