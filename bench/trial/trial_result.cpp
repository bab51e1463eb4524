#include "bench/trial/trial_result.hpp"

#include <nlohmann/json.hpp>

namespace nlohmann {
template <class T>
struct adl_serializer<std::optional<T>> {
  static void to_json(json& to, const std::optional<T>& from) {
    if (from) {
      to = *from;
    } else {
      to = nullptr;
    }
  }
  static void from_json(const json& from, std::optional<T>& to) {
    if (from.is_null()) {
      to.reset();
    } else {
      to = from.template get<T>();
    }
  }
};
}  // namespace nlohmann

namespace ringbench {

NLOHMANN_JSON_SERIALIZE_ENUM(Status, {{Status::ok, "ok"},
                                      {Status::tainted, "tainted"},
                                      {Status::failed, "failed"}})
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Histogram::State, counts, count, max, sum)

void to_json(nlohmann::json& to, const Histogram& from) {
  to = from.state();
}
void from_json(const nlohmann::json& from, Histogram& to) {
  to = Histogram(from.get<Histogram::State>());
}

NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(SignedHistogram, negative, other)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Tally, committed, discarded, drops, notifications)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Flow, attempted, tally, consumed, overwritten, left)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(ThreadFacts, role, number, cpu_wanted, cpu_found,
                                   voluntary_switches, involuntary_switches, migrations,
                                   page_faults, hiccups, hiccup_us, hiccup_us_max)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(SeriesFacts, role, number, name, points)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(ProducerFacts, ring, flow, window_attempted, window_dropped,
                                   window_notifications, reserve_cycles_p50, event_cycles_p50,
                                   reserve_samples, event_samples, first_drop_us,
                                   accepted_before_drop)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(RingFacts, bytes, peak_bytes, nodes_wanted, nodes_found)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(ConsumerFacts, consumed, polls, empty_polls, wakeups, busy_ticks,
                                   busy_records, lost_marked, sleeps, lost_wakeups, late_wakeups,
                                   cpu_ns)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Distributions, reserve, commit, event, refused, lag_ns,
                                   delivery_ns, gap, reorder_extent, late_time_ns, n_reordering,
                                   reordering_free_run, buffer_occupancy, reorder_density, call,
                                   empty_call, gap_place, merge_held, merge_delay_ns)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(ChainFacts, whole, broken, inverted, records, counter_reordered)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(HoldFacts, holds, longest_us, recovery_us)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(RaceFacts, tries, lost)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(MergeFacts, records, late, busy_ticks)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(MappedMemory, virtual_bytes, resident_bytes)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(TrialResult, status, reason, window_s, tsc_hz, producers,
                                   interrupters, rings, threads, series, consumer, distributions,
                                   saturated, offered_rate, producing_ticks, core_cycles, stamped,
                                   order_records, reordered, tie_window_ticks, chains, merge, holds,
                                   races, stamp_error_ticks, notifications_counted,
                                   wakeups_promised, sequence_gaps, footprint_bytes, mapped,
                                   peak_pool_bytes, steal_ms, steal_share, frequency_change)

Flow& Flow::operator+=(const Flow& other) {
  attempted += other.attempted;
  tally += other.tally;
  consumed += other.consumed;
  overwritten += other.overwritten;
  left += other.left;
  return *this;
}

std::vector<std::pair<std::string_view, const Histogram*>> named(const Distributions& all) {
  return {{"reserve_cycles", &all.reserve},
          {"commit_cycles", &all.commit},
          {"event_cycles", &all.event},
          {"refused_cycles", &all.refused},
          {"call_cycles", &all.call},
          {"empty_call_cycles", &all.empty_call},
          {"lag_ns", &all.lag_ns},
          {"delivery_ns", &all.delivery_ns},
          {"gap", &all.gap},
          {"reorder_extent", &all.reorder_extent},
          {"late_time_ns", &all.late_time_ns},
          {"n_reordering", &all.n_reordering},
          {"reordering_free_run", &all.reordering_free_run},
          {"buffer_occupancy", &all.buffer_occupancy},
          {"gap_place_records", &all.gap_place},
          {"merge_held", &all.merge_held},
          {"merge_delay_ns", &all.merge_delay_ns}};
}

Flow TrialResult::total() const {
  Flow sum;
  for (const auto& producer : producers) sum += producer.flow;
  for (const auto& interrupter : interrupters) sum += interrupter;
  return sum;
}

TrialResult failed(std::string reason) {
  TrialResult result;
  result.status = Status::failed;
  result.reason = std::move(reason);
  return result;
}

std::vector<std::uint8_t> to_bytes(const TrialResult& result) {
  return nlohmann::json::to_cbor(nlohmann::json(result));
}

TrialResult from_bytes(const std::vector<std::uint8_t>& bytes) {
  return nlohmann::json::from_cbor(bytes).get<TrialResult>();
}

}  // namespace ringbench
