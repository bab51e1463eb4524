// The search for the highest rates that meet the targets, as a function of the trials so far: no
// clock, no machine, no state of its own, so the same trials always lead to the same next one.
//
// In the terms of RFC 9971 (MLRsearch) each target is a Search Goal, and a chain of coarser goals
// precedes it: from single trials of the shortest length and wide intervals to the full duration
// sum in trials of the longest length and the goal width. A target is worked on at the finest level
// that has a lower and an upper bound; when they are close enough there, both are tried at the
// next.
//
// Two things the RFC leaves to the implementation:
// - A drop fraction f above 0 cannot be told from few events: when none of n is dropped, f may
//   still be 3/n (95 %; the rule of three). A load is a lower bound of f only when its good trials
//   of full length hold 3/f events. Until then it is undecided; bad trials need no such number.
// - A trial that is tainted and not good is repeated, up to SearchSettings::retries; what it said
//   before is forgotten then. Noise makes a trial worse and never better, so one that is tainted
//   and good counts as good.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "bench/config/search_settings.hpp"
#include "bench/trial/trial_result.hpp"

namespace ringbench {

// What the search is told of a trial. Rates here are those of one producer, in events a second.
struct SearchTrial {
  double rate = 0;
  double duration_ms = 0;
  std::uint64_t repetition = 0;  // of this rate and duration
  std::uint64_t attempt = 0;     // of this repetition
  Status status = Status::ok;
  std::string reason;    // why it is tainted or failed
  double attempted = 0;  // events in the window, all producers
  double dropped = 0;
  bool offered = true;  // producers kept the rate
  bool kept_up = true;  // the consumer did: what is in the buffers did not grow
};

struct NextTrial {
  double rate = 0;
  double duration_ms = 0;
  std::uint64_t repetition = 0;
  std::uint64_t attempt = 0;
  std::optional<double> target;     // for whose sake; nothing: it repeats the last one
  std::optional<double> low, high;  // between which rates the target is by now
};

// Bounds on the rates that are tried.
struct RateLimits {
  double lowest = 1;
  double highest = std::numeric_limits<double>::max();
  double start = 100'000;
};

enum class Found : std::uint8_t { found, unbounded, noisy };  // docs/store.md, table search
inline constexpr std::array<std::string_view, 3> kFoundNames{"found", "unbounded", "noisy"};

struct TargetResult {
  double target = 0;
  std::optional<double> low;   // Relevant Lower Bound; nothing: no rate met the target
  std::optional<double> high;  // Relevant Upper Bound; nothing: none down to what could be offered
  std::optional<double> conditional;  // Conditional Throughput at `low`
  Found status = Found::noisy;
  std::string reason;  // of anything but found
};

// Nothing: the search is over.
std::optional<NextTrial> next_trial(const SearchSettings& settings, const RateLimits& limits,
                                    const std::vector<SearchTrial>& history);

// In the order of settings.targets. Of a search that is not over, what it knows by now.
std::vector<TargetResult> results_of(const SearchSettings& settings, const RateLimits& limits,
                                     const std::vector<SearchTrial>& history);

}  // namespace ringbench
