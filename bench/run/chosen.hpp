// The window and the number of trials for cells that leave both to the noise of the machine: chosen
// once, before the first trial, and kept in the store.
#pragma once

#include <cstdint>

#include "bench/run/provenance.hpp"
#include "bench/run/store.hpp"

namespace ringbench {

struct Chosen {
  double window_ms = 0;  // 0: no cell leaves it
  std::uint64_t repetitions = 0;
  double hiccups_per_s = 0;  // of a CPU: the noise it was chosen from
};

Provenance describe_choice(const Chosen& chosen);
// What was chosen when the store was made. Throws StoreError where that is no choice of this
// program's.
Chosen stored_choice(const Store& store);

}  // namespace ringbench
