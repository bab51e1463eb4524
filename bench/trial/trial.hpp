// One trial of one cell, as a template over the transport: the type is erased here, once a trial.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <numeric>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "bench/trial/accounting.hpp"
#include "bench/trial/arrivals.hpp"
#include "bench/trial/consumer_loop.hpp"
#include "bench/trial/emit_loop.hpp"
#include "bench/trial/interrupting_producer.hpp"
#include "bench/trial/plans.hpp"
#include "bench/trial/producer_loop.hpp"
#include "bench/trial/race_loop.hpp"
#include "bench/trial/stamp_line.hpp"
#include "bench/trial/surroundings.hpp"
#include "bench/trial/trial_frame.hpp"
#include "topology/affinity.hpp"
#include "topology/cycle_counter.hpp"

namespace ringbench {

template <class P>
struct ChooseLoop {
  using Type = ProducerLoop<P>;
};
template <WholeProducer P>
struct ChooseLoop<P> {
  using Type = EmitLoop<P>;
};
template <class P>
using LoopOf = typename ChooseLoop<P>::Type;

template <Transport T>
class Trial : TrialFrame {
 public:
  explicit Trial(const TrialSpec& spec)
      : TrialFrame(spec),
        pages_(spec.rings),
        stamp_line_(stamp_line(spec)),
        transport_(geometry(), spec.cell.options) {
    if (spec.cell.paced()) due_ = due_times(spec);
    sizes_ = sizes_of(spec);
    stage_ = make_stage(spec);
    relay_ = make_relay(spec, due_);
    producers_.resize(spec.cell.producers);
    if (sources_of(spec.cell) > spec.cell.producers) interrupters_.resize(spec.cell.producers);
    consumers_.resize(spec.placement.consumer_cpus.size());
    for (unsigned i = 0; i < consumers_.size(); ++i) launch_consumer(i);
    for (unsigned i = 0; i < producers_.size(); ++i) launch_producer(i);
    for (const auto& state : std::span(states_).last(producers_.size()))
      progress_.push_back(&state->attempted);
  }

  // False: it hung, and the trial must never be destroyed.
  bool run() {
    const auto cpus = cpus_of(spec_.placement);
    const auto stolen_before = steal_ms(cpus);
    const auto begin = ticks();
    const bool ended = run_to_end();
    elapsed_s_ = static_cast<double>(ticks() - begin) / spec_.clock.hz;
    steal_ms_ = steal_ms(cpus) - stolen_before;
    return ended;
  }

  std::string describe() const { return describe_threads() + transport_.describe(); }

  TrialResult result() {
    if (auto error = first_error(); !error.empty()) return failed(std::move(error));
    TrialRecord record{.spec = spec_, .timeline = timeline_};
    record.producers = std::move(producers_);
    record.interrupters = std::move(interrupters_);
    record.consumers = std::move(consumers_);
    for (const auto& state : states_) record.threads.push_back(state->facts);
    if constexpr (KernelMapped<T>) {
      for (unsigned r = 0; r < spec_.rings; ++r) pages_[r] = {transport_.pages(r)};
    }
    for (const auto& spans : pages_) record.nodes_found.push_back(count_nodes(spans));
    record.overwritten = transport_.overwritten();
    record.footprint = transport_.footprint();
    record.steal_ms = steal_ms_;
    record.elapsed_s = elapsed_s_;
    record.frequency_change = frequency_change_;
    if (stage_) record.passed_downstream = stage_->passed();
    if constexpr (WholeProducer<typename T::Producer>) {
      record.notifications_counted = false;
      record.stamp_error_ticks = error_of(stamp_line_, read_monotonic());
      record.stamp_step_ticks = step_of(stamp_line_);
    }
    record.raced_to = raced_.value.load(std::memory_order_relaxed);
    if constexpr (Audited<T>) record.audit = transport_.audit();
    if constexpr (CountsDrops<T>) record.counted_drops = transport_.counted_drops();
    if constexpr (KernelMapped<T>) record.mapped = transport_.mapped();
    return account(record);
  }

