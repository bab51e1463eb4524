#include "bench/search/rate_search.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <ranges>

#include "bench/search/load_evidence.hpp"
#include "bench/search/rate_text.hpp"

namespace ringbench {
namespace {

// While nothing is known, rates are tried this far apart.
constexpr double kStride = 4;
// A known rate is as good as the middle of an interval when it leaves this share of it at most.
constexpr double kCentral = 0.7;

// Four digits: close rates become one, whose trials serve every target.
double rounded(double rate) {
  const double unit = std::pow(10.0, std::floor(std::log10(rate)) - 3);
  // The multiplication by 1/unit would not give back the shortest decimal.
  return unit >= 1 ? std::round(rate / unit) * unit
                   : std::round(rate / unit) / std::round(1 / unit);
}

// What a target wants next: a rate at a level, or why it wants nothing.
struct Wish {
  std::optional<double> rate;
  const Level* level = nullptr;
  Bounds known;          // at the finest level that has both
  std::string hopeless;  // it could not be told within the limits
};

class TargetSearch {
 public:
  TargetSearch(const SearchSettings& settings, const RateLimits& limits,
               const LoadEvidence& evidence, double target, std::size_t trials_left)
      : settings_(settings),
        limits_(limits),
        evidence_(evidence),
        target_(target),
        trials_left_(trials_left) {}

  Wish wish() const {
    const auto& levels = evidence_.levels();
    for (std::size_t i = levels.size(); i-- > 0;) {
      const Bounds bounds = evidence_.bounds(target_, levels[i]);
      if (!closed(bounds)) continue;
      if (const auto middle = split(bounds, levels[i])) {
        return hopeful({middle, &levels[i], bounds, {}});
      }
      if (levels[i].final) return {{}, &levels[i], bounds, {}};
      return hopeful({bracket(levels[i + 1], bounds), &levels[i + 1], bounds, {}});
    }
    return open_wish();
  }

 private:
  // Known on both sides, or up to an end of the range that is tried.
  bool closed(const Bounds& bounds) const {
    return bounds.both() || (bounds.low && *bounds.low >= limits_.highest) ||
           (bounds.high && *bounds.high <= limits_.lowest);
  }

  // No level is closed: the finest one that knows anything goes on.
  Wish open_wish() const {
    const auto& levels = evidence_.levels();
    std::size_t i = levels.size() - 1;
    Bounds bounds = evidence_.bounds(target_, levels[i]);
    while (i > 0 && !bounds.low && !bounds.high) {
      bounds = evidence_.bounds(target_, levels[--i]);
    }
    return hopeful({bracket(levels[i], {}), &levels[i], bounds, {}});
  }

  Wish hopeful(Wish wish) const {
    if (!wish.rate || !wish.level->final || target_ == 0) return wish;
    if (evidence_.repetitions(*wish.rate, wish.level->duration_ms) == 0) return wish;
    const auto missing = evidence_.trials_missing(*wish.rate, target_);
    if (!missing || *missing <= static_cast<double>(trials_left_)) return wish;
    wish.hopeless = fmt::format(
        "{} events without a drop are needed to tell a fraction of {}, which at {} a producer are "
        "{:.0f} more trials of {} ms; raise longest_ms or max_trials",
        3 / target_, target_, rate_text(*wish.rate), *missing, wish.level->duration_ms);
    wish.rate.reset();
    return wish;
  }

  // A rate inside the bounds, if they are too far apart.
  std::optional<double> split(const Bounds& bounds, const Level& level) const {
    if (!bounds.both() || bounds.width() <= level.width) return std::nullopt;
    const double middle = rounded(std::sqrt(*bounds.low * *bounds.high));
    if (middle <= *bounds.low || middle >= *bounds.high) return std::nullopt;
    const double reach = std::log(*bounds.high / *bounds.low) * (kCentral - 0.5);
    double best = middle;
    double distance = reach;
    for (const double rate : evidence_.between(*bounds.low, *bounds.high)) {
      if (std::abs(std::log(rate / middle)) > distance) continue;
      distance = std::abs(std::log(rate / middle));
      best = rate;
    }
    return best;
  }

  // The rate that would give the level the bound it lacks: first that of the level before, the
  // smaller load first; then further out.
  std::optional<double> bracket(const Level& level, const Bounds& before) const {
    const Bounds here = evidence_.bounds(target_, level);
    if (here.low && !here.high) {
      if (before.high && *before.high > *here.low) return before.high;
      return further_up(*here.low, level);
    }
    if (here.high && !here.low) {
      if (before.low && *before.low < *here.high) return before.low;
      return further_down(*here.high, level);
    }
    if (before.low) return before.low;
    if (before.high) return before.high;
    return std::clamp(limits_.start, limits_.lowest, limits_.highest);
  }

  bool is_first(const Level& level) const { return &level == &evidence_.levels().front(); }

