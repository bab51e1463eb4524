// Whether a plan can be answered in reasonable time.
#pragma once

#include <optional>
#include <string>

#include "planner/plan.hpp"

namespace ringbench::planner {

// A sentence about the statement that makes the simulation of one draw too long, and how to mend
// it; nothing where it is not.
struct TooLong {
  std::string key, why;
  friend bool operator==(const TooLong&, const TooLong&) = default;
};
std::optional<TooLong> too_long(const Plan& plan);

}  // namespace ringbench::planner
