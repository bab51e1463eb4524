// How long a cache line takes from one CPU to another.
#pragma once

#include <cstdint>
#include <optional>

namespace ringbench {

// Ticks from a store on one CPU until the other has seen it: half the round trip of one line, so
// the same both ways. Takes about `for_ticks`, and at most ten times as long where the CPUs are
// busy. Nothing if they did not run together for long enough. Throws what run_pinned() throws.
std::optional<double> hand_over(unsigned cpu_a, unsigned cpu_b, std::uint64_t for_ticks);

}  // namespace ringbench
