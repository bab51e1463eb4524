// A trace as the events of a trial: begun again as often as the trial lasts, and dealt to its
// producers.
#pragma once

#include <cstdint>

#include "bench/config/trace.hpp"

namespace ringbench {

// Calls visit(producer, ticks from the start of the trial, size) for every event before `length`
// ticks, in order of time. Without a column of producers they are dealt round robin, on and on over
// the repetitions.
template <class Visit>
void replay(const Trace& trace, std::uint64_t producers, double length, double tick_hz,
            Visit visit) {
  const double ticks_per_us = tick_hz * 1e-6;
  std::uint64_t next = 0;
  for (std::uint64_t round = 0;; ++round) {
    const double begin_us = static_cast<double>(round) * trace.period_us;
    for (const auto& event : trace.events) {
      const double due = (begin_us + event.us) * ticks_per_us;
      if (due >= length) return;
      visit(trace.names_producers ? event.producer : next++ % producers,
            static_cast<std::uint64_t>(due), event.size);
    }
  }
}

}  // namespace ringbench
