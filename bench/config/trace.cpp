#include "bench/config/trace.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "impls/record_limits.hpp"

namespace ringbench {
namespace {

// Whole microseconds up to here are exact in a double: 2^53, so 285 years from any origin.
constexpr double kLatestUs = 9e15;

std::uint64_t events_before_in_one(const Trace& trace, double us) {
  const auto end = std::ranges::lower_bound(trace.events, us, {}, &TraceEvent::us);
  return static_cast<std::uint64_t>(end - trace.events.begin());
}

struct Columns {
  std::optional<std::size_t> time, size, producer;
};

// Nothing: a value was reported.
std::optional<TraceEvent> read_event(Csv& csv, const Columns& columns) {
  TraceEvent event;
  const auto us = csv.number(*columns.time, 0, kLatestUs);
  bool sound = us.has_value();
  event.us = us.value_or(0);
  if (columns.size) {
    const auto size = csv.integer(*columns.size, kMinRecordSize, kMaxRecordSize);
    event.size = static_cast<std::uint16_t>(size.value_or(0));
    sound = sound && size;
  }
  if (columns.producer) {
    const auto producer = csv.integer(*columns.producer, 0, kMaxProducers - 1);
    event.producer = producer.value_or(0);
    sound = sound && producer;
  }
  return sound ? std::optional(event) : std::nullopt;
}

// From the first event's time; the mean gap of n events is a gap of n - 1.
void settle_times(Trace& trace) {
  const double origin = trace.events.front().us;
  for (auto& event : trace.events) event.us -= origin;
  const auto n = static_cast<double>(trace.events.size());
  trace.period_us = trace.events.back().us * n / (n - 1);
}

void count_columns(Trace& trace) {
  if (trace.has_sizes) {
    trace.smallest_size = std::ranges::min_element(trace.events, {}, &TraceEvent::size)->size;
  }
  if (!trace.names_producers) return;
  std::vector<std::uint64_t> counts(kMaxProducers);
  for (const auto& event : trace.events) {
    trace.most_producer = std::max(trace.most_producer, event.producer);
    trace.busiest_count = std::max(trace.busiest_count, ++counts[event.producer]);
  }
}

}  // namespace

std::uint64_t Trace::events_before(double us) const {
  const double rounds = std::floor(us / period_us);
  return static_cast<std::uint64_t>(rounds) * events.size() +
         events_before_in_one(*this, us - rounds * period_us);
}

std::uint64_t Trace::most_before(double us, std::uint64_t producers) const {
  const auto all = events_before(us);
  if (!names_producers) return (all + producers - 1) / producers;
  return std::min(all, static_cast<std::uint64_t>(std::ceil(us / period_us)) * busiest_count);
}

std::optional<Trace> parse_trace(std::string_view text, CsvProblems& problems) {
  Csv csv(text, problems);
  const Columns columns{csv.require("time_us"), csv.find("size"), csv.find("producer")};
  if (!columns.time) return std::nullopt;
  Trace trace;
  trace.has_sizes = columns.size.has_value();
  trace.names_producers = columns.producer.has_value();
  while (csv.next()) {
    const auto event = read_event(csv, columns);
    if (!event) continue;
    if (!trace.events.empty() && event->us < trace.events.back().us) {
      csv.report(*columns.time,
                 fmt::format("allowed: not before the event above, which is at {}; sort the file "
                             "by time_us",
                             trace.events.back().us));
    }
    trace.events.push_back(*event);
  }
  if (problems.any()) return std::nullopt;
  if (trace.events.empty() || trace.events.back().us == trace.events.front().us) {
    problems.add(csv.line(), "time_us",
                 fmt::format("found {} events at one time; allowed: events at two times at least, "
                             "for a rate follows from them",
                             trace.events.size()));
    return std::nullopt;
  }
  settle_times(trace);
  count_columns(trace);
  return trace;
}

}  // namespace ringbench
