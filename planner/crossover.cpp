#include "planner/crossover.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <tuple>

#include "planner/assessment.hpp"
#include "planner/draws.hpp"
#include "planner/on_all_cores.hpp"
#include "planner/recommendation.hpp"
#include "planner/workload.hpp"

namespace ringbench::planner {
namespace {

constexpr double kComparable = 4;      // times the memory of the other
constexpr std::size_t kMostPairs = 4;  // each takes about as long as a layout does

double times(double a, double b) {
  return std::max(a, b) / std::min(a, b);
}

// Nothing: no layout can be held against it.
std::optional<std::size_t> rival_of(const Plan& plan, std::size_t narrow) {
  const auto& mine = plan.layouts[narrow];
  const auto distance = [&](std::size_t other) {
    return times(static_cast<double>(plan.layouts[other].total_bytes()),
                 static_cast<double>(mine.total_bytes()));
  };
  const auto rank = [&](std::size_t other) {
    return std::tuple(plan.layouts[other].rings, distance(other));
  };
  std::optional<std::size_t> best;
  for (std::size_t other = 0; other < plan.layouts.size(); ++other) {
    const auto& its = plan.layouts[other];
    if (its.rings >= mine.rings || busy_threads(its) != busy_threads(mine) ||
        distance(other) > kComparable)
      continue;
    if (!best || rank(other) < rank(*best)) best = other;
  }
  return best;
}

// In the widest bursts.
bool loses_any(const Plan& plan, std::size_t one, std::size_t other) {
  auto inputs = plan.inputs.value;
  inputs.burst_width = static_cast<double>(plan.cpus.size());
  return expected_loss(plan, plan.layouts[one], inputs) > kSameLoss ||
         expected_loss(plan, plan.layouts[other], inputs) > kSameLoss;
}

std::vector<Crossover> pairs_of(const Plan& plan) {
  std::vector<Crossover> pairs;
  const auto& inputs = plan.inputs.value;
  const bool bursts = plan.trace.rates.empty() && inputs.bursts_per_cpu_s > 0 &&
                      inputs.burst_on_us > 0 && inputs.burst_rate > 0;
  for (std::size_t narrow = 0; bursts && narrow < plan.layouts.size(); ++narrow) {
    const auto& layout = plan.layouts[narrow];
    if (layout.kind != Kind::rings || layout.rings != plan.cpus.size()) continue;
    if (pairs.size() == kMostPairs) break;
    const auto wide = rival_of(plan, narrow);
    if (!wide || !loses_any(plan, narrow, *wide)) continue;
    pairs.push_back({*wide, narrow, 0, 0, 0, {}});
  }
  return pairs;
}

// The greatest of 1 to `cpus` that `holds`, where all below it do; 0: none does. Looks at `guess`,
// then further and further from it, then halves what is left.
template <typename Holds>
unsigned greatest(unsigned cpus, unsigned guess, const Holds& holds) {
  unsigned below = 0, above = cpus + 1, at = std::clamp(guess, 1U, cpus);
  for (unsigned step = 1; above - below > 1; step *= 2) {
    (holds(at) ? below : above) = at;
    if (above > cpus)
      at = std::min(cpus, below + step);
    else if (below == 0)
      at = above > step ? above - step : 1;
    else
      at = below + (above - below) / 2;
  }
  return below;
}

// `loss` of (layout, inputs).
template <typename Loss>
unsigned width_of(const Plan& plan, const Crossover& pair, Inputs inputs, unsigned guess,
                  const Loss& loss) {
  return greatest(static_cast<unsigned>(plan.cpus.size()), guess, [&](unsigned width) {
    inputs.burst_width = width;
    return loss(plan.layouts[pair.wide], inputs) <=
           loss(plan.layouts[pair.narrow], inputs) + kSameLoss;
  });
}

// Where no two bursts meet: so many rings of a CPU hold as much as all of the others.
unsigned isolated_width(const Plan& plan, const Crossover& pair) {
  const auto all = plan.layouts[pair.wide].total_bytes();
  return static_cast<unsigned>(
      std::min<std::uint64_t>(all / plan.layouts[pair.narrow].ring_bytes, plan.cpus.size()));
}

unsigned expected_width(const Plan& plan, const Crossover& pair) {
  return width_of(plan, pair, plan.inputs.value, isolated_width(plan, pair),
                  [&](auto& layout, auto& inputs) { return expected_loss(plan, layout, inputs); });
}

unsigned drawn_width(const Plan& plan, const Crossover& pair, const Draw& draw) {
  return width_of(plan, pair, draw.inputs, pair.width, [&](auto& layout, auto& inputs) {
    return loss_of(plan, layout, inputs, draw.seed);
  });
}

std::string words_of(const Plan& plan, const Crossover& one) {
  const auto& wide = plan.layouts[one.wide].name;
  const auto& narrow = plan.layouts[one.narrow].name;
  const auto cpus = plan.cpus.size();
  const auto interval =
      one.low < one.high ? fmt::format(" ({} to {})", one.low, one.high) : std::string();
  const auto stated = fmt::format("the plan's hit {:g}", plan.inputs.value.burst_width);
  if (one.width == cpus)
    return fmt::format("However many of the {} CPUs a burst hits, {} loses no more than {}{}.",
                       cpus, wide, narrow,
                       one.low < cpus ? fmt::format("; at the far end of what is not known, up to "
                                                    "{} of them",
                                                    one.low)
                                      : "");
  if (one.width == 0)
    return fmt::format("However few CPUs a burst hits, {} loses more than {}{}.", wide, narrow,
                       one.high > 0 ? fmt::format("; at the far end of what is not known, of more "
                                                  "than {}",
                                                  one.high)
                                    : "");
  return fmt::format("Up to bursts of {} CPU{}{} {} loses no more than {}, beyond it more; {}.",
                     one.width, one.width == 1 ? "" : "s", interval, wide, narrow, stated);
}

}  // namespace

std::vector<Crossover> crossovers_of(const Plan& plan) {
  const auto silent = [](std::size_t, std::size_t) {};
  auto pairs = pairs_of(plan);
  on_all_cores(
      pairs.size(), [&](std::size_t i) { pairs[i].width = expected_width(plan, pairs[i]); },
      silent);

  const auto draws = draws_of(plan);
  std::vector<std::vector<double>> drawn(pairs.size(), std::vector<double>(draws.size()));
  on_all_cores(
      pairs.size() * draws.size(),
      [&](std::size_t number) {
        const auto pair = number / draws.size(), draw = number % draws.size();
        drawn[pair][draw] = drawn_width(plan, pairs[pair], draws[draw]);
      },
      silent);
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    const auto interval = interval_of(pairs[i].width, drawn[i]);
    pairs[i].low = static_cast<unsigned>(interval.low);
    pairs[i].high = static_cast<unsigned>(interval.high);
    pairs[i].words = words_of(plan, pairs[i]);
  }
  return pairs;
}

}  // namespace ringbench::planner