 private:
  // For events that somebody else stamps.
  static StampLine stamp_line(const TrialSpec& spec) {
    if constexpr (!WholeProducer<typename T::Producer>) return {};
    return line_through(spec.clock.monotonic, read_monotonic(), spec.clock.hz);
  }

  Geometry geometry() {
    Geometry geometry;
    geometry.ring_bytes = spec_.ring_bytes;
    geometry.rings = spec_.rings;
    geometry.ring_of = spec_.ring_of;
    geometry.waits = spec_.cell.poll == "epoll";
    geometry.cpus = spec_.placement.producer_cpus;
    geometry.nodes = spec_.placement.ring_nodes;
    geometry.events = {.size = static_cast<std::uint32_t>(spec_.cell.record_size),
                       .stamps = spec_.cell.stamps,
                       .line = stamp_line_};
    geometry.bind = [this](unsigned ring, std::span<std::byte> pages) {
      bind_pages(pages, spec_.placement.ring_nodes[ring]);
      pages_[ring].push_back(pages);
    };
    return geometry;
  }

  // What a producer thread owns, made by that thread once it is pinned.
  template <class Loop>
  struct Seat {
    template <class... More>
    Seat(T& transport, const ProducerPlan& plan, ThreadState& state, const std::atomic<bool>& stop,
         More&&... more)
        : producer(transport.producer(plan.producer)),
          interrupter(transport, producer, plan.producer, plan),
          loop(producer, plan, state.attempted, stop, std::forward<More>(more)...) {}
    typename T::Producer producer;
    InterruptingProducer<T> interrupter;
    CycleCounter core_cycles;
    Loop loop;
    ProducerLog warm_up;
    ProducerLog window;
  };

  void launch_producer(unsigned index) {
    launch("producer", index, spec_.placement.producer_cpus[index],
           [this, index](ThreadState& state) { return seated(index, state); });
  }

  Body seated(unsigned index, ThreadState& state) {
    using Producer = typename T::Producer;
    if constexpr (SplitProducer<Producer>) {
      if (spec_.cell.chains()) {
        return seated_at<ChainLoop<Producer>>(index, state, chain_plan(spec_), *relay_, due_[index],
                                              timeline_);
      }
      if (spec_.cell.races()) {
        return seated_at<RaceLoop<Producer>>(index, state, race_plan(spec_), raced_);
      }
    }
    return seated_at<LoopOf<Producer>>(index, state);
  }

  // `more`: what this loop takes beyond what all do.
  template <class Loop, class... More>
  Body seated_at(unsigned index, ThreadState& state, More&&... more) {
    auto plan = producer_plan(spec_, index);
    plan.sizes = sizes_.table(index);
    if (spec_.cell.counter) plan.counter = &counter_.next;
    auto seat =
        std::make_shared<Seat<Loop>>(transport_, plan, state, stop_, std::forward<More>(more)...);
    return [this, index, seat](ThreadState& running) { produce(index, *seat, running); };
  }

  template <class Loop>
  void run_phase(unsigned index, Loop& loop, std::uint64_t end, ProducerLog& log) {
    if constexpr (requires { loop.run(end, log); }) {
      loop.run(end, log);
    } else {
      spec_.cell.paced() ? loop.follow(due_[index], timeline_.start, end, log)
                         : loop.saturate(end, log);
    }
  }

