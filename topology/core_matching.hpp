// Which of the free cores each consumer gets, when each may use only some of them and likes some
// better.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

namespace ringbench {

struct CoreChoice {
  std::size_t core = 0;  // index of a free core
  unsigned cost = 0;     // the lower, the better
};

// choices[i]: the cores that consumer i may use. Each gets a core of its own; as many as possible
// get one, and the choices of lower cost are exhausted before any of higher cost. nullopt: left
// without.
std::vector<std::optional<std::size_t>> match_cores(
    const std::vector<std::vector<CoreChoice>>& choices, std::size_t cores);

}  // namespace ringbench