  // Steps double with each bound that the level has already on this side.
  double stride(const Level& level, std::size_t bounds) const {
    if (is_first(level)) return kStride;
    const double step =
        level.width * std::exp2(static_cast<double>(std::min<std::size_t>(bounds, 8)));
    return std::min(kStride, 1 + step);
  }
  double further_up(double low, const Level& level) const {
    const double up = rounded(low * stride(level, evidence_.lower_bounds(target_, level)));
    return std::min(up, limits_.highest);
  }
  double further_down(double high, const Level& level) const {
    const double down = rounded(high / stride(level, evidence_.upper_bounds(target_, level)));
    return std::max(down, limits_.lowest);
  }

  const SearchSettings& settings_;
  const RateLimits& limits_;
  const LoadEvidence& evidence_;
  double target_;
  std::size_t trials_left_;
};

bool wants_retry(const SearchTrial& last, const SearchSettings& settings) {
  if (last.attempt >= settings.retries || last.status == Status::ok) return false;
  return last.status == Status::failed || last.dropped > 0 || !last.offered || !last.kept_up;
}

// A trial that failed as often as it may: nothing can be told of the cell.
std::string failure(const SearchSettings& settings, const std::vector<SearchTrial>& history) {
  if (history.empty() || history.back().status != Status::failed) return {};
  if (history.back().attempt < settings.retries) return {};
  return fmt::format("the trial at {} a producer failed {} times: {}",
                     rate_text(history.back().rate), history.back().attempt + 1,
                     history.back().reason);
}

std::size_t trials_left(const SearchSettings& settings, std::size_t done) {
  return settings.max_trials > done ? settings.max_trials - done : 0;
}

// Why the rate at the upper end, or its absence, ends the search; status and reason.
void conclude(const SearchSettings& settings, const RateLimits& limits,
              const LoadEvidence& evidence, TargetResult& result) {
  const auto whole = [&](Found status, std::string reason) {
    result.status = status;
    result.reason = std::move(reason);
  };
  if (!result.high) {
    return whole(Found::unbounded, fmt::format("{} a producer is the fastest that may be tried",
                                               rate_text(limits.highest)));
  }
  if (const auto taint = evidence.only_tainted(*result.high, result.target)) {
    return whole(Found::noisy, fmt::format("every trial at {} a producer that did not "
                                           "meet the target was tainted: {}",
                                           rate_text(*result.high), *taint));
  }
  if (!evidence.lost_at(*result.high, result.target)) {
    const double high = *std::exchange(result.high, std::nullopt);
    return whole(Found::unbounded,
                 fmt::format("producers could not offer {} each: more than {} % behind",
                             rate_text(high), settings.offer_tolerance * 100));
  }
  whole(Found::found, result.low ? ""
                                 : fmt::format("{} a producer, the slowest that is tried, was too "
                                               "fast already",
                                               rate_text(limits.lowest)));
}

}  // namespace

std::optional<NextTrial> next_trial(const SearchSettings& settings, const RateLimits& limits,
                                    const std::vector<SearchTrial>& history) {
  if (!failure(settings, history).empty()) return std::nullopt;
  const auto left = trials_left(settings, history.size());
  if (left == 0) return std::nullopt;
  if (!history.empty() && wants_retry(history.back(), settings)) {
    const SearchTrial& last = history.back();
    return NextTrial{last.rate, last.duration_ms, last.repetition, last.attempt + 1, {}, {}, {}};
  }
  const LoadEvidence evidence(settings, history);
  for (const double target : settings.targets | std::views::reverse) {
    const Wish wish = TargetSearch(settings, limits, evidence, target, left).wish();
    if (!wish.rate) continue;
    const double duration_ms = wish.level->duration_ms;
    return NextTrial{
        *wish.rate,     duration_ms,    evidence.repetitions(*wish.rate, duration_ms), 0, target,
        wish.known.low, wish.known.high};
  }
  return std::nullopt;
}

std::vector<TargetResult> results_of(const SearchSettings& settings, const RateLimits& limits,
                                     const std::vector<SearchTrial>& history) {
  const LoadEvidence evidence(settings, history);
  const auto failed = failure(settings, history);
  const auto left = trials_left(settings, history.size());
  std::vector<TargetResult> results;
  for (const double target : settings.targets) {
    const Wish wish = TargetSearch(settings, limits, evidence, target, left).wish();
    Bounds bounds = evidence.bounds(target, evidence.levels().back());
    if (wish.rate && !bounds.both()) bounds = wish.known;
    TargetResult& result = results.emplace_back();
    result.target = target;
    result.low = bounds.low;
    result.high = bounds.high;
    if (bounds.low) result.conditional = evidence.conditional_throughput(*bounds.low, target);
    if (!failed.empty() || !wish.hopeless.empty()) {
      result.reason = failed.empty() ? wish.hopeless : failed;
    } else if (wish.rate) {
      result.reason =
          fmt::format("ended after {} trials, before the interval was narrow", history.size());
    } else {
      conclude(settings, limits, evidence, result);
    }
  }
  return results;
}

}  // namespace ringbench
