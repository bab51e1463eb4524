// What the inputs of a plan may really be: draws from their intervals.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "planner/plan.hpp"

namespace ringbench::planner {

// Each uncertain input by itself: normal on a log scale (where low is 0: on a linear one), with the
// value in the middle and its 90 % interval from low to high, either side with its own width. In
// `moves` is also what the formula of saturation.hpp left over on published machines. The same plan
// and seed give the same draws.
std::vector<Inputs> draws_of(const Plan& plan, unsigned draws, std::uint64_t seed);

// The draws that the answer to a plan rests on, each with the seed of a workload of its own.
struct Draw {
  Inputs inputs;
  std::uint64_t seed = 0;
};
std::vector<Draw> draws_of(const Plan& plan);

// What 5 % and 95 % of the drawn stay below, and what is expected never outside.
Uncertain interval_of(double expected, std::vector<double> drawn);

// Inputs that bound each other are drawn, and changed, each by itself: the nearest that are
// possible together, on so many CPUs.
Inputs possible(Inputs inputs, std::size_t cpus);

// One number of such a distribution; `normal`: a draw of the standard normal one.
double draw(const Uncertain& uncertain, double normal);

// Each with a seed of its own, that tells nothing of the others' (SplitMix64).
std::uint64_t derived_seed(std::uint64_t seed, std::uint64_t number);

}  // namespace ringbench::planner
