#include "bench/limits/limits_plan.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "bench/limits/atomics.hpp"
#include "bench/limits/fill.hpp"
#include "topology/cpu_pairs.hpp"

namespace ringbench {
namespace {

constexpr std::size_t kMostNumbers = 8;

using Groups = std::map<std::size_t, std::vector<unsigned>>;  // CPUs, by their number

void add_rings(const TrialSpec& trial, Groups& groups) {
  std::map<unsigned, std::vector<unsigned>> cpus_of_ring;
  for (std::size_t p = 0; p < trial.ring_of.size(); ++p) {
    cpus_of_ring[trial.ring_of[p]].push_back(trial.placement.producer_cpus[p]);
  }
  for (auto& [ring, cpus] : cpus_of_ring) {
    const bool distinct = std::set(cpus.begin(), cpus.end()).size() == cpus.size();
    if (cpus.size() > 1 && distinct) groups.try_emplace(cpus.size(), std::move(cpus));
  }
}

std::vector<std::vector<unsigned>> spread(const Groups& groups) {
  std::vector<std::vector<unsigned>> found;
  const std::size_t kept = std::min(groups.size(), kMostNumbers);
  std::size_t index = 0;
  for (const auto& [number, cpus] : groups) {
    // Keeps the first, the last, and evenly between.
    const std::size_t next = kept == 1 ? 0 : found.size() * (groups.size() - 1) / (kept - 1);
    if (index++ == next) found.push_back(cpus);
  }
  return found;
}

}  // namespace

LimitsPlan plan_limits(const Machine& machine, const std::vector<const TrialSpec*>& trials) {
  if (trials.empty()) return {};
  Groups groups;
  std::vector<unsigned> cpus;
  for (const TrialSpec* trial : trials) {
    if (trial->rings != 0) add_rings(*trial, groups);
    const Placement& placement = trial->placement;
    cpus.insert(cpus.end(), placement.producer_cpus.begin(), placement.producer_cpus.end());
    cpus.insert(cpus.end(), placement.consumer_cpus.begin(), placement.consumer_cpus.end());
  }
  LimitsPlan plan;
  plan.sharing = spread(groups);
  plan.sharing.insert(plan.sharing.begin(), {trials.front()->placement.producer_cpus.front()});
  plan.pairs = representative_pairs(machine, cpus);
  return plan;
}

double expected_seconds(const LimitsPlan& plan) {
  const auto limits =
      1 + kFillBytes.size() + kAtomicNames.size() * plan.sharing.size() + plan.pairs.size();
  constexpr double kOfProcess = 2e-3;  // to make and end it
  return kOfProcess + kSecondsPerLimit * 1.25 * static_cast<double>(limits);
}

std::uint64_t limit_rounds(const LimitsPlan& plan, double measured_seconds) {
  if (plan.sharing.empty()) return 0;
  constexpr double kShare = 0.05;
  constexpr double kMostRounds = 5;
  const double fit = std::floor(kShare * measured_seconds / expected_seconds(plan));
  return static_cast<std::uint64_t>(std::clamp(fit, 1.0, kMostRounds));
}

}  // namespace ringbench
