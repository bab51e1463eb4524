// Measuring in slices of time. Each thread counts its calls in every slice; a slice says ticks over
// calls, of all threads together, as a producer's amortised cost is ticks over events. The median
// slice is the result: interruptions are rarer than slices and fall into the tail, whereas the
// fastest slice would be one in which a rival was away.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "topology/clock.hpp"

namespace ringbench {

inline constexpr std::size_t kSlices = 15;

struct Slice {
  std::uint64_t ticks = 0;
  std::uint64_t calls = 0;
};
using Slices = std::vector<Slice>;  // kSlices of them, of one thread

// Calls batch(calls) again and again, from the tick `start` on for kSlices times slice_ticks. A
// thread that was away for a slice has no calls in it.
template <class Batch>
Slices count_in_slices(Batch batch, std::uint64_t calls, std::uint64_t start,
                       std::uint64_t slice_ticks) {
  Slices slices(kSlices);
  std::uint64_t now = ticks();
  while (now < start) now = ticks();
  for (std::size_t i = 0; i < kSlices; ++i) {
    const std::uint64_t begin = now;
    const std::uint64_t end = start + (i + 1) * slice_ticks;
    while (now < end) {
      batch(calls);
      slices[i].calls += calls;
      now = ticks();
    }
    slices[i].ticks = now - begin;
  }
  return slices;
}

// Nothing for fewer than three values: they would not show that one is disturbed.
std::optional<double> median_of_enough(std::vector<double> values);

// The median over slices of ticks a call, of those slices in which every thread made calls.
std::optional<double> ticks_a_call(std::span<const Slices> threads);

}  // namespace ringbench
