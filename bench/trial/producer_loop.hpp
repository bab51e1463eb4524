// What a producer thread does from the start of a trial to its end: the hot path of the harness.
//
// An event is reserve, fill, commit. Timing every one would measure the timer, so a saturating
// producer times one event in about `sample_every`: the others run in blocks of random length
// without any check inside, and the timed event between two blocks is also where the clock and the
// stop flag are looked at. Timed events take turns in what they time (reserve, commit, the whole),
// so that no timer stands inside another's section.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "bench/trial/event_kind.hpp"
#include "bench/trial/hiccups.hpp"
#include "bench/trial/holds.hpp"
#include "bench/trial/pace.hpp"
#include "bench/trial/producer_log.hpp"
#include "bench/trial/series.hpp"
#include "impls/payload.hpp"
#include "impls/transport.hpp"
#include "topology/clock.hpp"

namespace ringbench {

template <SplitProducer P>
class ProducerLoop {
 public:
  // `progress`: attempted so far, for a watchdog to see; `stop`: ends the loop early.
  ProducerLoop(P& producer, const ProducerPlan& plan, std::atomic<std::uint64_t>& progress,
               const std::atomic<bool>& stop)
      : producer_(producer),
        plan_(plan),
        progress_(progress),
        stop_(stop),
        random_(plan.seed | 1),
        scratch_(plan.scratch ? kMaxRecordSize : 0),
        abandonment_(plan.abandon_every),
        holds_(plan.hold_ticks, plan.hold_every_ticks),
        hiccups_(plan.hiccup_ticks) {}

  std::uint64_t attempted() const { return sequence_; }
  Hiccups& hiccups() { return hiccups_; }
  Holds& holds() { return holds_; }
  Series& series() { return series_; }  // attempted and dropped so far
  std::optional<std::uint64_t> accepted_before_drop() const { return drops_.first_drop(); }
  void settle() {}  // an event is over when its call is

  // As fast as it can, until the clock reads `end`.
  void saturate(std::uint64_t end, ProducerLog& log) {
    with_kind(kind(), [&]<EventKind Kind>() { saturate_as<Kind>(end, log); });
  }

  // At its due times (ticks from `start`), from the first that is not yet sent, until the clock
  // reads `end` or none is due before it.
  void follow(const std::vector<std::uint64_t>& due, std::uint64_t start, std::uint64_t end,
              ProducerLog& log) {
    with_stamped_kind<true>(kind(),
                            [&]<EventKind Kind>() { follow_as<Kind>(due, start, end, log); });
  }

 private:
  static constexpr std::uint64_t kUntimedBlock =
      1024;  // events between looks at the clock when nothing is timed

  EventKind kind() const {
    return {.stamped = plan_.stamps,
            .mixed = !plan_.sizes.empty(),
            .scratch = plan_.scratch,
            .abandons = plan_.abandon_every != 0,
            .counted = plan_.counter != nullptr};
  }

  template <EventKind Kind>
  void follow_as(const std::vector<std::uint64_t>& due, std::uint64_t start, std::uint64_t end,
                 ProducerLog& log) {
    const std::uint64_t begin = ticks();
    std::uint64_t now = begin;
    hiccups_.restart(now);
    while (next_due_ < due.size() && start + due[next_due_] < end) {
      now = wait_for(start + due[next_due_]);
      if (now >= end || stop_.load(std::memory_order_relaxed)) break;
      const std::uint64_t was_due = start + due[next_due_++];
      if (!holds_.explains(was_due)) log.lag_ticks.record(now - was_due);
      if (holds_.takes(was_due, now)) {
        hold_one<kTimed<Kind>>(log);
      } else {
        plan_.sample_every == 0 ? untimed<Kind>(1, log) : timed<kTimed<Kind>>(log);
      }
      look(now);
    }
    drops_.close(log);
    log.producing_ticks = now - begin;
  }

