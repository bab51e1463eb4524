// What the trials so far say of each load: which of them count, and the class of a load at each
// level of the search.
#pragma once

#include <map>
#include <optional>
#include <vector>

#include "bench/config/search_settings.hpp"
#include "bench/search/load_classification.hpp"
#include "bench/search/rate_search.hpp"

namespace ringbench {

// One goal of the chain that precedes each target; the last is the target's own.
struct Level {
  double duration_ms = 0;
  double sum_ms = 0;
  double width = 0;
  bool final = false;
};

// Durations and their sums grow by equal ratios, from one trial of the shortest length; widths
// halve. As many levels as the length can double.
std::vector<Level> levels_of(const SearchSettings& settings);

struct Bounds {
  std::optional<double> low, high;

  bool both() const { return low && high; }
  double width() const { return (*high - *low) / *high; }
};

class LoadEvidence {
 public:
  LoadEvidence(const SearchSettings& settings, const std::vector<SearchTrial>& history);

  const std::vector<Level>& levels() const { return levels_; }
  LoadClass class_of(double rate, double target, const Level& level) const;

  // Relevant Upper Bound: the smallest upper bound. Relevant Lower Bound: the largest lower bound
  // below it (RFC 9971).
  Bounds bounds(double target, const Level& level) const;
  std::size_t lower_bounds(double target, const Level& level) const;
  std::size_t upper_bounds(double target, const Level& level) const;

  // Rates with trials, between two others.
  std::vector<double> between(double low, double high) const;

  // Of the trials at a rate and duration: the next repetition's number.
  std::uint64_t repetitions(double rate, double duration_ms) const;

  // How many trials of full length the rule of three still asks for at a rate that has good ones;
  // nothing: none.
  std::optional<double> trials_missing(double rate, double target) const;

  // Whether the load would be an upper bound even if trials whose rate was not offered did not
  // count.
  bool lost_at(double rate, double target) const;
  // Every trial there that was not good was tainted; the reason of one of them.
  std::optional<std::string> only_tainted(double rate, double target) const;
  std::optional<double> conditional_throughput(double rate, double target) const;

 private:
  using Trials = std::vector<const SearchTrial*>;
  const Trials& at(double rate) const;
  Goal goal(double target, const Level& level) const;
  std::size_t count(double target, const Level& level, LoadClass which) const;

  const SearchSettings& settings_;
  std::vector<Level> levels_;
  std::map<double, Trials> by_rate_;  // that count
};

}  // namespace ringbench
