// What the ring costs a thread that has it to itself.
#pragma once

#include <cstdint>
#include <optional>

namespace ringbench::calibration {

// Each is measured by a thread of its own on the CPU, in batches of records that are timed as one,
// for about `for_ticks`; `timer_pair` ticks are taken off each batch. Ticks of the median batch for
// one record, or one poll; there are always enough batches. Throw what run_pinned() throws.
struct Alone {
  unsigned cpu = 0;
  std::uint64_t for_ticks = 0;
  std::uint64_t timer_pair = 0;
};

std::optional<double> reserve_and_commit(const Alone& how);
std::optional<double> commit(const Alone& how);  // of records that were all reserved before

// A look at an empty ring as a trial's consumer has it: at its fill, then at its records, between
// two readings of the clock.
std::optional<double> empty_poll(const Alone& how);

// The drain of a full ring, by the receiver of a trial, that a thread of the same CPU has filled.
std::optional<double> drain(const Alone& how);

}  // namespace ringbench::calibration
