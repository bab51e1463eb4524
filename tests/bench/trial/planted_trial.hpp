// A trial written down by hand: what threads would have left behind, for the accounting to judge.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "bench/trial/accounting.hpp"
#include "impls/payload.hpp"

namespace ringbench {

// Two producers, a ring for each, a window of [1 ms, 3 ms) at 1 GHz. Balanced: each producer
// attempted 10 events, 4 of them before the window; event 3 was discarded, event 5 refused, and the
// consumer had the other 8.
struct PlantedTrial {
  static constexpr std::uint64_t kWindowBegin = 1'000'000;
  static constexpr std::uint64_t kWindowEnd = 3'000'000;

  PlantedTrial() {
    spec.cell.transport = "perfbuf";
    spec.cell.producers = 2;
    spec.cell.record_size = 32;
    spec.rings = 2;
    spec.ring_bytes = 4096;
    spec.ring_of = {0, 1};
    spec.clock.invariant = true;
    spec.clock.hz = 1e9;
    spec.clock.offset_bound_ticks = 40;
    spec.placement.producer_cpus = {0, 1};
    spec.placement.consumer_cpus = {2};
    spec.placement.ring_nodes = {{0}, {0}};
    timeline.start = 0;
    timeline.window_begin = kWindowBegin;
    timeline.window_end = kWindowEnd;
    timeline.drain_end = 2 * kWindowEnd;
    producers.resize(2);
    for (auto& producer : producers) {
      producer.attempted_before_window = 4;
      producer.before_window.committed = 3;
      producer.before_window.discarded = 1;
      producer.attempted = 10;
      producer.tally.committed = 8;
      producer.tally.discarded = 1;
      producer.tally.drops[static_cast<std::size_t>(Drop::no_space)] = 1;
      producer.log.producing_ticks = kWindowEnd - kWindowBegin;
    }
    receiver = std::make_unique<Receiver>(2, spec.cell.record_size, true, 0, log_capacity);
    log.peak_bytes = {0, 0};
    nodes_found = {{{0, 3}}, {{0, 3}}};
    threads = {thread("producer", 0), thread("producer", 1), thread("consumer", 0)};
  }

  static ThreadFacts thread(const char* role, unsigned number) {
    ThreadFacts facts;
    facts.role = role;
    facts.number = number;
    facts.cpu_wanted = facts.cpu_found = role == std::string_view("consumer") ? 2 : number;
    return facts;
  }

  // The stamp of an event: four before the window, then one each 100 us.
  static std::uint64_t stamp_of(std::uint32_t producer, std::uint64_t sequence) {
    const auto own = sequence * 100'000 + producer * 1'000;
    return sequence < 4 ? own : kWindowBegin + own;
  }
  void deliver(std::uint32_t producer, std::uint64_t sequence, std::uint64_t stamp) const {
    std::vector<std::byte> bytes(spec.cell.record_size);
    write_payload(bytes.data(), bytes.size(), {producer, sequence, stamp}, true);
    receiver->record(bytes);
  }
  void deliver(std::uint32_t producer, std::uint64_t sequence) const {
    deliver(producer, sequence, stamp_of(producer, sequence));
  }
  // Both producers' events in the order of their stamps, but for the discarded and the refused one.
  void deliver_all() const {
    for (const std::uint64_t sequence : {0, 1, 2, 4, 6, 7, 8, 9}) {
      for (const std::uint32_t producer : {0U, 1U}) deliver(producer, sequence);
    }
  }

  TrialResult judged() {
    TrialRecord record{.spec = spec, .timeline = timeline};
    record.producers = producers;
    for (auto& producer : record.producers) {  // nothing came after the window
      producer.after_window = producer.tally;
      producer.attempted_after_window = producer.attempted;
    }
    record.consumers.push_back({std::move(receiver), log});
    record.threads = threads;
    record.nodes_found = nodes_found;
    record.overwritten = overwritten;
    record.footprint = 12'345;
    record.steal_ms = steal_ms;
    record.elapsed_s = 1;
    record.frequency_change = frequency_change;
    record.passed_downstream = passed_downstream;
    record.audit = audit;
    return account(record);
  }

  std::size_t log_capacity = 1'000;
  TrialSpec spec;
  Timeline timeline;
  std::vector<ProducerRecord> producers;
  std::unique_ptr<Receiver> receiver;
  ConsumerLog log;
  std::vector<ThreadFacts> threads;
  std::vector<std::map<int, std::uint64_t>> nodes_found;
  std::uint64_t overwritten = 0;
  double steal_ms = 0;
  std::optional<double> frequency_change;
  std::optional<std::uint64_t> passed_downstream;
  std::string audit;
};

}  // namespace ringbench
