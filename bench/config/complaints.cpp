// What makes a resolved cell senseless as a whole, though each of its values is allowed.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "bench/config/matrix.hpp"
#include "bench/config/noise_limits.hpp"
#include "bench/config/skew.hpp"
#include "impls/list.hpp"
#include "impls/record_limits.hpp"

namespace ringbench {
namespace {

// A signal and its handler take about as long.
constexpr double kShortestInterruptUs = 2;
// Fewer than a short record's sequence tells apart, 2^22 (impls/payload.hpp).
constexpr double kMostShortEvents = 4e6;

using Complaints = std::vector<Complaint>;

void check_cpus(const Cell& cell, Complaints& complaints) {
  if (cell.placement != "explicit") return;
  if (cell.cpus.empty()) {
    complaints.push_back(
        {{"placement"}, "\"explicit\" needs the CPU of each producer; state cpus"});
    return;
  }
  if (cell.cpus.size() != cell.producers) {
    complaints.push_back(
        {{"cpus", "producers"},
         fmt::format("found {} CPUs for {} producers; allowed: one CPU for each producer",
                     cell.cpus.size(), cell.producers)});
  }
  auto sorted = cell.cpus;
  std::sort(sorted.begin(), sorted.end());
  const auto twice = std::adjacent_find(sorted.begin(), sorted.end());
  if (twice != sorted.end() && !cell.oversubscribe) {
    complaints.push_back({{"cpus", "producers"},
                          fmt::format("found CPU {} twice, where two producers would take turns; "
                                      "allowed only with oversubscribe = true",
                                      *twice)});
  }
}

void check_consumer(const Cell& cell, Complaints& complaints) {
  if (cell.poll == "after_window" && cell.consumers != "one") {
    complaints.push_back(
        {{"poll", "consumers"},
         "found \"after_window\" with consumers = \"per_ring\"; it is allowed only with "
         "consumers = \"one\""});
  }
  if (cell.stall_ms >= cell.stall_every_ms) {
    complaints.push_back(
        {{"stall_ms", "stall_every_ms"},
         fmt::format("found stalls of {} ms every {} ms, so that nothing would be read; allowed: "
                     "stall_ms below stall_every_ms",
                     cell.stall_ms, cell.stall_every_ms)});
  }
}

void check_merge(const Cell& cell, Complaints& complaints) {
  if (!cell.merges()) return;
  if (cell.consumers != "one") {
    complaints.push_back({{"merge", "consumers"},
                          "found a merge of the one buffer that each consumer has; allowed only "
                          "with consumers = \"one\""});
  }
  if (cell.merge_by == "stamp" && !cell.stamps) {
    complaints.push_back({{"merge", "stamps"},
                          "found a merge by stamps that the records do not carry; allowed only "
                          "with stamps = true, or merge_by = \"counter\""});
  }
  if (cell.merge_by == "counter" && !cell.counter) {
    complaints.push_back({{"merge_by", "counter"},
                          "found a merge by a counter that the records do not carry; allowed only "
                          "with counter = true"});
  }
}

void check_counter(const Row& row, const Cell& cell, Complaints& complaints) {
  if (!cell.counter) return;
  if (row.whole || row.chained(cell.options) || cell.arrival == "chain") {
    complaints.push_back({{"counter", "transport", "arrival"},
                          "found a counter for records of the kernel, or for links of a chain, "
                          "which have one; allowed: transports of this program, and every arrival "
                          "but \"chain\" and \"race\""});
  }
  if (cell.sizes == "fixed" && cell.record_size < kCountedRecord) {
    complaints.push_back(
        {{"counter", "record_size"},
         fmt::format("found records of {} bytes, too small for a counter; allowed: "
                     "a record_size of {} bytes and more",
                     cell.record_size, kCountedRecord)});
  }
}

void check_sizes(const Cell& cell, Complaints& complaints) {
  if (cell.sizes_traced()) return;
  if (cell.sizes == "empirical" && !cell.size_list) {
    complaints.push_back({{"sizes"}, "\"empirical\" needs a list of sizes; state size_list"});
  }
  const bool is_capped = cell.sizes == "uniform" || cell.sizes == "lognormal";
  if (is_capped && cell.record_size_max < cell.record_size) {
    complaints.push_back(
        {{"record_size_max", "record_size"},
         fmt::format("found records of {} bytes and more that have {} at most; allowed: "
                     "record_size_max not below record_size",
                     cell.record_size, cell.record_size_max)});
  }
}

void check_skew(const Cell& cell, Complaints& complaints) {
  if (cell.skew != "one_hot" && cell.skew != "moving_hot") return;
  const double even = 1 / static_cast<double>(cell.producers);
  if (cell.hot_share >= even) return;
  complaints.push_back(
      {{"hot_share", "producers"},
       fmt::format("found a hot producer that sends {} of all, less than each of the {} would if "
                   "none were hot; allowed: hot_share from {:.3g} to 1",
                   cell.hot_share, cell.producers, even)});
}

// Each is a loop of its own, so that it costs nothing where it is off (bench/trial/event_kind.hpp).
void check_kind(const Cell& cell, Complaints& complaints) {
  if (cell.abandon_every == 1) {
    complaints.push_back({{"abandon_every"},
                          "found every reservation given up, so that nothing would be sent; "
                          "allowed: 0, or 2 and more"});
  }
  const bool is_mixed = cell.sizes_traced() || cell.sizes != "fixed";
  const auto asked = std::ranges::count(
      std::array{is_mixed, cell.fill == "scratch", cell.abandon_every != 0, cell.counter}, true);
  if (asked < 2) return;
  complaints.push_back(
      {{"fill", "abandon_every", "counter", "sizes"},
       "found several of fill = \"scratch\", abandon_every, counter and records of "
       "several sizes; allowed: one of them in a cell"});
}

void check_bursts(const Cell& cell, Complaints& complaints) {
  if (cell.bursty() && cell.burst_width > cell.producers) {
    complaints.push_back(
        {{"burst_width", "producers"},
         fmt::format("found a burst on {} of {} producers; allowed: at most as many "
                     "as there are producers",
                     cell.burst_width, cell.producers)});
  }
}

void check_hold(const Cell& cell, Complaints& complaints) {
  if (cell.hold_us > 0 && cell.duration_ms > 0 && cell.hold_us >= cell.duration_ms * 1e3) {
    complaints.push_back(
        {{"hold_us", "duration_ms"},
         fmt::format("found pauses of {} us in a window of {} ms, which none would "
                     "fit into; allowed: hold_us below duration_ms",
                     cell.hold_us, cell.duration_ms)});
  }
  if (cell.hold_us < cell.hold_every_ms * 1e3) return;
  complaints.push_back(
      {{"hold_us", "hold_every_ms"},
       fmt::format("found pauses of {} us every {} ms, so that producer 0 would send nothing else; "
                   "allowed: hold_us below hold_every_ms",
                   cell.hold_us, cell.hold_every_ms)});
}

void check_chains(const Cell& cell, Complaints& complaints) {
  if (!cell.chains()) return;
  if (cell.producers < 2) {
    complaints.push_back({{"arrival", "producers"},
                          "found \"chain\" with one producer, which has nobody to hand its events "
                          "to; allowed: 2 producers or more"});
  }
  if (cell.sizes != "fixed" || cell.record_size < kLinkedRecord) {
    complaints.push_back(
        {{"record_size", "sizes", "arrival"},
         fmt::format("found \"chain\" with records that have no room to name their chain; allowed: "
                     "sizes = \"fixed\" and a record_size of {} or more",
                     kLinkedRecord)});
  }
}

void check_race(const Cell& cell, Complaints& complaints) {
  if (!cell.races()) return;
  if (cell.producers < 2) {
    complaints.push_back({{"arrival", "producers"},
                          "found \"race\" with one producer, which has nobody to race with; "
                          "allowed: 2 producers or more"});
  }
  if (cell.counter || cell.sizes != "fixed") {
    complaints.push_back({{"counter", "sizes", "arrival"},
                          "found \"race\" with a counter or records of several sizes; allowed: "
                          "records of one size, without a counter"});
  }
}

void check_trace(const Cell& cell, Complaints& complaints) {
  if (!cell.traced()) return;
  if (!cell.trace) {
    complaints.push_back({{"arrival"}, "\"trace\" needs a file of arrivals; state trace"});
  } else if (cell.trace->most_producer >= cell.producers) {
    complaints.push_back(
        {{"trace", "producers"},
         fmt::format("found a trace that names producer {}, the first being 0, for {} producers; "
                     "allowed: as many producers as the trace names, or a trace without the column "
                     "producer",
                     cell.trace->most_producer, cell.producers)});
  }
}

double busiest_events(const Cell& cell, double ms) {
  if (cell.traced()) return static_cast<double>(cell.trace->most_before(ms * 1e3, cell.producers));
  const double of_each = cell.chains() ? static_cast<double>(cell.chain_length) : 1;
  const double all = cell.rate * of_each * static_cast<double>(cell.producers);
  return all * std::ranges::max(shares_of(cell)) * ms / 1e3;
}

// A short record with a stamp says which it is modulo 2^22 alone, and sizes from a trace need not
// repeat within that.
bool is_numbered_shortly(const Cell& cell) {
  return cell.sizes_traced() && cell.stamps && cell.trace->smallest_size < kLongRecord;
}

void check_interrupts(const Cell& cell, Complaints& complaints) {
  if (cell.interrupt_every_us == 0) return;
  if (cell.interrupt_every_us < kShortestInterruptUs) {
    complaints.push_back(
        {{"interrupt_every_us"},
         fmt::format("found signals every {} us, which leave a producer no time of its own; "
                     "allowed: 0, or {} us and more",
                     cell.interrupt_every_us, kShortestInterruptUs)});
  }
  if (cell.sizes_traced() || cell.sizes != "fixed") {
    complaints.push_back({{"interrupt_every_us", "sizes", "trace"},
                          "found interrupts with records of several sizes; allowed: one size"});
  }
  if (cell.counter || cell.chains()) {
    complaints.push_back({{"interrupt_every_us", "counter", "arrival"},
                          "found interrupts with a counter or with chains, which their events have "
                          "no part in; allowed: one or the other"});
  }
  if (2 * cell.producers > kMaxProducers) {
    complaints.push_back(
        {{"interrupt_every_us", "producers"},
         fmt::format("found {} producers that are interrupted, where a record has room to name {} "
                     "in all; allowed: at most {} producers",
                     cell.producers, kMaxProducers, kMaxProducers / 2)});
  }
}

void check_schedule(const Cell& cell, Complaints& complaints) {
  if (cell.duration_ms > 0 && cell.duration_ms < 1) {
    complaints.push_back(
        {{"duration_ms"},
         fmt::format(
             "found {} ms; allowed: at least 1 ms, or 0 to have it chosen from the noise of "
             "the machine",
             cell.duration_ms)});
  }
  if (!cell.paced() || (cell.traced() && !cell.trace)) return;
  const double window_ms = cell.duration_ms == 0 ? kLongestChosenMs : cell.duration_ms;
  const double ms = cell.warmup_ms + window_ms;
  const double events = busiest_events(cell, ms);
  const double most = is_numbered_shortly(cell) ? kMostShortEvents : kMaxEvents;
  if (events <= most) return;
  if (!cell.traced()) {
    complaints.push_back(
        {{"rate", "duration_ms", "warmup_ms"},
         fmt::format("found {} events a second for {} ms, so {:.0f} due times for {}; allowed: at "
                     "most {:.0f}, so lower rate, warmup_ms or duration_ms",
                     cell.rate, ms, events,
                     cell.skew == "even" ? "each producer" : "the busiest producer", most)});
    return;
  }
  complaints.push_back(
      {{"duration_ms", "warmup_ms"},
       fmt::format("found a trace with {:.0f} events for one producer in {} ms; allowed: at most "
                   "{:.0f}{}, so lower warmup_ms or duration_ms",
                   events, ms, most,
                   is_numbered_shortly(cell) ? ", as the trace has records below 16 bytes and "
                                               "stamps = true leaves them short numbers"
                                             : "")});
}

void check_options(const Row& row, const Cell& cell, Complaints& complaints) {
  const std::string refusal = row.refuse(cell.options);
  if (refusal.empty()) return;
  complaints.push_back(
      {{std::string(row.name), "transport"}, "the combination makes no sense: " + refusal});
}

}  // namespace

std::vector<Complaint> complaints_about(const Row& row, const Cell& cell) {
  Complaints complaints;
  check_cpus(cell, complaints);
  check_consumer(cell, complaints);
  check_merge(cell, complaints);
  check_counter(row, cell, complaints);
  check_kind(cell, complaints);
  check_bursts(cell, complaints);
  check_sizes(cell, complaints);
  check_skew(cell, complaints);
  check_hold(cell, complaints);
  check_chains(cell, complaints);
  check_race(cell, complaints);
  check_trace(cell, complaints);
  check_interrupts(cell, complaints);
  check_schedule(cell, complaints);
  check_options(row, cell, complaints);
  return complaints;
}

}  // namespace ringbench
