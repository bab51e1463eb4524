// Arrivals that were recorded: a CSV of time stamps and sizes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "bench/config/csv.hpp"

namespace ringbench {

struct TraceEvent {
  double us = 0;               // after the trace's first event; ascending
  std::uint32_t producer = 0;  // meaningful with Trace::names_producers
  std::uint16_t size = 0;      // bytes; meaningful with Trace::has_sizes
};

// A trace stands for an endless one: after its last event, and a gap as long as its mean one, it
// begins again.
struct Trace {
  std::vector<TraceEvent> events;  // at least two, not all at the same time
  bool has_sizes = false;
  bool names_producers = false;
  double period_us = 0;
  // Of the events, all 0 without the column that says it.
  std::uint32_t most_producer = 0;  // largest number
  std::uint64_t busiest_count = 0;  // events of the producer that has most
  std::uint16_t smallest_size = 0;

  // Events of the endless trace that are due before this time.
  std::uint64_t events_before(double us) const;
  // As many or more than the busiest of so many producers has before this time.
  std::uint64_t most_before(double us, std::uint64_t producers) const;
};

// Columns `time_us` (0 to 9e15, microseconds, ascending, from any origin) and, if the file has
// them, `size` (kMinRecordSize to kMaxRecordSize bytes) and `producer` (from 0, below
// kMaxProducers). Nothing: `problems` says why.
std::optional<Trace> parse_trace(std::string_view text, CsvProblems& problems);

}  // namespace ringbench
