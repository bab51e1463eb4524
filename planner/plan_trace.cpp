#include "planner/plan_trace.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "bench/config/input_files.hpp"
#include "planner/plan_inputs.hpp"

namespace ringbench::planner {
namespace {

// Fine enough for bursts of a fraction of a millisecond, and no finer than a trace can bear.
constexpr double kBinUs = 100;
constexpr double kLeastBins = 10;
constexpr double kMostBins = 20'000;
constexpr double kMostNumbers = 4e6;  // bins times CPUs

double bins_of(double period_us, std::size_t cpus) {
  const double most = std::min(kMostBins, kMostNumbers / static_cast<double>(cpus));
  return std::clamp(std::round(period_us / kBinUs), kLeastBins, most);
}

// Producer n of the trace is the plan's n-th CPU; where it names none, all CPUs share each record.
Trace binned(const ringbench::Trace& events, std::size_t cpus) {
  const double bins = bins_of(events.period_us, cpus);
  const double bin_us = events.period_us / bins;
  Trace trace;
  trace.bin_s = bin_us * 1e-6;
  trace.rates.assign(static_cast<std::size_t>(bins), std::vector<double>(cpus, 0));
  const double one = 1 / trace.bin_s;
  for (const auto& event : events.events) {
    const auto bin = static_cast<std::size_t>(std::min(event.us / bin_us, bins - 1));
    auto& rates = trace.rates[bin];
    if (events.names_producers) {
      rates[event.producer] += one;
    } else {
      for (double& rate : rates) rate += one / static_cast<double>(cpus);
    }
  }
  return trace;
}

// So that as many of them fill a ring: the kernel rounds each up to 8 bytes.
double mean_size(const ringbench::Trace& events) {
  double bytes = 0;
  for (const auto& event : events.events) bytes += std::ceil(event.size / 8.0) * 8;
  return bytes / static_cast<double>(events.events.size());
}

void set_exactly(Plan& plan, std::string_view key, double value) {
  set_input(plan, key, {value, value, value}, Origin::stated);
}

}  // namespace

void read_trace(Statements& statements, Plan& plan) {
  const auto* stated = statements.find("source.trace");
  if (stated == nullptr) return;
  const auto path = statements.text("source.trace");
  if (!path || plan.cpus.empty()) return;
  InputFiles files(stated->folder.string(), {});
  const auto events = files.trace(
      *path, [&](const std::string& sentence) { statements.reject("source.trace", sentence); });
  if (!events) return;
  const auto cpus = plan.cpus.size();
  if ((*events)->names_producers && (*events)->most_producer >= cpus) {
    statements.reject(
        "source.trace",
        fmt::format("found producer {}; allowed: producers below {}, for so many CPUs "
                    "send",
                    (*events)->most_producer, cpus));
    return;
  }
  plan.trace = binned(**events, cpus);
  const auto count = static_cast<double>((*events)->events.size());
  set_exactly(plan, "source.rate_per_cpu",
              count / ((*events)->period_us * 1e-6) / static_cast<double>(cpus));
  if ((*events)->has_sizes) set_exactly(plan, "source.record_size", mean_size(**events));
}

}  // namespace ringbench::planner
