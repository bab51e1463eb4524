// What a consumer thread does from the start of a trial until its rings are empty for good.
#pragma once

#include <sched.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <span>
#include <vector>

#include "bench/trial/hiccups.hpp"
#include "bench/trial/merge_stage.hpp"
#include "bench/trial/receiver.hpp"
#include "bench/trial/series.hpp"
#include "bench/trial/sleeper.hpp"
#include "bench/trial/thread_usage.hpp"
#include "bench/trial/trial_result.hpp"
#include "bench/trial/wakeup_watch.hpp"
#include "impls/transport.hpp"
#include "topology/clock.hpp"

namespace ringbench {

struct ConsumerPlan {
  std::vector<unsigned> rings;  // those it reads, in turn
  std::uint64_t budget = 0;     // records a ring and poll; 0: no bound
  bool sleeps = false;          // waits for a notification when a whole round found nothing
  bool after_window = false;    // starts only when every producer has stopped
  bool shares_cpu = false;
  bool waits_downstream = false;   // for other consumers
  std::uint64_t hiccup_ticks = 0;  // a longer gap on its clock is a hiccup
  // For stall_ticks from the start of the window, and again every stall_every_ticks until its end,
  // it reads nothing.
  std::uint64_t stall_ticks = 0;
  std::uint64_t stall_every_ticks = 0;  // above stall_ticks where those are not 0
  // Of the producers, where a sleeping consumer may rely on being woken; else nothing.
  const AttemptsOver* progress = nullptr;
  MergeStage<>* merge = nullptr;  // what records pass on their way to the receiver; may be missing
};

// When the phases of a trial begin, in ticks. What the consumer has not read by drain_end counts as
// left in the buffer.
struct Timeline {
  std::uint64_t start = 0;
  std::uint64_t window_begin = 0;
  std::uint64_t window_end = 0;
  std::uint64_t drain_end = 0;
  std::uint64_t series_every = 0;  // between two points of a series
};

struct ConsumerLog {
  ConsumerFacts facts;
  std::vector<std::uint64_t> peak_bytes;  // by position in ConsumerPlan::rings
  std::uint64_t peak_pool_bytes = 0;      // of all its rings together
  ThreadUsage::Counts usage;              // in the window, like the hiccups
  Hiccups hiccups{0};
  Series series;  // bytes not free in its rings, and records received so far
};

// The loop is itself the sink that consume() feeds: an unbounded drain may not return before the
// window closes, so every 64th record it looks at the clock and at the ring's fill.
template <class T>
class ConsumerLoop {
 public:
  // `producing`: producers that have not stopped; `stop`: ends the loop early.
  ConsumerLoop(T& transport, Receiver& receiver, const ConsumerPlan& plan, const Timeline& timeline,
               const std::atomic<unsigned>& producing, const std::atomic<bool>& stop)
      : transport_(transport),
        receiver_(receiver),
        plan_(plan),
        timeline_(timeline),
        producing_(producing),
        stop_(stop),
        fill_(plan.rings.size()),
        hiccups_(plan.hiccup_ticks) {
    log_.peak_bytes.resize(plan.rings.size());
    if constexpr (Waitable<T>) {
      for (const auto ring : plan.rings) {
        if (plan.sleeps) sleeper_.listen(transport.wait_fd(ring));
      }
    }
  }

  ConsumerLog run() {
    log_.series.begin(timeline_.start, timeline_.series_every);
    if (plan_.after_window) wait_for_producers();
    hiccups_.restart(ticks());
    for (;;) {
      // Read before the poll, so that a round that finds nothing after every producer has stopped
      // is the last. Pairs with the release in which a producer stops: its last record is in the
      // ring.
      const bool last = producing_.load(std::memory_order_acquire) == 0;
      const auto now = ticks();
      look(now);
      if (last && now > timeline_.drain_end) count_as_left();
      if (plan_.stall_ticks != 0) stall();
      const auto found = poll_round();
      if (plan_.merge != nullptr) release();
      if ((last && found == 0) || stop_.load(std::memory_order_relaxed)) break;
      if (found == 0) idle(now);
    }
    if (plan_.merge != nullptr) plan_.merge->release_all();
    return finish();
  }

  void record(std::span<const std::byte> payload) {
    if (plan_.stall_ticks != 0) stall();
    if (plan_.merge != nullptr) return merge(payload);
    receiver_.record(payload);
    if (receiver_.received() % kLookEvery == 0) {
      observe_fill(polled_);
      look(ticks());
    }
  }
  void lost(std::uint64_t count) { receiver_.lost(count); }

