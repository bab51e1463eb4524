#include "bench/trial/plans.hpp"

#include <algorithm>
#include <numeric>

#include "bench/trial/arrivals.hpp"
#include "impls/list.hpp"
#include "impls/notify.hpp"
#include "topology/noise.hpp"

namespace ringbench {
namespace {

// Deliveries that one trial may log in all: 16 bytes each, 512 MiB.
constexpr std::size_t kMaxLogged = std::size_t{1} << 25;
// Records a second: more than any consumer here takes, which bounds the log of a saturating trial;
// and more than most take.
constexpr double kFastestConsumer = 50e6;
constexpr double kFastConsumer = 15e6;

double trial_seconds(const TrialSpec& spec) {
  return (spec.cell.warmup_ms + spec.window_ms) * 1e-3;
}

std::uint64_t in_ticks(const TrialSpec& spec, double seconds) {
  return static_cast<std::uint64_t>(seconds * spec.clock.hz);
}

std::uint64_t trial_ticks(const TrialSpec& spec) {
  return in_ticks(spec, trial_seconds(spec));
}

// Twice as many as there should be, for they come at random.
std::size_t interrupts_of(const TrialSpec& spec) {
  constexpr double kAtLeast = 1'000;
  const double mean = trial_seconds(spec) * 1e6 / spec.cell.interrupt_every_us;
  return static_cast<std::size_t>(2 * mean * static_cast<double>(spec.cell.producers) + kAtLeast);
}

std::uint64_t hiccup_ticks(const TrialSpec& spec) {
  return in_ticks(spec, kHiccupUs * 1e-6);
}

}  // namespace

std::vector<std::vector<std::uint64_t>> due_times(const TrialSpec& spec) {
  return arrivals(spec.cell, trial_ticks(spec), spec.clock.hz, spec.seed);
}

RecordSizes sizes_of(const TrialSpec& spec) {
  return record_sizes(spec.cell, trial_ticks(spec), spec.clock.hz, spec.seed);
}

bool is_chained(const TrialSpec& spec) {
  return spec.cell.chains() || find_transport(spec.cell.transport)->chained(spec.cell.options);
}

bool promises_wakeups(const TrialSpec& spec) {
  const Row& row = *find_transport(spec.cell.transport);
  // Of what interrupts producers nobody stores how far it is.
  return spec.cell.poll == "epoll" && spec.rings > 0 && !row.whole &&
         spec.cell.interrupt_every_us == 0 && wakes_every_sleeper(spec.cell.options);
}

std::unique_ptr<DownstreamStage> make_stage(const TrialSpec& spec) {
  if (spec.cell.downstream_ns == 0 || spec.rings == 0) return nullptr;
  return std::make_unique<DownstreamStage>(
      in_ticks(spec, 1e-9 * static_cast<double>(spec.cell.downstream_ns)));
}

std::unique_ptr<ChainRelay> make_relay(const TrialSpec& spec,
                                       const std::vector<std::vector<std::uint64_t>>& due) {
  if (!spec.cell.chains()) return nullptr;
  std::size_t chains = 0;
  for (const auto& times : due) chains += times.size();
  return std::make_unique<ChainRelay>(spec.cell.producers, chains);
}

ChainPlan chain_plan(const TrialSpec& spec) {
  return {.length = static_cast<std::uint32_t>(spec.cell.chain_length),
          .gap_ticks = in_ticks(spec, spec.cell.chain_gap_us * 1e-6)};
}

RacePlan race_plan(const TrialSpec& spec) {
  return {.window_ticks = in_ticks(spec, spec.cell.race_window_ns * 1e-9),
          .mean_wait_ticks = spec.cell.race_every_ns * 1e-9 * spec.clock.hz,
          .probes = spec.cell.probe == "both_ends"};
}

ProducerPlan producer_plan(const TrialSpec& spec, unsigned producer) {
  ProducerPlan plan;
  plan.producer = producer;
  plan.record_size = static_cast<std::uint32_t>(spec.cell.record_size);
  plan.sample_every = spec.cell.sample_every;
  plan.stamps = spec.cell.stamps;
  plan.shares_cpu = cpu_is_shared(spec.placement, spec.placement.producer_cpus[producer]);
  const bool owns_ring =
      spec.rings == 0 || std::ranges::count(spec.ring_of, spec.ring_of[producer]) == 1;
  plan.works_alone = owns_ring && spec.cell.poll != "epoll";
  plan.scratch = spec.cell.fill == "scratch";
  plan.abandon_every = spec.cell.abandon_every;
  if (producer == 0) {
    plan.hold_ticks = in_ticks(spec, spec.cell.hold_us * 1e-6);
    plan.hold_every_ticks = in_ticks(spec, spec.cell.hold_every_ms * 1e-3);
  }
  plan.hiccup_ticks = hiccup_ticks(spec);
  plan.timer_pair_ticks = spec.clock.timer_pair_of(spec.placement.producer_cpus[producer]);
  plan.interrupt_every_us = spec.cell.interrupt_every_us;
  plan.interrupter = producer + static_cast<std::uint32_t>(spec.cell.producers);
  plan.seed = spec.seed + producer;
  return plan;
}

ConsumerPlan consumer_plan(const TrialSpec& spec, unsigned consumer) {
  ConsumerPlan plan;
  plan.rings.resize(spec.rings);
  std::iota(plan.rings.begin(), plan.rings.end(), 0U);
  if (spec.placement.consumer_cpus.size() > 1) plan.rings = {consumer};
  plan.budget = spec.cell.budget;
  plan.sleeps = spec.cell.poll == "epoll" && spec.rings > 0;
  plan.after_window = spec.cell.poll == "after_window";
  plan.stall_ticks = in_ticks(spec, spec.cell.stall_ms * 1e-3);
  plan.stall_every_ticks = in_ticks(spec, spec.cell.stall_every_ms * 1e-3);
  plan.shares_cpu = cpu_is_shared(spec.placement, spec.placement.consumer_cpus[consumer]);
  plan.waits_downstream = spec.cell.downstream_ns != 0 && spec.placement.consumer_cpus.size() > 1;
  plan.hiccup_ticks = hiccup_ticks(spec);
  return plan;
}

std::unique_ptr<Receiver> make_receiver(const TrialSpec& spec,
                                        const std::vector<std::vector<std::uint64_t>>& due,
                                        const RecordSizes& sizes, DownstreamStage* stage) {
  const Cell& cell = spec.cell;
  std::size_t due_records = 0;
  for (const auto& times : due) due_records += times.size();
  if (cell.chains()) due_records *= cell.chain_length;
  if (cell.interrupt_every_us > 0) due_records += interrupts_of(spec);
  LogRoom room = due_records;
  if (!cell.paced()) {
    room = {static_cast<std::size_t>(trial_seconds(spec) * kFastestConsumer),
            static_cast<std::size_t>(trial_seconds(spec) * kFastConsumer)};
  }
  const auto consumers = spec.placement.consumer_cpus.size();
  const auto service = in_ticks(spec, 1e-9 * static_cast<double>(cell.service_ns));
  auto receiver = std::make_unique<Receiver>(
      sources_of(cell), sizes, cell.stamps && spec.rings > 0, service,
      LogRoom(std::min(room.most, kMaxLogged / consumers), room.likely), stage, is_chained(spec));
  receiver->tell_rings(spec.ring_of);
  if (cell.counter) receiver->expect_counters();
  return receiver;
}

std::unique_ptr<MergeStage<>> make_merge(const TrialSpec& spec, Receiver& receiver,
                                         const std::atomic<std::uint64_t>& counter) {
  if (!spec.cell.merges() || spec.rings == 0) return nullptr;
  MergePlan plan;
  plan.by_watermark = spec.cell.merge == "watermark";
  plan.wait_ticks = in_ticks(spec, 1e-6 * spec.cell.merge_wait_us);
  if (spec.cell.merges_by_counter()) plan.counter = &counter;
  plan.bytes_of_a_buffer = spec.ring_bytes;
  return std::make_unique<MergeStage<>>(receiver, spec.rings, plan);
}

std::uint64_t sources_of(const Cell& cell) {
  return cell.interrupt_every_us > 0 ? 2 * cell.producers : cell.producers;
}

bool cpu_is_shared(const Placement& placement, unsigned cpu) {
  return std::ranges::count(placement.producer_cpus, cpu) +
             std::ranges::count(placement.consumer_cpus, cpu) >
         1;
}

}  // namespace ringbench
