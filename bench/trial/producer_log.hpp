// What producers of either kind (bench/trial/producer_loop.hpp, bench/trial/emit_loop.hpp) are told
// and write down.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <span>

#include "bench/trial/histogram.hpp"

namespace ringbench {

// What a producer measured in one phase. Cycles have the empty timer pair, or the empty call,
// subtracted; `call` and `empty_call` are the two terms of that.
struct ProducerLog {
  Histogram reserve, commit, event, refused, lag_ticks, gap;
  Histogram call, empty_call;
  std::optional<std::uint64_t> first_drop_ticks;
  std::uint64_t producing_ticks = 0;  // that its events took, together
};

// From the reserve of an event that is held back to its commit, in ticks.
struct Pause {
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
};

struct ProducerPlan {
  std::uint32_t producer = 0;
  std::uint32_t record_size = 0;
  // Sizes by sequence number, modulo its length, a power of two; empty: all have record_size.
  std::span<const std::uint16_t> sizes;
  std::uint64_t sample_every = 0;  // 0: nothing is timed
  bool stamps = false;
  bool shares_cpu = false;          // with the consumer or another producer: give way while waiting
  bool works_alone = false;         // no other producer and no wake-up can make an event take long
  bool scratch = false;             // payloads are made outside the reserved memory, and copied
  std::uint64_t abandon_every = 0;  // one event in so many is given up; 0: none
  std::uint64_t hold_ticks = 0;     // an event is held back for so long before its commit; 0: none
  std::uint64_t hold_every_ticks = 0;
  std::uint64_t hiccup_ticks = 0;  // a longer gap on its clock is a hiccup
  std::uint64_t timer_pair_ticks = 0;
  double interrupt_every_us = 0;  // mean time between the interrupts of it; 0: none
  std::uint32_t interrupter = 0;  // the number under which what interrupts it sends
  std::uint64_t seed = 1;
  // Shared by all producers: each event takes the next number, which its record carries. May be
  // missing; there is none with sizes that differ.
  std::atomic<std::uint64_t>* counter = nullptr;
};

// Keeps track of a producer's refused attempts. A gap is a run of them, one after the other.
class DropTrack {
 public:
  // Events before the first drop of the trial, none of which was refused; nothing: it had none.
  std::optional<std::uint64_t> first_drop() const { return first_; }

  // `now`: the time, at the first drop of a phase.
  void note(std::uint64_t sequence, std::uint64_t now, ProducerLog& log) {
    if (!log.first_drop_ticks) log.first_drop_ticks = now;
    if (!first_) first_ = sequence;
    if (gap_ != 0 && sequence != last_ + 1) close(log);
    ++gap_;
    last_ = sequence;
  }
  void close(ProducerLog& log) {
    if (gap_ != 0) log.gap.record(gap_);
    gap_ = 0;
  }

 private:
  std::uint64_t gap_ = 0;
  std::uint64_t last_ = 0;
  std::optional<std::uint64_t> first_;  // its sequence number
};

}  // namespace ringbench
