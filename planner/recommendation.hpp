// Which layout to take, why, what to change first, and what one would have to measure to be sure.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "planner/assessment.hpp"

namespace ringbench::planner {

inline constexpr double kSameLoss =
    0.001;  // a tenth of a point: layouts that differ by less lose alike

// Something that one could change, alone, and what it does to the layout that is looked at; where
// smaller records make another layout the better choice, what both do together.
struct Change {
  std::string words;  // "twice the memory"
  std::string key;    // of plan_keys.hpp, or layout.ring_bytes, .consumers, .cpus_per_ring
  double from = 0, to = 0;
  Figures before, after;
};

// The input whose uncertainty moves the figures of the layout that is looked at most.
struct Decisive {
  std::string key;
  std::string words;        // a sentence, with the figure and how far it moves
  std::string measurement;  // that would settle it
};

struct Recommendation {
  // Feasible layouts come first, those that are surely so before others; then, coarsely, fewer
  // records lost and a cheaper reserve where no target says what is enough; then less memory; then
  // fewer rings, and fewer threads. `nearest` in its place where none is feasible: the least far
  // from the targets.
  std::optional<std::size_t> recommended, nearest;  // of the assessments
  std::string why;
  std::vector<Change> changes;  // what costs nothing first, then what makes most better
  std::optional<Decisive> decisive;
  std::vector<std::string> remarks;

  std::size_t looked_at() const { return recommended ? *recommended : *nearest; }
};

// `assessments`: of all layouts of the plan, at least one.
Recommendation recommend(const Plan& plan, const std::vector<Assessment>& assessments);

// How far figures are from the targets: 0 where all are met, else the sum of the logarithms of how
// many times too large each is.
double distance(const Targets& targets, const Figures& figures, const Memory& memory);

bool has_targets(const Targets& targets);

// The recommended one of the assessments; where none meets the targets, the nearest to them.
std::size_t choice_of(const Plan& plan, const std::vector<Assessment>& assessments);

std::vector<Change> changes_of(const Plan& plan, const Layout& layout, const Figures& before);
std::optional<Decisive> decisive_input(const Plan& plan, const Layout& layout);

}  // namespace ringbench::planner
