// A producer's wait for the time when its next event is due.
#pragma once

#include <sched.h>

#include <atomic>
#include <cstdint>

#include "bench/trial/hiccups.hpp"
#include "topology/clock.hpp"

namespace ringbench {

// Spins until the clock reads `due`, or `stop` is set, and returns its reading. `yields`: others
// want this CPU, so it gives way meanwhile, and gaps on its clock are no hiccups.
inline std::uint64_t wait_until(std::uint64_t due, bool yields, const std::atomic<bool>& stop,
                                Hiccups& hiccups) {
  std::uint64_t now = ticks();
  while (now < due && !stop.load(std::memory_order_relaxed)) {
    yields ? static_cast<void>(sched_yield()) : _mm_pause();
    now = ticks();
    yields ? hiccups.restart(now) : hiccups.spun(now);
  }
  return now;
}

}  // namespace ringbench
