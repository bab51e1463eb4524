// From what the threads of a trial wrote down to its result: sums and checks.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "bench/trial/consumer_loop.hpp"
#include "bench/trial/interrupting_producer.hpp"
#include "bench/trial/merge_stage.hpp"
#include "bench/trial/producer_loop.hpp"
#include "bench/trial/receiver.hpp"
#include "bench/trial/trial_result.hpp"
#include "bench/trial/trial_spec.hpp"

namespace ringbench {

struct ProducerRecord {
  ProducerLog log;  // of the window
  Tally before_window;
  Tally after_window;
  Tally tally;  // at the end of the trial
  std::uint64_t attempted_before_window = 0;
  std::uint64_t attempted_after_window = 0;
  std::uint64_t attempted = 0;                        // at the end
  std::optional<double> core_cycles;                  // of its thread in the window, in user mode
  Series series;                                      // attempted and dropped
  std::optional<std::uint64_t> accepted_before_drop;  // nothing: it had no drop
  std::vector<Pause> pauses;                          // in the window
  std::uint64_t race_tries = 0;                       // whole trial
};

struct ConsumerRecord {
  std::unique_ptr<Receiver> receiver;
  ConsumerLog log;
  std::unique_ptr<MergeStage<>> merge{};  // may be missing
};

// Everything that was written down, before anything is concluded from it.
struct TrialRecord {
  const TrialSpec& spec;
  const Timeline& timeline;
  std::vector<ProducerRecord> producers{};
  std::vector<InterruptLog> interrupters{};  // of each producer
  std::vector<ConsumerRecord> consumers{};
  std::vector<ThreadFacts> threads{};
  std::vector<std::map<int, std::uint64_t>> nodes_found{};  // of each ring
  std::uint64_t overwritten = 0;                            // by the transport's count
  std::uint64_t footprint = 0;
  double steal_ms = 0;
  double elapsed_s = 0;  // while that was taken
  std::optional<double> frequency_change{};
  std::optional<std::uint64_t> passed_downstream{};  // records, where there is a shared stage
  bool notifications_counted = true;
  std::uint64_t raced_to = 0;  // what the word that producers race for was in the end
  // What a stamp can be wrong by where the producer had another clock, and how fine that one is.
  std::uint64_t stamp_error_ticks = 0;
  std::uint64_t stamp_step_ticks = 0;
  std::string audit{};                           // Audited: what does not agree
  std::optional<std::uint64_t> counted_drops{};  // CountsDrops
  std::optional<MappedMemory> mapped{};
};

// Sums, order and delay metrics, and the checks: a trial that does not balance, whose records were
// not as written, or whose pages are not where they were bound is failed, with the reason.
TrialResult account(const TrialRecord& record);

// Called by the thread itself: what the window did to it.
void note_usage(ThreadFacts& facts, const ThreadUsage::Counts& usage, const Hiccups& hiccups,
                double hz);
std::map<int, std::uint64_t> count_nodes(const std::vector<std::span<std::byte>>& pages);

}  // namespace ringbench