  template <EventKind Kind>
  void saturate_as(std::uint64_t end, ProducerLog& log) {
    const std::uint64_t begin = ticks();
    std::uint64_t now = begin;
    hiccups_.restart(now);
    while (now < end && !stop_.load(std::memory_order_relaxed)) {
      const auto before = sequence_;
      untimed<Kind>(block_length(), log);
      if (plan_.sample_every == 0) {
        now = ticks();
      } else {
        timed<kTimed<Kind>>(log);
        now = last_reading_;
      }
      if (is_watched_at_work()) hiccups_.worked(now, sequence_ - before);
      look(now);
    }
    drops_.close(log);
    log.producing_ticks = now - begin;
  }

  void look(std::uint64_t now) {
    // Pairs with the acquire in WakeupWatch::begin(): the commits so far have returned, so they
    // have woken whom they had to.
    progress_.store(sequence_, std::memory_order_release);
    if (series_.is_due(now)) [[unlikely]]
      series_.note(now, sequence_, producer_.tally.dropped());
  }
  bool is_watched_at_work() const { return plan_.works_alone && !plan_.shares_cpu; }

  // Uniform around sample_every - 1, so that the timed event never beats with a period of the
  // transport.
  std::uint64_t block_length() {
    if (plan_.sample_every == 0) return kUntimedBlock;
    if (plan_.sample_every == 1) return 0;
    random_ ^= random_ << 13;  // G. Marsaglia, Xorshift RNGs, 2003
    random_ ^= random_ >> 7;
    random_ ^= random_ << 17;
    const std::uint64_t half = plan_.sample_every / 2;
    return plan_.sample_every - 1 - half + ((random_ >> 32) * (2 * half + 1) >> 32);
  }

  // What the loop needs stands in locals: the compiler must assume that a store to the payload
  // changes any member.
  template <EventKind Kind>
  void untimed(std::uint64_t events, ProducerLog& log) {
    const std::uint32_t fixed_size = plan_.record_size;
    const std::uint16_t* const sizes = plan_.sizes.data();
    const std::size_t last_size = plan_.sizes.size() - 1;
    const std::uint32_t self = plan_.producer;
    const bool stamps = plan_.stamps;
    std::byte* const scratch = scratch_.data();
    std::atomic<std::uint64_t>* const counter = plan_.counter;
    Abandonment abandonment = abandonment_;
    P& producer = producer_;
    const std::uint64_t end = sequence_ + events;
    for (std::uint64_t sequence = sequence_; sequence != end; ++sequence) {
      const std::uint32_t size = Kind.mixed ? sizes[sequence & last_size] : fixed_size;
      Event event{self, sequence, Kind.stamped ? ticks() : 0};
      event.counter = take_number<Kind>(counter);
      const bool given_up = abandonment.takes<Kind>(sequence);
      make_payload<Kind>(scratch, size, event, stamps);
      auto reservation = producer.reserve(size);
      if (reservation) [[likely]] {
        fill_payload<Kind>(reservation.data(), scratch, size, event, stamps);
        if (!given_up) reservation.commit();
      } else {
        note_drop(sequence, log);
      }
    }
    sequence_ = end;
    abandonment_ = abandonment;
  }

  std::uint32_t size_of(std::uint64_t sequence) const {
    if (plan_.sizes.empty()) return plan_.record_size;
    return plan_.sizes[sequence & (plan_.sizes.size() - 1)];
  }

  template <EventKind Kind>
  void timed(ProducerLog& log) {
    if (abandonment_.takes<Kind>(sequence_)) return give_up_one<Kind>(log);
    switch (turn_++ % 3) {
      case 0:
        return time_reserve<Kind>(log);
      case 1:
        return time_commit<Kind>(log);
      default:
        return time_event<Kind>(log);
    }
  }

  // Its stamp is the clock's last reading.
  template <EventKind Kind>
  Event next_event() {
    last_reading_ = ticks();
    return {plan_.producer, sequence_++, last_reading_, take_number<Kind>(plan_.counter)};
  }

  // Untimed, and never given up.
  template <EventKind Kind>
  void hold_one(ProducerLog& log) {
    abandonment_.takes<Kind>(sequence_);
    const std::uint32_t size = size_of(sequence_);
    const Event event = next_event<Kind>();
    make_payload<Kind>(scratch_.data(), size, event, plan_.stamps);
    auto reservation = producer_.reserve(size);
    if (!reservation) return note_drop(event.sequence, log);
    fill_payload<Kind>(reservation.data(), scratch_.data(), size, event, plan_.stamps);
    const auto begin = ticks();
    hiccups_.restart(begin);
    const auto end = wait_until(begin + holds_.length(), plan_.shares_cpu, stop_, hiccups_);
    reservation.commit();
    holds_.note({begin, end});
  }

