#include "planner/draws.hpp"

#include <algorithm>
#include <cmath>
#include <random>

#include "planner/plan_keys.hpp"
#include "planner/saturation.hpp"
#include "planner/split_mix.hpp"

namespace ringbench::planner {
namespace {

constexpr double kNormal95 = 1.6448536269514722;  // 90 % of a normal distribution lie within +-

// Numbers of derived seeds; those of the expected figures begin with 0.
constexpr std::uint64_t kInputsSeed = 1'000'000, kFirstWorkload = 1'000;

}  // namespace

Inputs possible(Inputs inputs, std::size_t cpus) {
  inputs.outside_lock_ns = std::min(inputs.outside_lock_ns, inputs.alone_ns);
  inputs.burst_width = std::clamp(inputs.burst_width, 1.0, static_cast<double>(cpus));
  inputs.stall_us = std::min(inputs.stall_us, 0.99 * inputs.stall_every_us);
  return inputs;
}

double draw(const Uncertain& uncertain, double normal) {
  const auto& [value, low, high] = uncertain;
  const auto end = normal < 0 ? low : high;
  const auto steps = std::abs(normal) / kNormal95;
  if (low > 0) return value * std::pow(end / value, steps);
  return std::max(0.0, value + (end - value) * steps);
}

std::uint64_t derived_seed(std::uint64_t seed, std::uint64_t number) {
  return split_mix(seed + (number + 1) * kSplitMixStep);
}

std::vector<Inputs> draws_of(const Plan& plan, unsigned draws, std::uint64_t seed) {
  const auto& [value, low, high, origins] = plan.inputs;
  std::mt19937_64 random(seed);
  std::normal_distribution<double> normal;
  std::vector<Inputs> drawn(draws, value);
  for (auto& inputs : drawn) {
    for (const auto& key : input_keys()) {
      const auto member = key.member;
      const auto steps =
          normal(random);  // for certain ones too, so that one more leaves the others
      if (!(low.*member < high.*member)) continue;
      const auto drawn_value = draw({value.*member, low.*member, high.*member}, steps);
      inputs.*member = std::clamp(drawn_value, key.min, key.max);
    }
    inputs = possible(inputs, plan.cpus.size());
    inputs.moves /= draw(saturation_error(), normal(random));
  }
  return drawn;
}

std::vector<Draw> draws_of(const Plan& plan) {
  std::vector<Draw> draws;
  for (const auto& inputs : draws_of(plan, plan.draws, derived_seed(plan.seed, kInputsSeed)))
    draws.push_back({inputs, derived_seed(plan.seed, kFirstWorkload + draws.size())});
  return draws;
}

Uncertain interval_of(double expected, std::vector<double> drawn) {
  std::sort(drawn.begin(), drawn.end());
  const auto at = [&](double quantile) {
    return drawn[static_cast<std::size_t>(quantile * static_cast<double>(drawn.size() - 1) + 0.5)];
  };
  return {expected, std::min(at(0.05), expected), std::max(at(0.95), expected)};
}

}  // namespace ringbench::planner
