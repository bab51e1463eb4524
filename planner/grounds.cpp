// What the figures of a layout rest on.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "planner/assessment.hpp"
#include "planner/contention.hpp"

namespace ringbench::planner {
namespace {

Origin origin_of(const InputSet& inputs, const std::string& key) {
  const auto found = inputs.origins.find(key);
  return found == inputs.origins.end() ? Origin::assumed : found->second;
}

// Keys that figures rest on and that nobody measured here. What a plan states of its own consumer
// is the workload, which is its to state; what it states of the machine is not measured.
std::vector<std::string> not_measured(const Plan& plan, std::size_t producers_a_ring) {
  std::vector<std::string> keys{"producer.alone_ns", "producer.outside_lock_ns"};
  if (producers_a_ring > 1) keys.emplace_back("producer.moves");
  if (plan.notify != "never") keys.emplace_back("producer.notify_ns");
  std::erase_if(keys, [&](auto& key) { return origin_of(plan.inputs, key) == Origin::calibrated; });
  std::vector<std::string> of_consumer{"consumer.ns_per_poll"};
  if (plan.notify != "never") of_consumer.emplace_back("consumer.wakeup_ns");
  for (const auto& key : of_consumer)
    if (origin_of(plan.inputs, key) == Origin::assumed) keys.push_back(key);
  for (const auto& [key, origin] : plan.inputs.origins)
    if (key.starts_with("latency.") && origin == Origin::stated) keys.push_back(key);
  return keys;
}

}  // namespace

std::string_view words_of(Basis basis) {
  switch (basis) {
    case Basis::measured:
      return "measured";
    case Basis::interpolated:
      return "interpolated";
    case Basis::extrapolated:
      return "extrapolated";
  }
  return "";
}

Grounds grounds_of(const Plan& plan, const Layout& layout) {
  const auto producers = producers_of_rings(layout);
  const auto most = std::max_element(producers.begin(), producers.end(), [](auto& a, auto& b) {
                      return a.size() < b.size();
                    })->size();
  if (!plan.calibrated_here)
    return {Basis::extrapolated,
            "No calibration of this very machine is given: latencies and costs are stated, "
            "assumed, or of another machine."};
  const auto keys = not_measured(plan, most);
  if (!keys.empty())
    return {Basis::extrapolated,
            fmt::format("Not measured on this machine: {}.", fmt::join(keys, ", "))};
  if (most > 2)
    return {Basis::extrapolated,
            fmt::format("What was measured is two producers on a ring; here {} share one.", most)};
  if (!plan.all_pairs_measured)
    return {Basis::interpolated,
            "Measured on this machine, the latency of some pairs of CPUs by that of pairs that are "
            "as near."};
  return {
      Basis::measured,
      fmt::format("Every number of the machine was measured on it, with as many producers a ring "
                  "({}).",
                  most)};
}

}  // namespace ringbench::planner
