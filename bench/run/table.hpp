// The table on the screen at the end of a run.
#pragma once

#include <string>

#include "bench/run/store.hpp"

namespace ringbench {

// One line for each cell: medians over its repetitions, for the cost with the 95 % interval. Ends
// with what was skipped, tainted and failed.
std::string table(const Store& store);

}  // namespace ringbench
