// Core-to-core latencies from the store of a run (docs/store.md): its table `limit`.
#pragma once

#include <string>
#include <vector>

#include "planner/latency.hpp"
#include "topology/machine.hpp"

namespace ringbench::planner {

// `path`: the folder of a run or its run.sqlite. A pair that the run did not try (on more than 16
// CPUs it tries a few of each nearness) gets the median of those as near. Throws std::runtime_error
// with a sentence: no such store, of another machine, or one without hand_over.
Latencies latencies_from_store(const std::string& path, const Machine& machine,
                               const std::vector<unsigned>& cpus);

}  // namespace ringbench::planner
