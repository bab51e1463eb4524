#include "bench/limits/hand_over.hpp"

#include "bench/limits/slices.hpp"
#include "bench/limits/turns.hpp"

namespace ringbench {

std::optional<double> hand_over(unsigned cpu_a, unsigned cpu_b, std::uint64_t for_ticks) {
  constexpr std::uint64_t kRoundTrips = 32;
  const auto nothing = [] {};
  return median_of_enough(
      take_turns(cpu_a, cpu_b, {for_ticks, kRoundTrips}, nothing, nothing, nothing));
}

}  // namespace ringbench
