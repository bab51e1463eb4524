#include "bench/trial/accounting.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "bench/trial/arrivals.hpp"
#include "bench/trial/chain_order.hpp"
#include "bench/trial/hold_recovery.hpp"
#include "bench/trial/noise.hpp"
#include "bench/trial/plans.hpp"
#include "bench/trial/reorder_density.hpp"
#include "bench/trial/reordering.hpp"
#include "bench/trial/surroundings.hpp"
#include "impls/payload.hpp"
#include "topology/affinity.hpp"

namespace ringbench {
namespace {

// `source`: the number that is in the records.
Flow flow_of(const TrialRecord& record, std::size_t source, std::uint64_t attempted,
             const Tally& tally) {
  Flow flow;
  flow.attempted = attempted;
  flow.tally = tally;
  for (const auto& consumer : record.consumers) {
    flow.consumed += consumer.receiver->sources()[source].consumed;
    flow.left += consumer.receiver->sources()[source].left;
  }
  const auto found = flow.consumed + flow.left;
  flow.overwritten = flow.tally.committed - std::min(flow.tally.committed, found);
  return flow;
}

ProducerFacts producer_facts(const TrialRecord& record, std::size_t index) {
  const ProducerRecord& producer = record.producers[index];
  ProducerFacts facts;
  facts.ring = record.spec.ring_of[index];
  facts.flow = flow_of(record, index, producer.attempted, producer.tally);
  const Tally& end = producer.after_window;
  facts.window_attempted = producer.attempted_after_window - producer.attempted_before_window;
  facts.window_dropped = end.dropped() - producer.before_window.dropped();
  facts.window_notifications = end.notifications - producer.before_window.notifications;
  facts.accepted_before_drop =
      producer.accepted_before_drop.value_or(producer.attempted - producer.tally.dropped());
  facts.reserve_samples = producer.log.reserve.count();
  facts.event_samples = producer.log.event.count();
  facts.reserve_cycles_p50 = producer.log.reserve.percentile(0.5);
  facts.event_cycles_p50 = producer.log.event.percentile(0.5);
  if (producer.log.first_drop_ticks) {
    facts.first_drop_us =
        static_cast<double>(*producer.log.first_drop_ticks - record.timeline.window_begin) /
        record.spec.clock.hz * 1e6;
  }
  return facts;
}

// Nothing unless every producer's core cycles were counted.
std::optional<double> core_cycles_of(const std::vector<ProducerRecord>& producers) {
  double sum = 0;
  for (const auto& producer : producers) {
    if (!producer.core_cycles) return std::nullopt;
    sum += *producer.core_cycles;
  }
  return sum;
}

// Ticks to nanoseconds, bucket by bucket: the relative error stays that of the buckets.
void merge_as_ns(Histogram& into, const Histogram& in_ticks, double hz) {
  for (const auto& [lower, upper, count] : in_ticks.buckets()) {
    const double middle = (static_cast<double>(lower) + static_cast<double>(upper)) / 2;
    into.record(static_cast<std::uint64_t>(std::llround(middle / hz * 1e9)), count);
  }
}

void merge_producer_logs(const TrialRecord& record, Distributions& all) {
  for (const auto& producer : record.producers) {
    all.reserve.merge(producer.log.reserve);
    all.commit.merge(producer.log.commit);
    all.event.merge(producer.log.event);
    all.refused.merge(producer.log.refused);
    all.gap.merge(producer.log.gap);
    all.call.merge(producer.log.call);
    all.empty_call.merge(producer.log.empty_call);
    merge_as_ns(all.lag_ns, producer.log.lag_ticks, record.spec.clock.hz);
  }
}

// What was made in the window, in the order in which it was delivered, whichever consumer took it.
// Each log is narrowed where it lies, for new pages would take longer than everything else here;
// several are merged in `merged`.
std::span<const Delivery> window_deliveries(const TrialRecord& record,
                                            std::vector<Delivery>& merged) {
  const auto is_outside = [&](const Delivery& d) {
    return d.stamp < record.timeline.window_begin || d.stamp >= record.timeline.window_end;
  };
  const auto narrowed = [&](const ConsumerRecord& consumer) -> std::span<Delivery> {
    const auto log = consumer.receiver->log();
    return log.first(log.size() - std::ranges::remove_if(log, is_outside).size());
  };
  if (record.consumers.empty()) return {};
  if (record.consumers.size() == 1) return narrowed(record.consumers.front());
  for (const auto& consumer : record.consumers) {
    const auto log = narrowed(consumer);
    merged.insert(merged.end(), log.begin(), log.end());
  }
  std::ranges::stable_sort(merged, {}, &Delivery::delivered);
  return merged;
}

void add_order(std::span<const Delivery> deliveries, double hz, TrialResult& result) {
  auto order = reordering(deliveries, result.tie_window_ticks);
  auto density = reorder_density(deliveries, order, result.tie_window_ticks);
  result.order_records = order.records;
  result.reordered = order.reordered;
  Distributions& all = result.distributions;
  all.reorder_extent = std::move(order.extent);
  all.n_reordering = std::move(order.n_reordering);
  all.reordering_free_run = std::move(order.free_run);
  merge_as_ns(all.late_time_ns, order.late_ticks, hz);
  all.reorder_density = std::move(density.displacement);
  all.buffer_occupancy = std::move(density.buffer_occupancy);
}

void add_holds(const TrialRecord& record, std::span<const Delivery> deliveries,
               TrialResult& result) {
  if (record.spec.cell.hold_us == 0) return;
  result.holds = hold_facts(deliveries, record.producers.front().pauses, record.spec.clock.hz);
}

void add_races(const TrialRecord& record, TrialResult& result) {
  if (!record.spec.cell.races()) return;
  RaceFacts races;
  for (const auto& producer : record.producers) races.tries += producer.race_tries;
  races.lost = races.tries - std::min(races.tries, record.raced_to);
  result.races = races;
}

void add_order_and_delay(const TrialRecord& record, TrialResult& result) {
  std::vector<Delivery> merged;
  const auto deliveries = window_deliveries(record, merged);
  std::uint64_t stamp_error = 0;
  for (const auto& consumer : record.consumers)
    stamp_error = std::max(stamp_error, consumer.receiver->worst_stamp_error());
  result.tie_window_ticks =
      record.spec.clock.offset_bound_ticks + stamp_error + record.stamp_step_ticks;
  add_order(deliveries, record.spec.clock.hz, result);
  add_holds(record, deliveries, result);
  const double ns_per_tick = 1e9 / record.spec.clock.hz;
  for (const auto& [stamp, delivered] : deliveries) {
    const auto delay = delivered - std::min(stamp, delivered);
    result.distributions.delivery_ns.record(
        static_cast<std::uint64_t>(static_cast<double>(delay) * ns_per_tick + 0.5));
  }
}

// The whole trial's. Returns what contradicts itself; empty: nothing.
std::string add_chains(const TrialRecord& record, TrialResult& result) {
  std::vector<DeliveredLink> links;
  for (const auto& consumer : record.consumers) {
    const auto& delivered = consumer.receiver->links();
    links.insert(links.end(), delivered.begin(), delivered.end());
  }
  std::ranges::stable_sort(links, {}, &DeliveredLink::delivered);
  auto order = chain_order(links);
  result.chains = order.facts;
  return std::move(order.contradiction);
}

void add_consumers(const TrialRecord& record, TrialResult& result) {
  ConsumerFacts& sum = result.consumer;
  for (unsigned c = 0; c < record.consumers.size(); ++c) {
    const auto& [receiver, log, merge] = record.consumers[c];
    sum.consumed += log.facts.consumed;
    sum.polls += log.facts.polls;
    sum.empty_polls += log.facts.empty_polls;
    sum.wakeups += log.facts.wakeups;
    sum.busy_ticks += log.facts.busy_ticks;
    sum.busy_records += log.facts.busy_records;
    sum.lost_marked += log.facts.lost_marked;
    sum.sleeps += log.facts.sleeps;
    sum.lost_wakeups += log.facts.lost_wakeups;
    sum.late_wakeups += log.facts.late_wakeups;
    sum.cpu_ns += log.facts.cpu_ns;
    result.distributions.gap_place.merge(receiver->gap_place());
    result.peak_pool_bytes += log.peak_pool_bytes;
    const auto rings = consumer_plan(record.spec, c).rings;
    for (std::size_t i = 0; i < rings.size(); ++i) {
      result.rings[rings[i]].peak_bytes = log.peak_bytes[i];
    }
  }
}

void add_merge(const TrialRecord& record, TrialResult& result) {
  for (const auto& consumer : record.consumers) {
    if (!consumer.merge) continue;
    const MergeLog& log = consumer.merge->log();
    if (!result.merge) result.merge.emplace();
    result.merge->records += log.taken;
    result.merge->late += log.late;
    result.merge->busy_ticks += log.busy_ticks;
    result.distributions.merge_held.merge(log.held);
    merge_as_ns(result.distributions.merge_delay_ns, log.delay_ticks, record.spec.clock.hz);
  }
}

void add_rings(const TrialRecord& record, TrialResult& result) {
  for (unsigned r = 0; r < record.spec.rings; ++r) {
    result.rings.push_back(RingFacts{.bytes = record.spec.ring_bytes,
                                     .nodes_wanted = record.spec.placement.ring_nodes[r],
                                     .nodes_found = record.nodes_found[r]});
  }
}

std::string imbalance(std::size_t producer, const Flow& flow) {
  const auto& tally = flow.tally;
  if (flow.attempted != tally.committed + tally.discarded + tally.dropped()) {
    return fmt::format(
        "producer {} does not balance: {} attempted, but {} committed + {} discarded + {} dropped",
        producer, flow.attempted, tally.committed, tally.discarded, tally.dropped());
  }
  if (tally.committed != flow.consumed + flow.overwritten + flow.left) {
    return fmt::format(
        "producer {} does not balance: {} committed, but {} consumed + {} left in the buffer",
        producer, tally.committed, flow.consumed, flow.left);
  }
  return {};
}

// By the number that is in the records: what interrupts the producers comes after them.
std::vector<Flow> flows_by_source(const TrialResult& result) {
  std::vector<Flow> flows;
  for (const auto& producer : result.producers) flows.push_back(producer.flow);
  flows.insert(flows.end(), result.interrupters.begin(), result.interrupters.end());
  return flows;
}

std::uint64_t missing_of(const TrialRecord& record, std::size_t producer) {
  std::uint64_t missing = 0;
  for (const auto& consumer : record.consumers)
    missing += consumer.receiver->sources()[producer].missing;
  return missing;
}

// What else leaves a gap is known of each producer, and taken off.
std::uint64_t sequence_gaps(const TrialRecord& record, const TrialResult& result) {
  std::uint64_t sum = 0;
  const auto flows = flows_by_source(result);
  for (std::size_t source = 0; source < flows.size(); ++source) {
    const auto missing = missing_of(record, source);
    sum += missing - std::min(missing, flows[source].tally.discarded + flows[source].overwritten);
  }
  return sum;
}

// The sequence numbers tell how many attempts a consumer never saw: no more than were refused,
// discarded or overwritten.
std::string unexplained_gap(const TrialRecord& record, std::size_t producer, const Flow& flow) {
  const auto missing = missing_of(record, producer);
  const auto explained = flow.tally.dropped() + flow.tally.discarded + flow.overwritten;
  if (missing <= explained) return {};
  return fmt::format(
      "producer {}: the consumer misses {} records, of which only {} are accounted for", producer,
      missing, explained);
}

std::string astray_downstream(const TrialRecord& record, const TrialResult& result) {
  const auto consumed = result.total().consumed;
  if (!record.passed_downstream || *record.passed_downstream == consumed) return {};
  return fmt::format("{} records were consumed, but {} passed the stage downstream", consumed,
                     *record.passed_downstream);
}

std::string misplaced_pages(const TrialResult& result) {
  for (std::size_t r = 0; r < result.rings.size(); ++r) {
    const auto& ring = result.rings[r];
    if (ring.nodes_wanted.empty()) continue;
    for (const auto& [node, pages] : ring.nodes_found) {
      if (node < 0) continue;
      const auto found = static_cast<unsigned>(node);
      if (std::ranges::count(ring.nodes_wanted, found) == 0) {
        return fmt::format("ring {}: {} pages are on node {}, where they were not bound", r, pages,
                           node);
      }
    }
  }
  return {};
}

std::string miscounted_drops(const TrialRecord& record, const TrialResult& result) {
  const auto dropped = result.total().tally.dropped();
  if (!record.counted_drops || *record.counted_drops == dropped) return {};
  return fmt::format("the producers were refused {} times, but the ring counted {}", dropped,
                     *record.counted_drops);
}

std::string first_violation(const TrialRecord& record, const TrialResult& result) {
  for (const auto& consumer : record.consumers) {
    if (!consumer.receiver->violation().empty()) return consumer.receiver->violation();
  }
  std::uint64_t overwritten = 0;
  const auto flows = flows_by_source(result);
  for (std::size_t source = 0; source < flows.size(); ++source) {
    const Flow& flow = flows[source];
    if (auto text = imbalance(source, flow); !text.empty()) return text;
    if (auto text = unexplained_gap(record, source, flow); !text.empty()) return text;
    overwritten += flow.overwritten;
  }
  if (overwritten != record.overwritten) {
    return fmt::format("{} committed records were never delivered, but the transport overwrote {}",
                       overwritten, record.overwritten);
  }
  if (auto text = astray_downstream(record, result); !text.empty()) return text;
  if (!record.audit.empty()) return record.audit;
  if (auto text = miscounted_drops(record, result); !text.empty()) return text;
  return misplaced_pages(result);
}

// A producer that should have sent as much as it can, and sent nothing.
std::string silent_producer(const TrialResult& result) {
  if (!result.saturated) return {};
  const auto& producers = result.producers;
  const auto silent = std::ranges::find(producers, 0U, &ProducerFacts::window_attempted);
  if (silent == producers.end()) return {};
  return fmt::format("producer {} never had its CPU in the window", silent - producers.begin());
}

// What makes a balanced trial doubtful.
std::string doubts(const TrialRecord& record, const TrialResult& result) {
  if (auto doubt = lasting_doubt(record.spec); !doubt.empty()) return doubt;
  if (auto doubt = silent_producer(result); !doubt.empty()) return doubt;
  std::uint64_t unlogged = 0;
  for (const auto& consumer : record.consumers) unlogged += consumer.receiver->unlogged();
  if (unlogged != 0) {
    return fmt::format(
        "order and delay leave out the last {} records: the log was full; shorten "
        "duration_ms or set stamps = false",
        unlogged);
  }
  return noise(record, result);
}

SeriesFacts series_of(const TrialRecord& record, const ThreadFacts& thread, const Series& series,
                      std::string name, std::uint64_t Series::Point::*value) {
  SeriesFacts facts{thread.role, thread.number, std::move(name), {}};
  for (const auto& point : series.points()) {
    const auto since = static_cast<std::int64_t>(point.at - record.timeline.window_begin);
    facts.points.emplace_back(static_cast<double>(since) / record.spec.clock.hz * 1e6,
                              static_cast<double>(point.*value));
  }
  return facts;
}

void add_series(const TrialRecord& record, TrialResult& result) {
  using Point = Series::Point;
  for (const auto& thread : record.threads) {
    const bool produces = thread.role == "producer";
    const Series& series = produces ? record.producers[thread.number].series
                                    : record.consumers[thread.number].log.series;
    const char* const first = produces ? "attempted" : "occupancy_bytes";
    const char* const second = produces ? "dropped" : "consumed";
    result.series.push_back(series_of(record, thread, series, first, &Point::first));
    result.series.push_back(series_of(record, thread, series, second, &Point::second));
  }
}

}  // namespace

TrialResult account(const TrialRecord& record) {
  const TrialSpec& spec = record.spec;
  TrialResult result;
  result.tsc_hz = spec.clock.hz;
  result.window_s = static_cast<double>(record.timeline.window_end - record.timeline.window_begin) /
                    spec.clock.hz;
  result.saturated = spec.cell.saturated();
  result.offered_rate = spec.cell.paced() ? offered_rate(spec.cell, spec.window_ms) : 0;
  result.stamped = spec.cell.stamps && spec.rings > 0;
  result.footprint_bytes = record.footprint;
  result.mapped = record.mapped;
  result.notifications_counted = record.notifications_counted;
  result.stamp_error_ticks = record.stamp_error_ticks;
  result.wakeups_promised = promises_wakeups(spec);
  result.steal_ms = record.steal_ms;
  result.steal_share =
      record.steal_ms * 1e-3 /
      (record.elapsed_s * static_cast<double>(cpus_of(record.spec.placement).size()));
  result.frequency_change = record.frequency_change;
  result.threads = record.threads;
  for (std::size_t p = 0; p < record.producers.size(); ++p) {
    result.producers.push_back(producer_facts(record, p));
    result.producing_ticks += record.producers[p].log.producing_ticks;
  }
  for (std::size_t i = 0; i < record.interrupters.size(); ++i) {
    const auto& [attempted, tally] = record.interrupters[i];
    result.interrupters.push_back(flow_of(record, record.producers.size() + i, attempted, tally));
  }
  result.core_cycles = core_cycles_of(record.producers);
  add_rings(record, result);
  add_consumers(record, result);
  add_merge(record, result);
  result.sequence_gaps = sequence_gaps(record, result);
  merge_producer_logs(record, result.distributions);
  add_holds(record, {}, result);
  if (result.stamped) add_order_and_delay(record, result);
  add_races(record, result);
  add_series(record, result);

  result.reason = first_violation(record, result);
  if (is_chained(spec)) {
    auto contradiction = add_chains(record, result);
    if (result.reason.empty()) result.reason = std::move(contradiction);
  }
  if (!result.reason.empty()) {
    result.status = Status::failed;
    return result;
  }
  result.reason = doubts(record, result);
  if (!result.reason.empty()) result.status = Status::tainted;
  return result;
}

void note_usage(ThreadFacts& facts, const ThreadUsage::Counts& usage, const Hiccups& hiccups,
                double hz) {
  facts.voluntary_switches = usage.voluntary_switches;
  facts.involuntary_switches = usage.involuntary_switches;
  facts.page_faults = usage.page_faults;
  facts.hiccups = hiccups.count();
  facts.hiccup_us = static_cast<double>(hiccups.total_ticks()) / hz * 1e6;
  facts.hiccup_us_max = static_cast<double>(hiccups.longest_ticks()) / hz * 1e6;
  facts.cpu_found = current_cpu();
  facts.migrations += facts.cpu_found == facts.cpu_wanted ? 0 : 1;
}

std::map<int, std::uint64_t> count_nodes(const std::vector<std::span<std::byte>>& pages) {
  std::map<int, std::uint64_t> sum;
  for (const auto& span : pages) {
    for (const auto& [node, count] : nodes_of(span)) sum[node] += count;
  }
  return sum;
}

}  // namespace ringbench
