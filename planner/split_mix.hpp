// SplitMix64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators, 2014): a state
// that goes on by a constant, and what is drawn of each.
#pragma once

#include <cstdint>

namespace ringbench::planner {

inline constexpr std::uint64_t kSplitMixStep = 0x9E3779B97F4A7C15;

constexpr std::uint64_t split_mix(std::uint64_t state) {
  state = (state ^ (state >> 30)) * 0xBF58476D1CE4E5B9;
  state = (state ^ (state >> 27)) * 0x94D049BB133111EB;
  return state ^ (state >> 31);
}

}  // namespace ringbench::planner