 private:
  static constexpr std::uint64_t kLookEvery = 64;

  // A poll may be long, so what is due meanwhile is released as often as the clock is looked at.
  void merge(std::span<const std::byte> payload) {
    plan_.merge->take(polled_, payload);
    if (plan_.merge->taken() % kLookEvery != 0) return;
    const bool worked = plan_.merge->release() != 0;
    observe_fill(polled_);
    look(ticks(), worked);
  }

  // After a round: part of what its records cost, like the rest of their way.
  void release() {
    const auto begin = ticks();
    if (plan_.merge->release() == 0) return;
    const auto end = ticks();
    log_.facts.busy_ticks += end - begin;
    hiccups_.restart(end);
  }

  // What was taken in time has been consumed, though the merge still holds it.
  void count_as_left() {
    if (plan_.merge != nullptr) plan_.merge->release_all();
    receiver_.count_as_left();
  }

  // Records that were taken out of the rings.
  std::uint64_t taken() const {
    return plan_.merge != nullptr ? plan_.merge->taken() : receiver_.received();
  }

  void wait_for_producers() const {
    auto running = producing_.load(std::memory_order_acquire);
    while (running != 0 && !stop_.load(std::memory_order_relaxed)) {
      producing_.wait(running, std::memory_order_acquire);
      running = producing_.load(std::memory_order_acquire);
    }
  }

  // `released`: it did work that the number of records does not tell.
  void look(std::uint64_t now, bool released = false) {
    const auto records = taken() - looked_;
    looked_ += records;
    if (plan_.shares_cpu || released || (records != 0 && plan_.waits_downstream)) {
      hiccups_.restart(now);
    } else {
      records == 0 ? hiccups_.spun(now) : hiccups_.worked(now, records);
    }
    observe_clock(now);
    if (log_.series.is_due(now)) [[unlikely]]
      log_.series.note(now, pool_, receiver_.received());
  }

  void observe_clock(std::uint64_t now) {
    if (!begun_ && now >= timeline_.window_begin) {
      begun_ = true;
      at_begin_ = totals();
      hiccups_.open_window(timeline_.window_end);
      usage_.reset();
    }
    if (!ended_ && now >= timeline_.window_end) {
      ended_ = true;
      at_end_ = totals();
      log_.hiccups = hiccups_;
      log_.usage = usage_.counts();
    }
  }

  // Waits to the end of the stall that the schedule has now, if it has one: a stall does not move
  // because the one who should stall came late, and one that was missed is over.
  void stall() {
    const auto begin = ticks();
    if (begin < timeline_.window_begin || begin >= timeline_.window_end) return;
    const auto since = (begin - timeline_.window_begin) % plan_.stall_every_ticks;
    if (since >= plan_.stall_ticks) return;
    const auto end = std::min(begin + (plan_.stall_ticks - since), timeline_.window_end);
    look(begin);
    auto now = begin;
    for (; now < end && !stop_.load(std::memory_order_relaxed); now = ticks()) give_way();
    stalled_ticks_ += now - begin;
    hiccups_.restart(now);
    look(now);
  }

  // `index`: position in ConsumerPlan::rings. The pool is the sum of what was last seen of each
  // ring.
  void observe_fill(std::size_t index) {
    const std::uint64_t bytes = transport_.occupancy(plan_.rings[index]);
    pool_ += bytes - fill_[index];
    fill_[index] = bytes;
    log_.peak_bytes[index] = std::max(log_.peak_bytes[index], bytes);
    log_.peak_pool_bytes = std::max(log_.peak_pool_bytes, pool_);
  }

  std::size_t poll_round() {
    std::size_t found = 0;
    for (polled_ = 0; polled_ < plan_.rings.size(); ++polled_) {
      observe_fill(polled_);
      found += poll(plan_.rings[polled_], *this);
    }
    return found;
  }

  template <Sink S>
  std::size_t poll(unsigned ring, S& sink) {
    const auto begin = ticks();
    const auto stalled_before = stalled_ticks_;
    if (plan_.merge != nullptr) plan_.merge->begin_poll();
    const auto found = transport_.consume(ring, sink, plan_.budget);
    if (plan_.merge != nullptr) {
      plan_.merge->end_poll(polled_, plan_.budget == 0 || found < plan_.budget);
    }
    ++log_.facts.polls;
    if (found == 0) {
      ++log_.facts.empty_polls;
    } else {
      log_.facts.busy_ticks += ticks() - begin - (stalled_ticks_ - stalled_before);
      log_.facts.busy_records += found;
    }
    return found;
  }

