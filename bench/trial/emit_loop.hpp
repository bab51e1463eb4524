// What a producer thread does whose events are made elsewhere, some at a call (WholeProducer).
//
// A call is timed as a whole, for nobody can look inside it. Every kEmptyEvery-th call is made with
// an empty body as well, and what such calls usually take is subtracted: the rest is the events'.
// A reading of `event` is therefore the mean over one call's events, not that of one event.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <bit>
#include <cstdint>
#include <optional>
#include <vector>

#include "bench/trial/hiccups.hpp"
#include "bench/trial/pace.hpp"
#include "bench/trial/producer_log.hpp"
#include "bench/trial/series.hpp"
#include "impls/transport.hpp"
#include "topology/clock.hpp"

namespace ringbench {

// The usual length of an empty call: the median of the last kKept.
class EmptyCalls {
 public:
  void record(std::uint64_t length) {
    last_[count_++ % kKept] = length;
    auto sorted = last_;
    const auto kept = std::min<std::size_t>(count_, kKept);
    std::nth_element(sorted.begin(), sorted.begin() + kept / 2, sorted.begin() + kept);
    usual_ = sorted[kept / 2];
  }
  std::uint64_t usual() const { return usual_; }

 private:
  static constexpr std::ptrdiff_t kKept = 15;
  std::array<std::uint64_t, kKept> last_{};
  std::size_t count_ = 0;
  std::uint64_t usual_ = 0;
};

template <WholeProducer P>
class EmitLoop {
 public:
  // As ProducerLoop.
  EmitLoop(P& producer, const ProducerPlan& plan, std::atomic<std::uint64_t>& progress,
           const std::atomic<bool>& stop)
      : producer_(producer),
        plan_(plan),
        progress_(progress),
        stop_(stop),
        hiccups_(plan.hiccup_ticks) {}

  std::uint64_t attempted() const { return attempted_; }
  Hiccups& hiccups() { return hiccups_; }
  Series& series() { return series_; }
  std::optional<std::uint64_t> accepted_before_drop() const { return drops_.first_drop(); }
  void settle() { attempted_ += producer_.settle(); }

  void saturate(std::uint64_t end, ProducerLog& log) {
    std::uint64_t now = ticks();
    hiccups_.restart(now);
    while (now < end && !stop_.load(std::memory_order_relaxed)) {
      now = call(producer_.batch(), log);
      look(now);
    }
    drops_.close(log);
  }

  void follow(const std::vector<std::uint64_t>& due, std::uint64_t start, std::uint64_t end,
              ProducerLog& log) {
    hiccups_.restart(ticks());
    while (next_due_ < due.size() && start + due[next_due_] < end) {
      hiccups_.restart(ticks());
      const auto now = wait_until(start + due[next_due_], plan_.shares_cpu, stop_, hiccups_);
      if (now >= end || stop_.load(std::memory_order_relaxed)) break;
      log.lag_ticks.record(now - (start + due[next_due_]));
      ++next_due_;
      look(call(1, log));
    }
    drops_.close(log);
  }

 private:
  static constexpr std::uint64_t kEmptyEvery = 8;

  // Returns the clock's last reading.
  std::uint64_t call(unsigned events, ProducerLog& log) {
    return producer_.is_timed() ? timed_call(events, log) : untimed_call(events);
  }

  std::uint64_t untimed_call(unsigned events) {
    attempted_ += producer_.emit(sequence_, events);
    sequence_ += events;
    const auto now = ticks();
    hiccups_.restart(now);
    return now;
  }

  std::uint64_t timed_call(unsigned events, ProducerLog& log) {
    if (calls_++ % kEmptyEvery == 0) {
      const auto begin = begin_timing();
      producer_.emit_nothing(sequence_, events);
      const auto length = end_timing() - begin;
      log.empty_call.record(length);
      empty_.record(length);
    }
    const auto begin = begin_timing();
    const auto attempts = producer_.emit(sequence_, events);
    const auto end = end_timing();
    if (plan_.works_alone && !plan_.shares_cpu) {
      hiccups_.restart(begin);
      hiccups_.worked(end, events);
    } else {
      hiccups_.restart(end);
    }
    const auto net = end - begin - std::min(end - begin, empty_.usual());
    log.call.record(end - begin);
    log.event.record((net + events / 2) / events);
    log.producing_ticks += net;
    note_refused(end, log);
    sequence_ += events;
    attempted_ += attempts;
    return end;
  }

  void note_refused(std::uint64_t now, ProducerLog& log) {
    const auto words = producer_.refused();
    for (std::size_t w = 0; w < words.size(); ++w) {
      for (auto bits = words[w]; bits != 0; bits &= bits - 1) {
        drops_.note(sequence_ + 64 * w + static_cast<unsigned>(std::countr_zero(bits)), now, log);
      }
    }
  }

  void look(std::uint64_t now) {
    progress_.store(attempted_, std::memory_order_relaxed);
    if (series_.is_due(now)) [[unlikely]]
      series_.note(now, attempted_, producer_.tally.dropped());
  }

  P& producer_;
  const ProducerPlan plan_;
  std::atomic<std::uint64_t>& progress_;
  const std::atomic<bool>& stop_;
  std::uint64_t sequence_ = 0;   // of the next event of this loop
  std::uint64_t attempted_ = 0;  // that stand to this producer's account
  std::uint64_t next_due_ = 0;
  std::uint64_t calls_ = 0;
  EmptyCalls empty_;
  DropTrack drops_;
  Hiccups hiccups_;
  Series series_;
};

}  // namespace ringbench
