// How large a machine a synthetic description would make, told before hwloc makes it.
#pragma once

#include <optional>
#include <string_view>

namespace ringbench {

struct SyntheticSize {
  double pus = 1;              // the product of all counts
  unsigned long siblings = 1;  // the largest count
};

// Levels are "type:count(attributes)", with or without a type, and memory beside them is
// "[type(attributes)]" (hwloc manual, "Synthetic topologies"). Nothing where it has another form:
// hwloc takes whatever stands between a type and the next colon, so that a count could hide.
std::optional<SyntheticSize> synthetic_size(std::string_view description);

}  // namespace ringbench
