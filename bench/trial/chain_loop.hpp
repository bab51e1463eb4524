// What a producer thread does whose events are caused by others': it starts chains when they are
// due, and makes each event that the producer before it hands on.
#pragma once

#include <sched.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <optional>
#include <vector>

#include "bench/trial/chain_relay.hpp"
#include "bench/trial/consumer_loop.hpp"
#include "bench/trial/hiccups.hpp"
#include "bench/trial/producer_log.hpp"
#include "bench/trial/series.hpp"
#include "impls/payload.hpp"
#include "impls/transport.hpp"
#include "topology/clock.hpp"

namespace ringbench {

struct ChainPlan {
  std::uint32_t length = 0;     // events of a chain
  std::uint64_t gap_ticks = 0;  // from the commit of one to the next
};

template <SplitProducer P>
class ChainLoop {
 public:
  // `due`: when its chains start, in ticks from the start of the trial. The rest as ProducerLoop.
  ChainLoop(P& producer, const ProducerPlan& plan, std::atomic<std::uint64_t>& progress,
            const std::atomic<bool>& stop, const ChainPlan& chain, ChainRelay& relay,
            const std::vector<std::uint64_t>& due, const Timeline& timeline)
      : producer_(producer),
        plan_(plan),
        chain_(chain),
        progress_(progress),
        stop_(stop),
        relay_(relay),
        due_(due),
        timeline_(timeline),
        hiccups_(plan.hiccup_ticks) {}

  std::uint64_t attempted() const { return sequence_; }
  Hiccups& hiccups() { return hiccups_; }
  Series& series() { return series_; }
  std::optional<std::uint64_t> accepted_before_drop() const { return drops_.first_drop(); }

  void run(std::uint64_t end, ProducerLog& log) {
    const auto begin = ticks();
    auto now = begin;
    hiccups_.restart(now);
    while (now < end && !stop_.load(std::memory_order_relaxed)) {
      step(now, log) || start(now, log) ? look(now) : idle(now);
      now = ticks();
    }
    drops_.close(log);
    log.producing_ticks = now - begin;
  }

  // Ends the chains that are under way, for it takes every producer to end them; those that have
  // not ended when the drain should have are cut.
  void settle() {
    relay_.close(plan_.producer, started_);
    ProducerLog unread;
    auto now = ticks();
    while (!relay_.is_over() && now < timeline_.drain_end &&
           !stop_.load(std::memory_order_relaxed)) {
      if (!step(now, unread)) idle(now);
      now = ticks();
    }
  }

 private:
  // False: nothing was handed on, or it is not time for it.
  bool step(std::uint64_t now, ProducerLog& log) {
    BatonQueue& queue = relay_.to(plan_.producer);
    const Baton* const first = queue.front();
    if (first == nullptr || first->due > now) return false;
    const Baton baton = *first;
    queue.pop();
    make(baton, log);
    return true;
  }

  bool start(std::uint64_t now, ProducerLog& log) {
    if (started_ == due_.size() || timeline_.start + due_[started_] > now) return false;
    log.lag_ticks.record(now - (timeline_.start + due_[started_]));
    const auto chain = std::uint64_t{plan_.producer} << kCountBits | started_++;
    make({.chain = chain, .due = now, .step = 0}, log);
    return true;
  }

  void make(const Baton& baton, ProducerLog& log) {
    const auto begin = begin_timing();
    const Event event{plan_.producer, sequence_++, begin};
    const Link link{baton.chain, chain_.length, baton.step, relay_.next_place()};
    auto reservation = producer_.reserve(plan_.record_size);
    if (!reservation) {
      drops_.note(event.sequence, ticks(), log);
      return end_chain();
    }
    write_linked_payload(reservation.data(), plan_.record_size, event, link);
    reservation.commit();
    const auto end = end_timing();
    log.event.record(end - begin - std::min(end - begin, plan_.timer_pair_ticks));
    hand_on(baton, end);
  }

  void hand_on(const Baton& baton, std::uint64_t now) {
    const Baton next{baton.chain, now + chain_.gap_ticks, baton.step + 1};
    if (next.step == chain_.length || !relay_.after(plan_.producer).push(next)) end_chain();
  }
  void end_chain() { relay_.note_ended(plan_.producer, ++ended_); }

  void idle(std::uint64_t now) {
    if (!plan_.shares_cpu) {
      _mm_pause();
      return hiccups_.spun(now);
    }
    sched_yield();
    hiccups_.restart(ticks());
  }

  void look(std::uint64_t now) {
    hiccups_.restart(ticks());
    // Pairs with the acquire in WakeupWatch::begin(): the commits so far have returned, so they
    // have woken whom they had to.
    progress_.store(sequence_, std::memory_order_release);
    if (series_.is_due(now)) [[unlikely]]
      series_.note(now, sequence_, producer_.tally.dropped());
  }

  static constexpr unsigned kCountBits = 36;  // of a chain's number, below those of its producer

  P& producer_;
  const ProducerPlan plan_;
  const ChainPlan chain_;
  std::atomic<std::uint64_t>& progress_;
  const std::atomic<bool>& stop_;
  ChainRelay& relay_;
  const std::vector<std::uint64_t>& due_;
  const Timeline& timeline_;
  std::uint64_t sequence_ = 0;
  std::uint64_t started_ = 0;
  std::uint64_t ended_ = 0;  // here, wherever they were started
  DropTrack drops_;
  Hiccups hiccups_;
  Series series_;
};

}  // namespace ringbench