  template <EventKind Kind>
  void give_up_one(ProducerLog& log) {
    const std::uint32_t size = size_of(sequence_);
    const Event event = next_event<Kind>();
    make_payload<Kind>(scratch_.data(), size, event, plan_.stamps);
    auto reservation = producer_.reserve(size);
    if (!reservation) return note_drop(event.sequence, log);
    fill_payload<Kind>(reservation.data(), scratch_.data(), size, event, plan_.stamps);
  }

  template <EventKind Kind>
  void time_reserve(ProducerLog& log) {
    const std::uint32_t size = size_of(sequence_);
    Event event{plan_.producer, sequence_++, 0, take_number<Kind>(plan_.counter)};
    if constexpr (Kind.scratch) {
      event.stamp = ticks();
      make_payload<Kind>(scratch_.data(), size, event, plan_.stamps);
    }
    const auto begin = begin_timing();
    auto reservation = producer_.reserve(size);
    const auto cycles = since(begin, end_timing());
    if constexpr (!Kind.scratch) event.stamp = begin;
    if (!reservation) {
      log.refused.record(cycles);
      return note_drop(event.sequence, log);
    }
    log.reserve.record(cycles);
    fill_payload<Kind>(reservation.data(), scratch_.data(), size, event, plan_.stamps);
    reservation.commit();
  }

  template <EventKind Kind>
  void time_commit(ProducerLog& log) {
    const std::uint32_t size = size_of(sequence_);
    const Event event = next_event<Kind>();
    make_payload<Kind>(scratch_.data(), size, event, plan_.stamps);
    auto reservation = producer_.reserve(size);
    if (!reservation) return note_drop(event.sequence, log);
    fill_payload<Kind>(reservation.data(), scratch_.data(), size, event, plan_.stamps);
    const auto begin = begin_timing();
    reservation.commit();
    log.commit.record(since(begin, end_timing()));
  }

  template <EventKind Kind>
  void time_event(ProducerLog& log) {
    const std::uint32_t size = size_of(sequence_);
    const auto begin = last_reading_ = begin_timing();
    const Event event{plan_.producer, sequence_++, begin, take_number<Kind>(plan_.counter)};
    make_payload<Kind>(scratch_.data(), size, event, plan_.stamps);
    auto reservation = producer_.reserve(size);
    if (!reservation) return note_drop(event.sequence, log);
    fill_payload<Kind>(reservation.data(), scratch_.data(), size, event, plan_.stamps);
    reservation.commit();
    log.event.record(since(begin, end_timing()));
  }

  std::uint64_t since(std::uint64_t begin, std::uint64_t end) {
    last_reading_ = end;
    const auto gross = end - begin;
    return gross - std::min(gross, plan_.timer_pair_ticks);
  }

  [[gnu::noinline]] void note_drop(std::uint64_t sequence, ProducerLog& log) {
    drops_.note(sequence, ticks(), log);
  }

  // What came before is one event, or nothing yet.
  std::uint64_t wait_for(std::uint64_t due) {
    const std::uint64_t now = ticks();
    is_watched_at_work() ? hiccups_.worked(now, 1) : hiccups_.restart(now);
    return wait_until(due, plan_.shares_cpu, stop_, hiccups_);
  }

  P& producer_;
  const ProducerPlan plan_;
  std::atomic<std::uint64_t>& progress_;
  const std::atomic<bool>& stop_;
  std::uint64_t random_;
  std::vector<std::byte> scratch_;  // where payloads are made that are copied
  Abandonment abandonment_;
  Holds holds_;
  std::uint64_t sequence_ = 0;
  std::uint64_t next_due_ = 0;
  std::uint64_t turn_ = 0;
  std::uint64_t last_reading_ = 0;  // of the clock, by the timed event before
  DropTrack drops_;
  Hiccups hiccups_;
  Series series_;
};

}  // namespace ringbench