  template <class Loop>
  void produce(unsigned index, Seat<Loop>& seat, ThreadState& state) {
    while (ticks() < timeline_.start) _mm_pause();
    seat.interrupter.start();
    seat.loop.series().begin(timeline_.start, timeline_.series_every);
    run_phase(index, seat.loop, timeline_.window_begin, seat.warm_up);

    ProducerRecord& record = producers_[index];
    record.before_window = seat.producer.tally;
    record.attempted_before_window = seat.loop.attempted();
    ThreadUsage usage;
    usage.reset();
    seat.loop.hiccups().open_window(timeline_.window_end);
    if constexpr (requires { seat.loop.holds(); }) {
      seat.loop.holds().open_window(timeline_.window_begin, timeline_.window_end);
    }
    const auto cycles_before = seat.core_cycles.read();
    state.phase.store("window", std::memory_order_relaxed);
    run_phase(index, seat.loop, timeline_.window_end, seat.window);
    record.core_cycles = CycleCounter::between(cycles_before, seat.core_cycles.read());
    note_usage(state.facts, usage.counts(), seat.loop.hiccups(), spec_.clock.hz);
    if (auto log = seat.interrupter.stop(); !interrupters_.empty()) interrupters_[index] = log;
    // What a transport still owes for its calls belongs to them; what ends chains comes later.
    if constexpr (WholeProducer<typename T::Producer>) seat.loop.settle();
    record.after_window = seat.producer.tally;
    record.attempted_after_window = seat.loop.attempted();
    if constexpr (SplitProducer<typename T::Producer>) seat.loop.settle();
    record.tally = seat.producer.tally;
    record.attempted = seat.loop.attempted();
    record.accepted_before_drop = seat.loop.accepted_before_drop();
    if constexpr (requires { seat.loop.holds(); }) record.pauses = seat.loop.holds().take();
    if constexpr (requires { seat.loop.tries(); }) record.race_tries = seat.loop.tries();
    record.log = std::move(seat.window);
    record.series = std::move(seat.loop.series());
  }

  void launch_consumer(unsigned index) {
    launch("consumer", index, spec_.placement.consumer_cpus[index], [this, index](ThreadState&) {
      ConsumerRecord& record = consumers_[index];
      record.receiver = make_receiver(spec_, due_, sizes_, stage_.get());
      auto plan = consumer_plan(spec_, index);
      if (promises_wakeups(spec_)) plan.progress = &progress_;
      record.merge = make_merge(spec_, *record.receiver, counter_.next);
      plan.merge = record.merge.get();
      auto loop = std::make_shared<ConsumerLoop<T>>(transport_, *record.receiver, plan, timeline_,
                                                    producing_, stop_);
      return Body([this, &record, loop](ThreadState& running) {
        record.log = loop->run();
        note_usage(running.facts, record.log.usage, record.log.hiccups, spec_.clock.hz);
      });
    });
  }

  struct alignas(64) Counter {
    std::atomic<std::uint64_t> next{0};
  };

  Counter counter_;  // of events of all producers, where records carry it
  std::vector<std::vector<std::span<std::byte>>> pages_;  // of each ring
  StampLine stamp_line_;
  T transport_;
  std::vector<std::vector<std::uint64_t>> due_;
  RecordSizes sizes_{0};
  std::unique_ptr<DownstreamStage> stage_;
  std::unique_ptr<ChainRelay> relay_;
  RacedWord raced_;
  std::vector<ProducerRecord> producers_;
  std::vector<InterruptLog> interrupters_;
  std::vector<ConsumerRecord> consumers_;
  AttemptsOver progress_;  // complete before the gate opens
  double steal_ms_ = 0;
  double elapsed_s_ = 0;
};

// Runs one trial in this process. When it hangs, says what it saw and leaves its threads behind:
// the process must end soon (bench/trial/isolation.hpp runs each trial in a process of its own).
template <Transport T>
TrialResult run_trial(const TrialSpec& spec) {
  // Rings under the policy `local` live where their consumer does: it is the one to touch them
  // first.
  if (!spec.placement.consumer_cpus.empty()) pin_to(spec.placement.consumer_cpus.front());
  auto trial = std::make_unique<Trial<T>>(spec);
  if (trial->run()) return trial->result();
  auto result = failed("hung: " + trial.release()->describe());
  return result;
}

}  // namespace ringbench
