// What the ring costs two CPUs that use it in turns, never at once: each finds its lines in the
// other's cache. CPUs that run freely would not: whoever has the lines goes on for as long as it
// can.
#pragma once

#include <cstdint>
#include <optional>

namespace ringbench::calibration {

// `timer_pair`: of the CPU whose work is timed. For about `for_ticks`, ten times as long at most.
// Ticks; nothing where the CPUs did not run together for long enough. Throw what run_pinned()
// throws.
struct InTurns {
  unsigned cpu_a = 0;
  unsigned cpu_b = 0;
  std::uint64_t for_ticks = 0;
  std::uint64_t timer_pair = 0;
};

// A reserves and commits a record and hands a token on a line of its own to B, which does the same.
// What one record and one token take together; hand_over() is the token alone.
std::optional<double> record_and_token(const InTurns& how);

// Reserve and commit on A, for a record, after a consumer on B has read the records that lay in the
// same place.
std::optional<double> remote_cold(const InTurns& how);

// The drain on B, for a record, of a ring that A has filled.
std::optional<double> drain(const InTurns& how);

}  // namespace ringbench::calibration
