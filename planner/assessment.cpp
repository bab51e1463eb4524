#include "planner/assessment.hpp"

#include <algorithm>
#include <array>

#include "planner/draws.hpp"
#include "planner/on_all_cores.hpp"

namespace ringbench::planner {
namespace {

void put_interval(Assessment& assessment, std::span<const Figures> draws) {
  std::vector<double> values(draws.size());
  for (const auto& key : figure_keys()) {
    const auto member = key.member;
    std::transform(draws.begin(), draws.end(), values.begin(),
                   [&](const Figures& figures) { return figures.*member; });
    const auto interval = interval_of(assessment.value.*member, values);
    assessment.low.*member = interval.low;
    assessment.high.*member = interval.high;
  }
}

void judge(const Plan& plan, Assessment& assessment) {
  assessment.memory = memory_of(assessment.layout);
  const auto [limit, limit_words] = limitation_of(plan, assessment.layout, assessment.value);
  assessment.limit = limit;
  assessment.limit_words = limit_words;
  const auto [basis, basis_words] = grounds_of(plan, assessment.layout);
  assessment.basis = basis;
  assessment.basis_words = basis_words;
  assessment.missed = missed_targets(plan.targets, assessment.value, assessment.memory);
  assessment.unsure = missed_targets(plan.targets, assessment.high, assessment.memory);
  std::erase_if(assessment.unsure, [&](const std::string& key) {
    return std::find(assessment.missed.begin(), assessment.missed.end(), key) !=
           assessment.missed.end();
  });
}

bool is_dominated(const Assessment& one, const std::vector<Assessment>& all) {
  const auto of = [](const Assessment& any) {
    return std::array{static_cast<double>(any.memory.held), any.value.drop_fraction,
                      any.value.reserve_p99_ns};
  };
  const auto mine = of(one);
  return std::any_of(all.begin(), all.end(), [&](const Assessment& other) {
    const auto its = of(other);
    bool no_worse = true;
    for (std::size_t i = 0; i < mine.size(); ++i) no_worse &= its[i] <= mine[i];
    return no_worse && its != mine;
  });
}

}  // namespace

std::vector<std::string> missed_targets(const Targets& targets, const Figures& figures,
                                        const Memory& memory) {
  std::vector<std::string> missed;
  for (const auto& key : figure_keys()) {
    if (key.target == nullptr) continue;
    const auto& target = targets.*key.target;
    if (target && figures.*key.member > *target) missed.emplace_back(key.key);
  }
  if (targets.memory_bytes && static_cast<double>(memory.held) > *targets.memory_bytes)
    missed.emplace_back("memory");
  return missed;
}

std::vector<Assessment> assess(const Plan& plan, const Report& progress) {
  const auto draws = draws_of(plan);
  const auto layouts = plan.layouts.size();
  std::vector<Assessment> assessments(layouts);
  std::vector<Figures> figures(layouts * draws.size());
  const auto work = [&](std::size_t number) {
    if (number < layouts) {
      assessments[number].layout = plan.layouts[number];
      assessments[number].value = expected_figures(plan, plan.layouts[number], plan.inputs.value);
      return;
    }
    const auto layout = (number - layouts) / draws.size();
    const auto& [inputs, seed] = draws[(number - layouts) % draws.size()];
    figures[number - layouts] = figures_of(plan, plan.layouts[layout], inputs, seed);
  };
  on_all_cores(figures.size() + layouts, work, progress);
  for (std::size_t layout = 0; layout < layouts; ++layout) {
    put_interval(assessments[layout],
                 std::span(figures).subspan(layout * draws.size(), draws.size()));
    judge(plan, assessments[layout]);
  }
  for (auto& one : assessments) one.pareto = !is_dominated(one, assessments);
  return assessments;
}

}  // namespace ringbench::planner
