#include "bench/trial/noise.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <vector>

#include "bench/trial/plans.hpp"

namespace ringbench {
namespace {

using Reasons = std::vector<std::string>;

bool shares_cpu(const TrialRecord& record, const ThreadFacts& thread) {
  return cpu_is_shared(record.spec.placement, thread.cpu_wanted);
}

// The thread with the largest value among those that have a CPU of their own; nullptr: none has.
template <class Value>
const ThreadFacts* worst(const TrialRecord& record, Value value) {
  const ThreadFacts* found = nullptr;
  for (const auto& thread : record.threads) {
    if (shares_cpu(record, thread)) continue;
    if (found == nullptr || value(thread) > value(*found)) found = &thread;
  }
  return found;
}

std::string name_of(const ThreadFacts& thread) {
  return fmt::format("{} {} on CPU {}", thread.role, thread.number, thread.cpu_wanted);
}

void check_lag(const TrialRecord& record, Reasons& reasons) {
  Histogram lag;
  for (std::size_t p = 0; p < record.producers.size(); ++p) {
    if (cpu_is_shared(record.spec.placement, record.spec.placement.producer_cpus[p])) continue;
    lag.merge(record.producers[p].log.lag_ticks);
  }
  if (lag.count() == 0) return;
  const double us = lag.percentile(0.99) / record.spec.clock.hz * 1e6;
  const double limit = record.spec.noise.lag_p99_us;
  if (us <= limit) return;
  reasons.push_back(fmt::format(
      "lag: events were sent late, by {:.1f} us at the 99th percentile (limit {} us)", us, limit));
}

void check_hiccups(const TrialRecord& record, const TrialResult& result, Reasons& reasons) {
  const auto share = [&](const ThreadFacts& thread) {
    return thread.hiccup_us * 1e-6 / result.window_s;
  };
  const auto* thread = worst(record, share);
  const double limit = record.spec.noise.hiccup_share;
  if (thread == nullptr || share(*thread) <= limit) return;
  reasons.push_back(fmt::format(
      "hiccups: {} lost {:.1f} % of the window in {} gaps of up to {:.0f} us (limit {:.1f} %)",
      name_of(*thread), 100 * share(*thread), thread->hiccups, thread->hiccup_us_max, 100 * limit));
}

void check_steal(const TrialRecord& record, const TrialResult& result, Reasons& reasons) {
  const double limit = record.spec.noise.steal_share;
  if (result.steal_share <= limit) return;
  reasons.push_back(
      fmt::format("steal: the hypervisor took {:.1f} % of the time of the CPUs (limit {:.1f} %)",
                  100 * result.steal_share, 100 * limit));
}

void check_switches(const TrialRecord& record, const TrialResult& result, Reasons& reasons) {
  const auto* thread =
      worst(record, [](const ThreadFacts& facts) { return facts.involuntary_switches; });
  // One is no rate.
  if (thread == nullptr || thread->involuntary_switches < 2) return;
  const double rate = static_cast<double>(thread->involuntary_switches) / result.window_s;
  const double limit = record.spec.noise.switches_per_s;
  if (rate <= limit) return;
  reasons.push_back(fmt::format(
      "switches: {} was taken off its CPU {} times, {:.0f} a second (limit {} a second)",
      name_of(*thread), thread->involuntary_switches, rate, limit));
}

void check_page_faults(const TrialRecord& record, Reasons& reasons) {
  const auto count = [](const ThreadFacts& facts) { return facts.page_faults; };
  const auto thread = std::ranges::max_element(record.threads, {}, count);
  if (thread == record.threads.end() || thread->page_faults <= record.spec.noise.page_faults)
    return;
  reasons.push_back(fmt::format("page faults: {} had {} in the window (limit {})", name_of(*thread),
                                thread->page_faults, record.spec.noise.page_faults));
}

void check_migrations(const TrialRecord& record, Reasons& reasons) {
  for (const auto& thread : record.threads) {
    if (thread.migrations == 0) continue;
    return reasons.push_back(
        fmt::format("migration: {} was found on CPU {}", name_of(thread), thread.cpu_found));
  }
}

void check_frequency(const TrialRecord& record, const TrialResult& result, Reasons& reasons) {
  const double limit = record.spec.noise.frequency_change;
  if (result.frequency_change.value_or(0) <= limit) return;
  reasons.push_back(
      fmt::format("frequency: a CPU's clock changed by {:.1f} % in the window (limit {:.1f} %)",
                  100 * *result.frequency_change, 100 * limit));
}

}  // namespace

std::string noise(const TrialRecord& record, const TrialResult& result) {
  Reasons reasons;
  check_steal(record, result, reasons);
  check_migrations(record, reasons);
  check_hiccups(record, result, reasons);
  check_switches(record, result, reasons);
  check_page_faults(record, reasons);
  check_frequency(record, result, reasons);
  check_lag(record, reasons);
  return fmt::format("{}", fmt::join(reasons, "; "));
}

}  // namespace ringbench
