// The layouts to consider: each [[layout]] of a plan stands for the product of its arrays.
#pragma once

#include <string>
#include <vector>

#include "planner/plan.hpp"
#include "planner/statements.hpp"

namespace ringbench::planner {

inline constexpr std::size_t kMostLayouts = 512;

// Of layouts with the same name (which says all of a layout) the first. Needs the plan's CPUs and
// the size of its records.
void read_layouts(Statements& statements, Plan& plan);

}  // namespace ringbench::planner
