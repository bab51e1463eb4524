// What each part of a trial is told before it starts: from a spec to plans, due times and sizes.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

#include "bench/trial/chain_loop.hpp"
#include "bench/trial/consumer_loop.hpp"
#include "bench/trial/downstream_stage.hpp"
#include "bench/trial/merge_stage.hpp"
#include "bench/trial/producer_loop.hpp"
#include "bench/trial/race_loop.hpp"
#include "bench/trial/receiver.hpp"
#include "bench/trial/record_sizes.hpp"
#include "bench/trial/trial_spec.hpp"

namespace ringbench {

std::vector<std::vector<std::uint64_t>> due_times(const TrialSpec& spec);
RecordSizes sizes_of(const TrialSpec& spec);
bool is_chained(const TrialSpec& spec);  // its records are links of chains
// Its consumers sleep, and a commit wakes whoever does.
bool promises_wakeups(const TrialSpec& spec);
// Nothing: records go nowhere from their consumer.
std::unique_ptr<DownstreamStage> make_stage(const TrialSpec& spec);
// Nothing: no event is handed from producer to producer.
std::unique_ptr<ChainRelay> make_relay(const TrialSpec& spec,
                                       const std::vector<std::vector<std::uint64_t>>& due);
ChainPlan chain_plan(const TrialSpec& spec);
RacePlan race_plan(const TrialSpec& spec);
ProducerPlan producer_plan(const TrialSpec& spec, unsigned producer);
ConsumerPlan consumer_plan(const TrialSpec& spec, unsigned consumer);
std::unique_ptr<Receiver> make_receiver(const TrialSpec& spec,
                                        const std::vector<std::vector<std::uint64_t>>& due,
                                        const RecordSizes& sizes, DownstreamStage* stage);

// Nothing: what the consumer takes goes to the receiver at once. `counter`: shared by the
// producers.
std::unique_ptr<MergeStage<>> make_merge(const TrialSpec& spec, Receiver& receiver,
                                         const std::atomic<std::uint64_t>& counter);

// Numbers that records may carry: one of each producer, and one of what interrupts it.
std::uint64_t sources_of(const Cell& cell);

// Whether two of the trial's threads take turns there.
bool cpu_is_shared(const Placement& placement, unsigned cpu);

}  // namespace ringbench
