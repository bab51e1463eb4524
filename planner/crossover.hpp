// At which burst width a ring of many CPUs stops losing less than a ring for each CPU.
//
// Many CPUs have all of a ring's space for the few that a burst hits; a ring each leaves the space
// of the others empty, but has more in all where a burst hits many. What a CPU sends on average
// stays as it is: wider bursts are rarer.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "planner/plan.hpp"

namespace ringbench::planner {

// Burst widths in CPUs: the widest burst of which `wide` loses no more than `narrow`. 0: of none;
// all CPUs of the plan: of any.
struct Crossover {
  std::size_t wide = 0, narrow = 0;       // of the plan's layouts
  unsigned width = 0, low = 0, high = 0;  // of the inputs' values; 5 % and 95 % of the draws
  std::string words;                      // a sentence
};

// Of the plan's first layouts with a ring for each CPU: each against the one that has the fewest
// rings of those of comparable memory with as many threads. None without bursts, or where neither
// loses anything.
std::vector<Crossover> crossovers_of(const Plan& plan);

}  // namespace ringbench::planner
