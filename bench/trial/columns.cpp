#include "bench/trial/columns.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "bench/trial/fairness.hpp"

namespace ringbench {
namespace {

using Maybe = std::optional<double>;
using Result = TrialResult;

Maybe real(std::uint64_t value) {
  return static_cast<double>(value);
}
Maybe ratio(double part, double whole) {
  return whole == 0 ? Maybe{} : Maybe{part / whole};
}
Maybe share(std::uint64_t part, std::uint64_t whole) {
  return ratio(static_cast<double>(part), static_cast<double>(whole));
}

// A percentile with fewer than five observations beyond it says more about luck than about the
// transport.
constexpr double kBeyond = 5;
Maybe percentile(const Histogram& histogram, double fraction) {
  const double beyond = static_cast<double>(histogram.count()) * (1 - fraction);
  return beyond + 1e-9 < kBeyond ? Maybe{} : Maybe{histogram.percentile(fraction)};
}
Maybe mean(const Histogram& histogram) {
  return histogram.count() == 0 ? Maybe{} : Maybe{histogram.mean()};
}
Maybe max(const Histogram& histogram) {
  return histogram.count() == 0 ? Maybe{} : real(histogram.max());
}

std::uint64_t window_sum(const Result& result, std::uint64_t ProducerFacts::*member) {
  std::uint64_t sum = 0;
  for (const auto& producer : result.producers) sum += producer.*member;
  return sum;
}
std::uint64_t thread_sum(const Result& result, std::uint64_t ThreadFacts::*member) {
  std::uint64_t sum = 0;
  for (const auto& thread : result.threads) sum += thread.*member;
  return sum;
}
std::uint64_t hiccups(const Result& result) {
  return thread_sum(result, &ThreadFacts::hiccups);
}
double longest_hiccup_us(const Result& result) {
  double longest = 0;
  for (const auto& thread : result.threads) longest = std::max(longest, thread.hiccup_us_max);
  return longest;
}
double hiccup_share(const Result& result) {
  double most_us = 0;
  for (const auto& thread : result.threads) most_us = std::max(most_us, thread.hiccup_us);
  return most_us * 1e-6 / result.window_s;
}
// Of what interrupts the producers; nothing where nothing does.
template <Drop Cause>
Maybe interrupt_drops(const Result& result) {
  std::uint64_t sum = 0;
  for (const auto& flow : result.interrupters)
    sum += flow.tally.drops[static_cast<std::size_t>(Cause)];
  return result.interrupters.empty() ? Maybe{} : real(sum);
}
Maybe interrupt_attempted(const Result& result) {
  std::uint64_t sum = 0;
  for (const auto& flow : result.interrupters) sum += flow.attempted;
  return result.interrupters.empty() ? Maybe{} : real(sum);
}
template <Drop Cause>
Maybe drops(const Result& result) {
  return real(result.total().tally.drops[static_cast<std::size_t>(Cause)]);
}
Maybe attempted_in_window(const Result& r) {
  return real(window_sum(r, &ProducerFacts::window_attempted));
}
Maybe dropped_in_window(const Result& r) {
  return real(window_sum(r, &ProducerFacts::window_dropped));
}
Maybe first_drop(const Result& result) {
  Maybe first;
  for (const auto& producer : result.producers) {
    if (producer.first_drop_us)
      first = std::min(first.value_or(*producer.first_drop_us), *producer.first_drop_us);
  }
  return first;
}
Maybe accepted_before_drop(const Result& result) {
  if (result.total().tally.dropped() == 0) return {};
  return real(window_sum(result, &ProducerFacts::accepted_before_drop));
}
Maybe of_order(const Result& result, std::uint64_t records) {
  return result.stamped
             ? ratio(static_cast<double>(records), static_cast<double>(result.order_records))
             : Maybe{};
}
// Degree of n-reordering: what is n-reordered is so for every smaller n, too.
template <std::uint64_t N>
Maybe n_reordered(const Result& result) {
  std::uint64_t records = 0;
  for (const auto& bucket : result.distributions.n_reordering.buckets()) {
    if (bucket.lower >= N) records += bucket.count;
  }
  return of_order(result, records);
}
Maybe undisplaced(const Result& result) {
  std::uint64_t records = 0;
  for (const auto& bucket : result.distributions.reorder_density.buckets()) {
    if (bucket.lower == 0) records = bucket.count;
  }
  return of_order(result, records);
}
Maybe data_bytes(const Result& result) {
  std::uint64_t sum = 0;
  for (const auto& ring : result.rings) sum += ring.bytes;
  return real(sum);
}
Maybe peak_ring(const Result& result) {
  std::uint64_t peak = 0;
  for (const auto& ring : result.rings) peak = std::max(peak, ring.peak_bytes);
  return result.rings.empty() ? Maybe{} : real(peak);
}
// Of few pauses, each of which is long: every one counts.
Maybe recovery(const Result& result, double fraction) {
  if (!result.holds || result.holds->recovery_us.empty()) return {};
  const auto& us = result.holds->recovery_us;
  return us[static_cast<std::size_t>(fraction * static_cast<double>(us.size() - 1))];
}
// Counts of the consumer mean nothing where there are no rings to read.
Maybe of_rings(const Result& result, std::uint64_t value) {
  return result.rings.empty() ? Maybe{} : real(value);
}
// How consumers were woken means something only where a rule promises it.
Maybe of_sleepers(const Result& result, std::uint64_t value) {
  return result.wakeups_promised ? real(value) : Maybe{};
}

#define DISTRIBUTION(member, name, unit, what)                                           \
  Column{name "_p50", unit, what ", median",                                             \
         [](const Result& r) { return percentile(r.distributions.member, 0.5); }},       \
      Column{name "_p90", unit, what ", 90th percentile",                                \
             [](const Result& r) { return percentile(r.distributions.member, 0.9); }},   \
      Column{name "_p99", unit, what ", 99th percentile",                                \
             [](const Result& r) { return percentile(r.distributions.member, 0.99); }},  \
      Column{name "_p999", unit, what ", 99.9th percentile",                             \
             [](const Result& r) { return percentile(r.distributions.member, 0.999); }}, \
      Column{name "_max", unit, what ", maximum",                                        \
             [](const Result& r) { return max(r.distributions.member); }},               \
      Column {                                                                           \
    name "_mean", unit, what ", mean",                                                   \
        [](const Result& r) { return mean(r.distributions.member); }                     \
  }

const auto kColumns = std::to_array<Column>({
    {"attempted", "", "events that producers tried to send, whole trial",
     [](const Result& r) { return real(r.total().attempted); }},
    {"committed", "", "records made visible, whole trial",
     [](const Result& r) { return real(r.total().tally.committed); }},
    {"discarded", "", "reservations given up, whole trial",
     [](const Result& r) { return real(r.total().tally.discarded); }},
    {"consumed", "", "records delivered and verified, whole trial",
     [](const Result& r) { return real(r.total().consumed); }},
    {"overwritten", "",
     "committed records replaced by newer ones before they were read, whole trial",
     [](const Result& r) { return real(r.total().overwritten); }},
    {"left_in_buffer", "", "committed records the consumer had not read when the drain was over",
     [](const Result& r) { return real(r.total().left); }},
    {"drop_no_space", "", "refused because the buffer was full, whole trial",
     drops<Drop::no_space>},
    {"drop_lock_busy", "", "refused because a lock that may only be tried was held, whole trial",
     drops<Drop::lock_busy>},
    {"drop_too_big", "", "refused because the record can never fit, whole trial",
     drops<Drop::too_big>},
    {"drop_recursion", "", "refused because the producer was inside a reserve already, whole trial",
     drops<Drop::recursion>},
    {"interrupt_attempted", "",
     "events of what interrupts the producers, whole trial; they are in attempted and in the drops "
     "too",
     interrupt_attempted},
    {"interrupt_lock_busy", "", "of those, refused because the lock was held",
     interrupt_drops<Drop::lock_busy>},
    {"interrupt_recursion", "", "of those, refused because they interrupted a reservation",
     interrupt_drops<Drop::recursion>},
    {"interrupt_no_space", "", "of those, refused because the buffer was full",
     interrupt_drops<Drop::no_space>},
    {"lost_marked", "", "drops that the buffer itself reported where they happened, whole trial",
     [](const Result& r) { return of_rings(r, r.consumer.lost_marked); }},

    {"window_s", "s", "length of the measured window",
     [](const Result& r) { return Maybe{r.window_s}; }},
    {"window_attempted", "",
     "events attempted in the window, without those of what interrupts the producers",
     attempted_in_window},
    {"window_dropped", "", "those refused", dropped_in_window},
    {"drop_fraction", "", "window_dropped / window_attempted",
     [](const Result& r) { return ratio(*dropped_in_window(r), *attempted_in_window(r)); }},
    {"offered_rate", "1/s",
     "what the workload asks for, all producers; none when they saturate or race",
     [](const Result& r) { return r.saturated || r.races ? Maybe{} : Maybe{r.offered_rate}; }},
    {"achieved_rate", "1/s", "window_attempted / window_s",
     [](const Result& r) { return ratio(*attempted_in_window(r), r.window_s); }},
    {"delivered_rate", "1/s", "records delivered in the window / window_s",
     [](const Result& r) {
       return r.rings.empty() ? Maybe{}
                              : ratio(static_cast<double>(r.consumer.consumed), r.window_s);
     }},

    {"event_amortised_cycles", "cycles",
     "producers' time in the window / window_attempted, when they saturate; where several events "
     "are made at a call, less what empty calls take",
     [](const Result& r) {
       return r.saturated && r.producing_ticks != 0
                  ? ratio(static_cast<double>(r.producing_ticks), *attempted_in_window(r))
                  : Maybe{};
     }},
    {"event_amortised_core_cycles", "core cycles",
     "producers' core cycles in the window, in user mode / window_attempted, when they saturate",
     [](const Result& r) {
       return r.saturated && r.core_cycles ? ratio(*r.core_cycles, *attempted_in_window(r))
                                           : Maybe{};
     }},
    {"core_cycles_per_tick", "",
     "producers' core cycles in the window, in user mode / their time in it, in TSC ticks",
     [](const Result& r) {
       return r.core_cycles ? ratio(*r.core_cycles, static_cast<double>(r.producing_ticks))
                            : Maybe{};
     }},
    DISTRIBUTION(reserve, "reserve_cycles", "cycles", "reserve that succeeded"),
    DISTRIBUTION(commit, "commit_cycles", "cycles", "commit"),
    DISTRIBUTION(event, "event_cycles", "cycles",
                 "reserve, fill and commit; where several events are made at a call, their mean"),
    {"call_cycles_p50", "cycles", "call that makes events, median",
     [](const Result& r) { return percentile(r.distributions.call, 0.5); }},
    {"empty_call_cycles_p50", "cycles",
     "the same call with an empty body, median: what is subtracted from it",
     [](const Result& r) { return percentile(r.distributions.empty_call, 0.5); }},
    {"refused_cycles_p50", "cycles", "reserve that was refused, median",
     [](const Result& r) { return percentile(r.distributions.refused, 0.5); }},
    {"refused_cycles_p99", "cycles", "reserve that was refused, 99th percentile",
     [](const Result& r) { return percentile(r.distributions.refused, 0.99); }},

    {"order_records", "", "stamped records of the window whose order was looked at",
     [](const Result& r) { return r.stamped ? real(r.order_records) : Maybe{}; }},
    {"tie_window_cycles", "cycles", "stamps no further apart than this are a tie, not a reordering",
     [](const Result& r) { return r.stamped ? real(r.tie_window_ticks) : Maybe{}; }},
    {"stamp_error_cycles", "cycles",
     "what stamps can be wrong by against delivery; 0: both are of one clock",
     [](const Result& r) { return r.stamped ? real(r.stamp_error_ticks) : Maybe{}; }},
    {"reordered_ratio", "", "reordered / order_records (RFC 4737, 4.1)",
     [](const Result& r) { return of_order(r, r.reordered); }},
    {"reorder_extent_mean", "records",
     "reordering extent (RFC 4737, 4.2), mean over reordered records",
     [](const Result& r) { return mean(r.distributions.reorder_extent); }},
    {"reorder_extent_p50", "records", "reordering extent, median",
     [](const Result& r) { return percentile(r.distributions.reorder_extent, 0.5); }},
    {"reorder_extent_p99", "records", "reordering extent, 99th percentile",
     [](const Result& r) { return percentile(r.distributions.reorder_extent, 0.99); }},
    {"reorder_extent_max", "records", "reordering extent, maximum",
     [](const Result& r) { return max(r.distributions.reorder_extent); }},
    {"late_time_ns_p50", "ns",
     "late time offset (RFC 4737, 4.3): delivered so long after a record made later, median over "
     "reordered records",
     [](const Result& r) { return percentile(r.distributions.late_time_ns, 0.5); }},
    {"late_time_ns_p99", "ns", "late time offset, 99th percentile",
     [](const Result& r) { return percentile(r.distributions.late_time_ns, 0.99); }},
    {"late_time_ns_max", "ns", "late time offset, maximum",
     [](const Result& r) { return max(r.distributions.late_time_ns); }},
    {"n_reordering_1_ratio", "",
     "records delivered right after one made later / order_records (RFC 4737, 5.3)",
     n_reordered<1>},
    {"n_reordering_2_ratio", "", "records right after two made later / order_records",
     n_reordered<2>},
    {"n_reordering_3_ratio", "",
     "records right after three made later / order_records: what TCP takes for a loss",
     n_reordered<3>},
    {"reordering_free_run_mean", "records",
     "records in order before each reordered one (RFC 4737, 4.6), mean over reordered records",
     [](const Result& r) { return mean(r.distributions.reordering_free_run); }},
    {"reorder_density_zero", "",
     "records with displacement 0 / order_records: reorder density (RFC 5236) at 0", undisplaced},
    {"buffer_occupancy_mean", "records",
     "records held by a buffer that restores the order (RFC 5236), mean over deliveries",
     [](const Result& r) { return mean(r.distributions.buffer_occupancy); }},
    {"buffer_occupancy_max", "records", "records held by such a buffer, maximum",
     [](const Result& r) { return max(r.distributions.buffer_occupancy); }},
    {"chains_whole", "",
     "chains (of events from producer to producer, or of a process: fork, exec, exit) of which "
     "every record was delivered",
     [](const Result& r) { return r.chains ? real(r.chains->whole) : Maybe{}; }},
    {"chains_broken", "", "chains of which some record was not delivered",
     [](const Result& r) { return r.chains ? real(r.chains->broken) : Maybe{}; }},
    {"causal_inversions", "", "whole chains that did not arrive in their order / chains_whole",
     [](const Result& r) {
       return r.chains ? share(r.chains->inverted, r.chains->whole) : Maybe{};
     }},
    {"counter_reordered_ratio", "",
     "records of chains after one with a higher shadow counter / records of chains: "
     "reordered_ratio by an exact order",
     [](const Result& r) {
       return r.chains ? share(r.chains->counter_reordered, r.chains->records) : Maybe{};
     }},
    {"merge_held_mean", "records",
     "records that the merge holds at each release, that one included, mean, whole trial",
     [](const Result& r) { return mean(r.distributions.merge_held); }},
    {"merge_held_max", "records", "the same, maximum",
     [](const Result& r) { return max(r.distributions.merge_held); }},
    {"merge_delay_ns_p50", "ns", "from the buffer to the merge's release, median, whole trial",
     [](const Result& r) { return percentile(r.distributions.merge_delay_ns, 0.5); }},
    {"merge_delay_ns_p99", "ns", "the same, 99th percentile",
     [](const Result& r) { return percentile(r.distributions.merge_delay_ns, 0.99); }},
    {"merge_late", "", "records released after one whose place is behind theirs, whole trial",
     [](const Result& r) { return r.merge ? real(r.merge->late) : Maybe{}; }},
    {"merge_cycles", "cycles",
     "time in the merge / its records, with its readings of the clock, whole trial",
     [](const Result& r) {
       return r.merge ? share(r.merge->busy_ticks, r.merge->records) : Maybe{};
     }},
    {"holds", "", "pauses of producer 0 between a reserve and its commit, in the window",
     [](const Result& r) { return r.holds ? real(r.holds->holds) : Maybe{}; }},
    {"hold_us_max", "us", "the longest of them",
     [](const Result&
            r) { return r.holds && r.holds->holds > 0 ? Maybe{r.holds->longest_us} : Maybe{}; }},
    {"recovery_us_p50", "us",
     "from the end of such a pause to the delivery of the first record stamped after it, median "
     "over the pauses after which there was one",
     [](const Result& r) { return recovery(r, 0.5); }},
    {"recovery_us_max", "us", "the same, maximum", [](const Result& r) { return recovery(r, 1); }},
    {"race_tries", "", "updates of the word that producers race for, whole trial",
     [](const Result& r) { return r.races ? real(r.races->tries) : Maybe{}; }},
    {"races", "", "those that were lost: race_tries less what the word came to, whole trial",
     [](const Result& r) { return r.races ? real(r.races->lost) : Maybe{}; }},
    DISTRIBUTION(delivery_ns, "delivery_ns", "ns", "from the stamp to delivery"),

    {"consumer_cycles", "cycles",
     "time in polls that found records and in the merge's releases / those records, with service "
     "and downstream, without stalls",
     [](const Result& r) {
       return ratio(static_cast<double>(r.consumer.busy_ticks),
                    static_cast<double>(r.consumer.busy_records));
     }},
    {"polls", "", "looks of the consumers at a ring, in the window",
     [](const Result& r) { return of_rings(r, r.consumer.polls); }},
    {"empty_polls", "", "those that found nothing",
     [](const Result& r) { return of_rings(r, r.consumer.empty_polls); }},
    {"wakeups", "", "sleeps that a notification ended, in the window",
     [](const Result& r) { return of_rings(r, r.consumer.wakeups); }},
    {"sleeps", "", "sleeps of the consumers, in the window",
     [](const Result& r) { return of_rings(r, r.consumer.sleeps); }},
    {"lost_wakeups", "",
     "sleeps that ended by time-out over a record whose producer had gone on without waking the "
     "consumer; none where no rule promises that it does",
     [](const Result& r) { return of_sleepers(r, r.consumer.lost_wakeups); }},
    {"late_wakeups", "", "the same, but the producer was not past its commit, or woke it just then",
     [](const Result& r) { return of_sleepers(r, r.consumer.late_wakeups); }},
    {"consumer_cpu_share", "", "CPU time of the consumers in the window / window_s",
     [](const Result& r) {
       return r.rings.empty() ? Maybe{}
                              : ratio(static_cast<double>(r.consumer.cpu_ns) * 1e-9, r.window_s);
     }},
    {"notifications", "",
     "wake-ups that producers asked for, in the window; none where the kernel decides",
     [](const Result& r) {
       return r.notifications_counted
                  ? of_rings(r, window_sum(r, &ProducerFacts::window_notifications))
                  : Maybe{};
     }},

    {"data_bytes", "bytes", "data of all rings", data_bytes},
    {"footprint_bytes", "bytes", "memory held: data, positions and what the consumer copies into",
     [](const Result& r) { return real(r.footprint_bytes); }},
    {"mapped_bytes", "bytes",
     "address space of the buffers, where the kernel holds them: ring data is mapped twice",
     [](const Result& r) { return r.mapped ? real(r.mapped->virtual_bytes) : Maybe{}; }},
    {"resident_bytes", "bytes", "of it, resident as the kernel counts it: Rss, shared pages too",
     [](const Result& r) { return r.mapped ? real(r.mapped->resident_bytes) : Maybe{}; }},
    {"peak_pool_bytes", "bytes",
     "most bytes not free over all rings of a consumer, summed over consumers",
     [](const Result& r) { return of_rings(r, r.peak_pool_bytes); }},
    {"peak_ring_bytes", "bytes", "most bytes not free in one ring", peak_ring},

    {"lag_ns_p50", "ns", "how late events were sent, median",
     [](const Result& r) { return percentile(r.distributions.lag_ns, 0.5); }},
    {"lag_ns_p99", "ns", "how late events were sent, 99th percentile",
     [](const Result& r) { return percentile(r.distributions.lag_ns, 0.99); }},
    {"lag_ns_max", "ns", "how late events were sent, maximum",
     [](const Result& r) { return max(r.distributions.lag_ns); }},

    {"gap_p50", "records", "drops in a row of one producer, median",
     [](const Result& r) { return percentile(r.distributions.gap, 0.5); }},
    {"gap_max", "records", "drops in a row of one producer, maximum",
     [](const Result& r) { return max(r.distributions.gap); }},
    {"sequence_gaps_seen", "",
     "drops that the sequence numbers of the delivered records show, whole trial",
     [](const Result& r) { return of_rings(r, r.sequence_gaps); }},
    {"gap_place_records_mean", "records",
     "records of the same ring delivered between the two that enclose a gap in a producer's "
     "sequence: how far off the place of the loss may be, mean over gaps",
     [](const Result& r) { return mean(r.distributions.gap_place); }},
    {"gap_place_records_p99", "records", "the same, 99th percentile",
     [](const Result& r) { return percentile(r.distributions.gap_place, 0.99); }},
    {"gap_place_records_max", "records", "the same, maximum",
     [](const Result& r) { return max(r.distributions.gap_place); }},
    {"first_drop_us", "us", "from the start of the window to the first drop in it", first_drop},
    {"accepted_before_drop", "",
     "events before the first drop of each producer, from the start of the trial, all of those "
     "that had none; summed; none when nothing was dropped",
     accepted_before_drop},

    {"jain_index", "",
     "fairness between producers in the window: 1 all alike, 1/n one has all; of events accepted "
     "when they saturate, else of accepted / attempted",
     jain_index},
    {"worst_drop_fraction", "", "largest window_dropped / window_attempted of a producer",
     worst_drop_fraction},

    {"involuntary_switches", "", "threads taken off their CPU, in the window",
     [](const Result& r) { return real(thread_sum(r, &ThreadFacts::involuntary_switches)); }},
    {"migrations", "", "threads found on another CPU than their own",
     [](const Result& r) { return real(thread_sum(r, &ThreadFacts::migrations)); }},
    {"page_faults", "", "page faults of the threads, in the window",
     [](const Result& r) { return real(thread_sum(r, &ThreadFacts::page_faults)); }},
    {"steal_ms", "ms", "time the hypervisor took from the CPUs in use; 10 ms steps",
     [](const Result& r) { return Maybe{r.steal_ms}; }},
    {"steal_share", "", "of the time of the CPUs in use",
     [](const Result& r) { return Maybe{r.steal_share}; }},
    {"hiccups", "", "gaps of more than 10 us on a thread's clock that its work does not explain",
     [](const Result& r) { return real(hiccups(r)); }},
    {"hiccup_us_max", "us", "the longest of them",
     [](const Result& r) { return Maybe{longest_hiccup_us(r)}; }},
    {"hiccup_share", "", "of the window, lost in hiccups by the thread that lost most",
     [](const Result& r) { return Maybe{hiccup_share(r)}; }},
    {"frequency_change", "", "of a CPU's clock in the window, where cpufreq tells it",
     [](const Result& r) { return r.frequency_change; }},
});
#undef DISTRIBUTION

}  // namespace

std::span<const Column> columns() {
  return kColumns;
}

const Column& find_column(std::string_view name) {
  return *std::ranges::find(kColumns, name, &Column::name);
}

Maybe headline(const TrialResult& result) {
  return find_column(result.saturated ? "event_amortised_cycles" : "event_cycles_p50")
      .value(result);
}

}  // namespace ringbench