  void idle(std::uint64_t now) {
    if constexpr (Waitable<T>) {
      if (plan_.sleeps && now < timeline_.window_end && !must_release()) {
        const auto ready = [&](unsigned ring) { return transport_.ready_to_wait(ring); };
        if (!std::ranges::all_of(plan_.rings, ready)) return;
        sleep();
        return;
      }
    }
    give_way();
  }

  // Nobody wakes it when a record that the merge holds becomes due.
  bool must_release() const { return plan_.merge != nullptr && plan_.merge->holds(); }

  void sleep() {
    const bool woken = sleeper_.sleep();
    ++log_.facts.sleeps;
    log_.facts.wakeups += woken ? 1 : 0;
    hiccups_.restart(ticks());
    const auto has_data = [&](unsigned ring) { return transport_.occupancy(ring) != 0; };
    if (!woken && plan_.progress != nullptr && std::ranges::any_of(plan_.rings, has_data)) {
      look_into_time_out();
    }
  }

  // A sink of the watch's own, so that records which nobody slept over pay nothing for it.
  struct FirstOfRing {
    void record(std::span<const std::byte> payload) {
      if (!judged) loop.judge(payload);
      judged = true;
      loop.record(payload);
    }
    void lost(std::uint64_t count) { loop.lost(count); }
    ConsumerLoop& loop;
    bool judged = false;
  };

  void look_into_time_out() {
    watch_.begin(*plan_.progress, sleeper_);
    for (polled_ = 0; polled_ < plan_.rings.size(); ++polled_) {
      FirstOfRing sink{*this};
      poll(plan_.rings[polled_], sink);
    }
    log_.facts.lost_wakeups += watch_.verdict() == WakeupWatch::Verdict::lost ? 1 : 0;
    log_.facts.late_wakeups += watch_.verdict() == WakeupWatch::Verdict::late ? 1 : 0;
  }

  void judge(std::span<const std::byte> payload) {
    if (payload.size() < kMinRecordSize) return;  // the receiver says what it thinks of that
    watch_.judge(read_event(payload, receiver_.stamps()),
                 sequence_modulus(payload.size(), receiver_.stamps()));
  }

  void give_way() const { plan_.shares_cpu ? static_cast<void>(sched_yield()) : _mm_pause(); }

  ConsumerFacts totals() const {
    auto facts = log_.facts;
    facts.consumed = receiver_.received();
    return facts;
  }

  // Counts of the window; the cost of a record is taken from the window and the drain together.
  ConsumerLog finish() {
    observe_clock(timeline_.window_end);
    auto& facts = log_.facts;
    facts.busy_ticks -= at_begin_.busy_ticks;
    facts.busy_records -= at_begin_.busy_records;
    facts.consumed = at_end_.consumed - at_begin_.consumed;
    facts.polls = at_end_.polls - at_begin_.polls;
    facts.empty_polls = at_end_.empty_polls - at_begin_.empty_polls;
    facts.wakeups = at_end_.wakeups - at_begin_.wakeups;
    facts.sleeps = at_end_.sleeps - at_begin_.sleeps;
    facts.lost_wakeups = at_end_.lost_wakeups - at_begin_.lost_wakeups;
    facts.late_wakeups = at_end_.late_wakeups - at_begin_.late_wakeups;
    facts.cpu_ns = log_.usage.cpu_ns;
    facts.lost_marked = receiver_.lost_marked();
    return std::move(log_);
  }

  T& transport_;
  Receiver& receiver_;
  const ConsumerPlan plan_;
  const Timeline& timeline_;
  const std::atomic<unsigned>& producing_;
  const std::atomic<bool>& stop_;
  Sleeper sleeper_;
  ConsumerLog log_;
  std::vector<std::uint64_t> fill_;
  std::uint64_t pool_ = 0;
  std::size_t polled_ = 0;
  std::uint64_t stalled_ticks_ = 0;
  bool begun_ = false;
  bool ended_ = false;
  ConsumerFacts at_begin_;
  ConsumerFacts at_end_;
  ThreadUsage usage_;
  WakeupWatch watch_;
  Hiccups hiccups_;
  std::uint64_t looked_ = 0;  // records at the last look
};

}  // namespace ringbench
