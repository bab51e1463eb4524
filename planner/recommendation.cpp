#include "planner/recommendation.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <tuple>

#include "planner/number_words.hpp"
#include "planner/sizes.hpp"

namespace ringbench::planner {
namespace {

constexpr double kCheapReserve = 1000;  // ns; of a reserve that is dearer, each power of two counts

// The order of preference among feasible layouts; less is better.
auto preference(const Plan& plan, const Assessment& one) {
  const auto loss =
      plan.targets.drop_fraction ? 0 : std::round(one.value.drop_fraction / kSameLoss);
  const auto reserve =
      plan.targets.reserve_p99_ns
          ? 0
          : std::max(0.0, std::ceil(std::log2(one.value.reserve_p99_ns / kCheapReserve)));
  return std::tuple(!one.missed.empty(), !one.unsure.empty(), loss, reserve, one.memory.held,
                    one.layout.rings, one.layout.consumers);
}

std::string and_figures(const Assessment& one) {
  const auto& [value, low, high] = std::tie(one.value, one.low, one.high);
  return fmt::format(
      "it loses {} of the records ({} to {}), 99 of 100 reserves take at most {} ({} to {}), 99 of "
      "100 records are read within {}, and it takes {} of memory",
      in_percent(value.drop_fraction), in_percent(low.drop_fraction),
      in_percent(high.drop_fraction), in_ns(value.reserve_p99_ns), in_ns(low.reserve_p99_ns),
      in_ns(high.reserve_p99_ns), in_ns(value.delay_p99_us * 1e3),
      in_bytes(static_cast<double>(one.memory.held)));
}

// "records lost: 12 % where 1 % is wanted"
std::string missed_words(const Plan& plan, const Assessment& one, const std::string& key,
                         const Figures& figures) {
  if (key == "memory")
    return fmt::format("memory: {} where {} are wanted",
                       in_bytes(static_cast<double>(one.memory.held)),
                       in_bytes(*plan.targets.memory_bytes));
  for (const auto& figure : figure_keys())
    if (figure.key == key)
      return fmt::format("{}: {} where at most {} is wanted", figure.words,
                         in_unit(figures.*figure.member, figure.unit),
                         in_unit(*(plan.targets.*figure.target), figure.unit));
  return key;
}

std::string missed_words(const Plan& plan, const Assessment& one,
                         const std::vector<std::string>& keys, const Figures& figures) {
  std::vector<std::string> words;
  for (const auto& key : keys) words.push_back(missed_words(plan, one, key, figures));
  return fmt::format("{}", fmt::join(words, "; "));
}

std::string why_recommended(const Plan& plan, const std::vector<Assessment>& all,
                            const Assessment& best) {
  const auto feasible = std::count_if(all.begin(), all.end(),
                                      [](const Assessment& one) { return one.missed.empty(); });
  auto why =
      has_targets(plan.targets)
          ? fmt::format("{} of {} layouts meet{} every target. Of these {} is taken: ", feasible,
                        all.size(), feasible == 1 ? "s" : "", best.layout.name)
          : fmt::format("No target is stated. Of {} layouts {} is taken: ", all.size(),
                        best.layout.name);
  why += and_figures(best) + ".";
  if (!best.unsure.empty())
    why +=
        fmt::format(" It is not sure to meet its targets: at the far end of what is not known, {}.",
                    missed_words(plan, best, best.unsure, best.high));
  return why;
}

std::string why_nearest(const Plan& plan, const std::vector<Assessment>& all,
                        const Assessment& nearest) {
  return fmt::format(
      "None of {} layouts meets every target. {} comes nearest: {}. Otherwise: {}. Allow what it "
      "misses, or change what is named below.",
      all.size(), nearest.layout.name, missed_words(plan, nearest, nearest.missed, nearest.value),
      and_figures(nearest));
}

// Of the layout that is looked at, and of sizes that the kernel does not take.
std::vector<std::string> remarks_of(const Plan& plan, const std::vector<Assessment>& all,
                                    const Assessment& one) {
  std::vector<std::string> remarks;
  const auto use = heaviest_lock_use(plan, one.layout);
  if (use > 1)
    remarks.push_back(fmt::format(
        "At most {} of what a ring's lock can take is asked of it: producers then wait, a burst "
        "lasts longer than stated, and fewer records are lost in it than these figures say.",
        in_percent(use)));
  for (const auto& any : all)
    if (settable_bytes(any.layout) != any.layout.ring_bytes)
      remarks.push_back(fmt::format(
          "{}: the kernel takes powers of two of pages and would make {} of each ring. Losses are "
          "those of the size that is stated, memory is what the kernel takes.",
          any.layout.name, text_of_bytes(settable_bytes(any.layout))));
  return remarks;
}

}  // namespace

double distance(const Targets& targets, const Figures& figures, const Memory& memory) {
  double sum = 0;
  const auto add = [&](double value, double target, double least) {
    if (value > target) sum += std::log((value + least) / (target + least));
  };
  for (const auto& key : figure_keys()) {
    if (key.target == nullptr || !(targets.*key.target)) continue;
    add(figures.*key.member, *(targets.*key.target), key.unit == "ratio" ? 1e-4 : 1);
  }
  if (targets.memory_bytes) add(static_cast<double>(memory.held), *targets.memory_bytes, 4096);
  return sum;
}

bool has_targets(const Targets& targets) {
  return targets.drop_fraction || targets.reserve_p99_ns || targets.delay_p99_us ||
         targets.reordered_ratio || targets.reorder_extent || targets.memory_bytes;
}

std::size_t choice_of(const Plan& plan, const std::vector<Assessment>& assessments) {
  std::size_t best = 0, nearest = 0;
  for (std::size_t i = 1; i < assessments.size(); ++i) {
    if (preference(plan, assessments[i]) < preference(plan, assessments[best])) best = i;
    const auto far = [&](std::size_t which) {
      return distance(plan.targets, assessments[which].value, assessments[which].memory);
    };
    if (far(i) < far(nearest)) nearest = i;
  }
  return assessments[best].missed.empty() ? best : nearest;
}

Recommendation recommend(const Plan& plan, const std::vector<Assessment>& assessments) {
  Recommendation recommendation;
  const auto choice = choice_of(plan, assessments);
  const auto& one = assessments[choice];
  if (one.missed.empty()) {
    recommendation.recommended = choice;
    recommendation.why = why_recommended(plan, assessments, one);
  } else {
    recommendation.nearest = choice;
    recommendation.why = why_nearest(plan, assessments, one);
  }
  recommendation.changes = changes_of(plan, one.layout, one.value);
  recommendation.decisive = decisive_input(plan, one.layout);
  recommendation.remarks = remarks_of(plan, assessments, one);
  return recommendation;
}

}  // namespace ringbench::planner
