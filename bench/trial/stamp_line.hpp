// From the clock of BPF programs to that of the harness.
#pragma once

#include "impls/transport.hpp"
#include "topology/monotonic.hpp"

namespace ringbench {

// Through both readings; where there is no earlier one, or it lies less than 1 ms back, with the
// slope of `hz` ticks a second.
StampLine line_through(const MonotonicReading& earlier, const MonotonicReading& now, double hz);

// What a stamp between the line's base and `later` can be wrong by, in ticks: how far the line
// misses `later`, and the uncertainty of that reading. (The kernel may have changed the slope
// meanwhile: adjtimex(2).)
std::uint64_t error_of(const StampLine& line, const MonotonicReading& later);

// Two stamps no further apart than this, in ticks, may be of the same ns.
std::uint64_t step_of(const StampLine& line);

}  // namespace ringbench
