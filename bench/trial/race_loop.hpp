// What a producer thread does that races with others: it updates one shared word without a lock, at
// random moments, and may send an event before each update and after it, as a probe would that
// looks for the race.
#pragma once

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstdint>
#include <optional>
#include <random>

#include "bench/trial/hiccups.hpp"
#include "bench/trial/pace.hpp"
#include "bench/trial/producer_log.hpp"
#include "bench/trial/series.hpp"
#include "impls/payload.hpp"
#include "impls/transport.hpp"
#include "topology/clock.hpp"

namespace ringbench {

struct RacePlan {
  std::uint64_t window_ticks = 0;  // from the load of an update to its store
  double mean_wait_ticks = 0;      // before each update
  bool probes = false;             // an event at both ends of it
};

// Each update adds 1: what is missing in the end was lost.
struct alignas(64) RacedWord {
  std::atomic<std::uint64_t> value{0};
};

template <SplitProducer P>
class RaceLoop {
 public:
  // As ProducerLoop.
  RaceLoop(P& producer, const ProducerPlan& plan, std::atomic<std::uint64_t>& progress,
           const std::atomic<bool>& stop, const RacePlan& race, RacedWord& word)
      : producer_(producer),
        plan_(plan),
        race_(race),
        progress_(progress),
        stop_(stop),
        word_(word),
        random_(plan.seed),
        hiccups_(plan.hiccup_ticks) {}

  std::uint64_t attempted() const { return sequence_; }
  std::uint64_t tries() const { return tries_; }
  Hiccups& hiccups() { return hiccups_; }
  Series& series() { return series_; }
  std::optional<std::uint64_t> accepted_before_drop() const { return drops_.first_drop(); }
  void settle() {}

  void run(std::uint64_t end, ProducerLog& log) {
    const auto begin = ticks();
    auto now = begin;
    while (now < end && !stop_.load(std::memory_order_relaxed)) {
      hiccups_.restart(now);
      now = wait_until(std::min(now + wait(), end), plan_.shares_cpu, stop_, hiccups_);
      if (now >= end) break;
      race_.probes ? probed_update(log) : update();
      look(now);
      now = ticks();
    }
    drops_.close(log);
    log.producing_ticks = now - begin;
  }

 private:
  // Exponential: the moments are as random as can be.
  std::uint64_t wait() {
    const double uniform = static_cast<double>(random_() >> 11) * 0x1p-53;
    return static_cast<std::uint64_t>(-race_.mean_wait_ticks * std::log1p(-uniform));
  }

  void probed_update(ProducerLog& log) {
    send(log);
    update();
    send(log);
  }

  // Relaxed, for the race is the point; atomic, so that it is no undefined behaviour.
  void update() {
    const auto found = word_.value.load(std::memory_order_relaxed);
    for (const auto until = ticks() + race_.window_ticks; ticks() < until;) _mm_pause();
    word_.value.store(found + 1, std::memory_order_relaxed);
    ++tries_;
  }

  void send(ProducerLog& log) {
    const Event event{plan_.producer, sequence_++, ticks()};
    const std::uint32_t size = plan_.record_size;
    auto reservation = producer_.reserve(size);
    if (!reservation) return drops_.note(event.sequence, event.stamp, log);
    write_payload(reservation.data(), size, event, plan_.stamps);
    reservation.commit();
  }

  void look(std::uint64_t now) {
    // Pairs with the acquire in WakeupWatch::begin(): the commits so far have returned, so they
    // have woken whom they had to.
    progress_.store(sequence_, std::memory_order_release);
    if (series_.is_due(now)) [[unlikely]]
      series_.note(now, sequence_, producer_.tally.dropped());
  }

  P& producer_;
  const ProducerPlan plan_;
  const RacePlan race_;
  std::atomic<std::uint64_t>& progress_;
  const std::atomic<bool>& stop_;
  RacedWord& word_;
  std::mt19937_64 random_;
  std::uint64_t sequence_ = 0;
  std::uint64_t tries_ = 0;
  DropTrack drops_;
  Hiccups hiccups_;
  Series series_;
};

}  // namespace ringbench
