// The time-stamp counter: reading it, and what is known of it on this machine.
#pragma once

#include <cstdint>
#include <vector>

#include "topology/monotonic.hpp"

#if !defined(__x86_64__)
#error "ringbench reads the x86-64 time-stamp counter; other architectures have no reader yet"
#endif
#include <x86intrin.h>

namespace ringbench {

// A stamp: not ordered against the instructions around it, so it costs least.
inline std::uint64_t ticks() {
  return __rdtsc();
}

// The ends of a timed section. Nothing before begin_timing() is still under way inside the section,
// and nothing inside it is still under way at end_timing() (Intel SDM vol. 2, RDTSC and RDTSCP; AMD
// APM vol. 3).
inline std::uint64_t begin_timing() {
  _mm_lfence();
  const std::uint64_t now = __rdtsc();
  _mm_lfence();
  return now;
}
inline std::uint64_t end_timing() {
  unsigned processor = 0;
  const std::uint64_t now = __rdtscp(&processor);
  _mm_lfence();
  return now;
}

// What the clock of one CPU can tell. Ticks are those of its own TSC.
struct CpuClock {
  unsigned cpu = 0;                    // OS index
  std::uint64_t timer_pair_ticks = 0;  // median of an empty begin_timing()/end_timing() pair
  std::uint64_t resolution_ticks = 0;  // smallest non-zero step seen between two reads
  // Its TSC minus the first CPU's: the middle of the shortest ping-pong. 0 for the first itself.
  std::int64_t offset_ticks = 0;
  std::uint64_t offset_bound_ticks = 0;  // |offset| + half that round trip: no offset exceeds it
  friend bool operator==(const CpuClock&, const CpuClock&) = default;
};

struct ClockFacts {
  bool invariant = false;        // CPUID 80000007H:EDX[8]: constant rate in every P-, C-, T-state
  double hz = 0;                 // measured against CLOCK_MONOTONIC_RAW
  double hz_relative_error = 0;  // half the spread of the repeated measurements, over hz
  std::uint64_t resolution_ticks = 0;  // the coarsest of any CPU
  std::uint64_t timer_pair_ticks = 0;  // the dearest of any CPU
  // Largest bound over all pairs of the given CPUs on |TSC offset| + its uncertainty, by ping-pong:
  // a stamp sent and returned bounds the offset to half the shortest round trip. 0 for one CPU.
  std::uint64_t offset_bound_ticks = 0;
  MonotonicReading monotonic;  // early in the measurement
  std::uint64_t monotonic_resolution_ns = 0;
  std::vector<CpuClock> cpus;  // ascending OS indices, without repetition

  // What one CPU pays for an empty timer pair; the dearest of any for a CPU that was not measured.
  std::uint64_t timer_pair_of(unsigned os_cpu) const;
};

// Takes about 100 ms, 1 ms for each CPU, and 2 ms for each pair of CPUs (for more than 16 CPUs:
// each CPU against the first alone, and the bounds of two added). Measures on threads of its own,
// so the caller's affinity does not change. Throws std::invalid_argument for no CPU,
// std::system_error with a sentence for a CPU that no thread can be pinned to, std::runtime_error
// when one does not answer another for 5 s.
ClockFacts measure_clock(const std::vector<unsigned>& os_cpus);

// How far the TSC of `second` is ahead of that of `first`: the middle of the shortest ping-pong,
// and |offset| + half its round trip, which no offset exceeds.
struct ClockOffset {
  std::int64_t ticks = 0;
  std::uint64_t bound = 0;
};
// Takes 2 ms. Measures on threads of its own, and throws what measure_clock() throws.
ClockOffset clock_offset(unsigned first, unsigned second);

// Median of empty timer pairs on the CPU of the calling thread. Takes some 0.2 ms.
std::uint64_t empty_timer_pair();

}  // namespace ringbench
