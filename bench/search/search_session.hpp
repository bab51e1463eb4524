// A search from its first trial to its last. Trials of all cells take turns. What is stored already
// is not run again: the same search comes to the same trials, so a search that was interrupted goes
// on where it stood.
#pragma once

#include "bench/config/config.hpp"
#include "bench/run/plan.hpp"
#include "bench/run/session.hpp"
#include "bench/run/store.hpp"
#include "topology/machine.hpp"

namespace ringbench {

// The searched cells of a config. Throws StoreError when none of them can be searched here, with
// the reason of the first.
Plan plan_search(const Config& config, const Machine& machine);

// Searches, then measures the load points and the bursts. `plan`: as plan_search() made it, with
// the clock measured. Throws StoreError. SIGINT as run_session() has it.
Outcome run_search(Store& store, const Plan& plan, const Config& config, const Machine& machine);

}  // namespace ringbench
