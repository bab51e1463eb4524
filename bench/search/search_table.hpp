// The tables of a search on a terminal: rates by target, load points, capacities.
#pragma once

#include <string>

#include "bench/run/store.hpp"

namespace ringbench {

std::string search_table(const Store& store);

}  // namespace ringbench
