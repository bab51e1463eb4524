#include "bench/search/load_evidence.hpp"

#include <algorithm>
#include <cmath>

namespace ringbench {
namespace {

// No drop among n events leaves 95 % confidence that the fraction is below 3/n: (1 - f)^n = 0.05.
constexpr double kRuleOfThree = 3;

// Lost more than the target allows, or is about to.
bool lost(const SearchTrial& trial, double target) {
  return trial.dropped > target * trial.attempted || !trial.kept_up;
}

bool is_good(const SearchTrial& trial, double target) {
  return trial.offered && !lost(trial, target);
}

bool is_same_repetition(const SearchTrial& a, const SearchTrial& b) {
  return a.rate == b.rate && a.duration_ms == b.duration_ms && a.repetition == b.repetition;
}

bool counts(const SearchTrial& trial, const std::vector<SearchTrial>& history) {
  if (trial.status == Status::failed) return false;
  return std::ranges::none_of(history, [&](const SearchTrial& other) {
    return is_same_repetition(trial, other) && other.attempt > trial.attempt;
  });
}

void add(DurationSums& sums, const SearchTrial& trial, bool good, double final_ms) {
  const bool is_long = trial.duration_ms >= final_ms;
  double& sum = good ? (is_long ? sums.good_long : sums.good_short)
                     : (is_long ? sums.bad_long : sums.bad_short);
  sum += trial.duration_ms;
}

double rounded_ms(double duration) {
  return std::round(duration * 10) / 10;
}

}  // namespace

std::vector<Level> levels_of(const SearchSettings& settings) {
  const auto steps = static_cast<unsigned>(
      std::lround(std::log2(std::max(1.0, settings.longest_ms / settings.shortest_ms))));
  std::vector<Level> levels;
  for (unsigned step = 0; step <= steps; ++step) {
    const bool final = step == steps;
    const double share = final ? 1 : static_cast<double>(step) / steps;
    const auto grown = [&](double to) {
      return final ? to
                   : rounded_ms(settings.shortest_ms * std::pow(to / settings.shortest_ms, share));
    };
    levels.push_back({grown(settings.longest_ms), grown(settings.sum_ms),
                      std::min(0.5, std::ldexp(settings.width, static_cast<int>(steps - step))),
                      final});
  }
  return levels;
}

LoadEvidence::LoadEvidence(const SearchSettings& settings, const std::vector<SearchTrial>& history)
    : settings_(settings), levels_(levels_of(settings)) {
  for (const auto& trial : history) {
    if (counts(trial, history)) by_rate_[trial.rate].push_back(&trial);
  }
}

const LoadEvidence::Trials& LoadEvidence::at(double rate) const {
  static const Trials none;
  const auto found = by_rate_.find(rate);
  return found == by_rate_.end() ? none : found->second;
}

Goal LoadEvidence::goal(double target, const Level& level) const {
  return {target, level.duration_ms, level.sum_ms, settings_.bad_share};
}

LoadClass LoadEvidence::class_of(double rate, double target, const Level& level) const {
  DurationSums sums;
  for (const auto* trial : at(rate)) add(sums, *trial, is_good(*trial, target), level.duration_ms);
  const auto found = classify(goal(target, level), sums);
  const bool too_few = found == LoadClass::lower_bound && level.final && target > 0 &&
                       trials_missing(rate, target).has_value();
  return too_few ? LoadClass::undecided : found;
}

Bounds LoadEvidence::bounds(double target, const Level& level) const {
  Bounds bounds;
  for (const auto& [rate, trials] : by_rate_) {
    const auto found = class_of(rate, target, level);
    if (found == LoadClass::lower_bound) bounds.low = rate;
    if (found == LoadClass::upper_bound) {
      bounds.high = rate;
      break;
    }
  }
  return bounds;
}

std::size_t LoadEvidence::count(double target, const Level& level, LoadClass which) const {
  return static_cast<std::size_t>(std::ranges::count_if(
      by_rate_, [&](const auto& entry) { return class_of(entry.first, target, level) == which; }));
}
std::size_t LoadEvidence::lower_bounds(double target, const Level& level) const {
  return count(target, level, LoadClass::lower_bound);
}
std::size_t LoadEvidence::upper_bounds(double target, const Level& level) const {
  return count(target, level, LoadClass::upper_bound);
}

std::vector<double> LoadEvidence::between(double low, double high) const {
  std::vector<double> rates;
  for (auto it = by_rate_.upper_bound(low); it != by_rate_.end() && it->first < high; ++it) {
    rates.push_back(it->first);
  }
  return rates;
}

std::uint64_t LoadEvidence::repetitions(double rate, double duration_ms) const {
  return static_cast<std::uint64_t>(
      std::ranges::count(at(rate), duration_ms, &SearchTrial::duration_ms));
}

std::optional<double> LoadEvidence::trials_missing(double rate, double target) const {
  const Level& final = levels_.back();
  double events = 0, duration = 0, good_events = 0;
  bool any_good = false;
  for (const auto* trial : at(rate)) {
    events += trial->attempted;
    duration += trial->duration_ms;
    if (trial->duration_ms < final.duration_ms || !is_good(*trial, target)) continue;
    any_good = true;
    good_events += trial->attempted;
  }
  const double missing = kRuleOfThree / target - good_events;
  if (target == 0 || !any_good || missing <= 0) return std::nullopt;
  return std::ceil(missing / std::max(1.0, events / duration * final.duration_ms));
}

bool LoadEvidence::lost_at(double rate, double target) const {
  const Level& final = levels_.back();
  DurationSums sums;
  for (const auto* trial : at(rate)) {
    const bool too_much = lost(*trial, target);
    if (too_much || trial->offered) add(sums, *trial, !too_much, final.duration_ms);
  }
  return classify(goal(target, final), sums) == LoadClass::upper_bound;
}

std::optional<std::string> LoadEvidence::only_tainted(double rate, double target) const {
  std::optional<std::string> reason;
  for (const auto* trial : at(rate)) {
    if (is_good(*trial, target)) continue;
    if (trial->status != Status::tainted) return std::nullopt;
    reason = trial->reason;
  }
  return reason;
}

std::optional<double> LoadEvidence::conditional_throughput(double rate, double target) const {
  const Level& final = levels_.back();
  std::vector<LongTrial> trials;
  for (const auto* trial : at(rate)) {
    if (trial->duration_ms < final.duration_ms || trial->attempted == 0) continue;
    trials.push_back({trial->dropped / trial->attempted, trial->duration_ms});
  }
  if (trials.empty()) return std::nullopt;
  return rate * (1 - quantile_loss_ratio(goal(target, final), std::move(trials)));
}

}  // namespace ringbench
