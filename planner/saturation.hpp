// How fast one ring takes records when its producers saturate it.
//
// Its lock and its positions are cache lines that move from CPU to CPU, so a record takes as long
// as some number of such moves: time a record = moves * mean core-to-core latency over the CPUs on
// which producers really are. The number of moves is a property of the code path; it was found from
// published throughputs of two machines (planner/data).
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "planner/inputs.hpp"

namespace ringbench::planner {

struct CodePath {
  std::string_view name;  // as a plan states it
  std::string_view summary;
  bool pending_pos = true;  // reserve also looks for the oldest busy record
  Uncertain moves{};        // K
};

// "linux-5.8" (before pending_pos), "linux-6.10" (with it, June 2024), "ringbuf" (this project's).
std::span<const CodePath> code_paths();
const CodePath* find_code_path(std::string_view name);

// What a real rate may be over what the formula says, with a probability of 90 %: what the
// published machines left over. value = 1.
Uncertain saturation_error();

// ns a record of all producers together: moves, or where that is longer their own work, of which
// only one at a time does what is done under the lock. One producer moves nothing.
double saturated_record_ns(double moves, double mean_latency_ns, double alone_ns,
                           double outside_lock_ns, double producers);

// The comparison: Gunther's Universal Scalability Law, X(n) = lambda n / (1 + sigma (n-1) + kappa n
// (n-1)), fitted by least squares to rates by number of producers.
struct ScalabilityLaw {
  double lambda = 0, sigma = 0, kappa = 0;
  double rate(double n) const;
};
ScalabilityLaw fit_scalability_law(std::span<const double> producers,
                                   std::span<const double> rates);

}  // namespace ringbench::planner
