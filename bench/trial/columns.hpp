// The metrics of a trial as data: heading, unit, meaning and how each is made from the result.
// Screen, store, benchmark counters and documentation share this list.
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "bench/trial/trial_result.hpp"

namespace ringbench {

struct Column {
  std::string_view name;  // ends in its unit where it has one
  std::string_view unit;  // empty: a count or a fraction
  std::string_view meaning;
  std::optional<double> (*value)(
      const TrialResult&);  // nothing: does not apply, or was not measured
};

std::span<const Column> columns();
const Column& find_column(std::string_view name);  // which must exist

// Cost of one event to its producer, in cycles, amortised where producers saturate and else the
// median of the timed ones: decides when a cell has been repeated often enough, and is what Google
// Benchmark shows as time.
std::optional<double> headline(const TrialResult& result);

}  // namespace ringbench
