#include "planner/line_simulation.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <stdexcept>
#include <string_view>

#include "planner/ring_of_lines.hpp"

namespace ringbench::planner {
namespace {

constexpr double kMostCalls = 1e7;

void require(bool holds, std::string_view sentence) {
  if (!holds) throw std::invalid_argument(std::string(sentence));
}

void check(const LinePlan& plan) {
  const auto not_negative = [](double value) { return std::isfinite(value) && value >= 0; };
  require(plan.latencies.cpus() >= (plan.consumes ? 2U : 1U),
          "a simulation of lines needs a producer, and a CPU for the consumer where there is one: "
          "give latencies between more CPUs");
  for (unsigned from = 0; from < plan.latencies.cpus(); ++from) {
    for (unsigned to = 0; to < plan.latencies.cpus(); ++to) {
      require(not_negative(plan.latencies(from, to)), "latencies are nanoseconds, 0 or more");
    }
  }
  for (const double ns : {plan.alone_ns, plan.outside_lock_ns, plan.between_ns, plan.consumer_ns,
                          plan.consumer_poll_ns, plan.cold_ns}) {
    require(not_negative(ns), "the times of a simulation of lines are nanoseconds, 0 or more");
  }
  require(plan.outside_lock_ns <= plan.alone_ns,
          "what a producer does outside the lock is part of what it does alone: outside_lock_ns "
          "must not exceed alone_ns");
  require(plan.record_bytes >= 8 && plan.record_bytes < 0x1p32,
          "a record has 8 bytes at least, its header, and less than 4 GiB");
  require(!plan.per_cpu || plan.latencies.cpus() == (plan.consumes ? 2U : 1U),
          "a buffer of one CPU has one producer");
  require(plan.ring_records >= 1 && plan.ring_records < 0x1p62,
          "a ring must hold one record at least");
  require(not_negative(plan.warm_up_records) && plan.records >= 1 &&
              plan.warm_up_records + plan.records <= kMostCalls,
          "a simulation of lines counts 1 to 10 million calls, warm-up included");
}

double mean(const std::vector<double>& values) {
  if (values.empty()) return 0;
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

// The smallest value that so large a part of them does not exceed; reorders them.
double quantile(std::vector<double>& values, double part) {
  if (values.empty()) return 0;
  const auto place = std::ceil(part * static_cast<double>(values.size()));
  const auto at =
      values.begin() + std::max(static_cast<std::ptrdiff_t>(place) - 1, std::ptrdiff_t{0});
  std::ranges::nth_element(values, at);
  return *at;
}

// ns a record, of all producers together. The order in which they queue up never changes once they
// saturate the lock, and some orders have longer ways than others: the mean over a few.
double saturated_ns(LinePlan plan, double factor) {
  constexpr unsigned kOrders = 4;
  plan.latencies = plan.latencies.scaled(factor);
  plan.lock = LockKind::queued;
  plan.between_ns = 0;
  plan.warm_up_records = 10.0 * plan.latencies.cpus();
  plan.records = 300 + 10.0 * plan.latencies.cpus();
  plan.ring_records = kMostCalls;
  double sum = 0;
  for (std::uint64_t seed = 1; seed <= kOrders; ++seed) {
    sum += 1e9 / simulate_lines(plan, seed).records_per_s;
  }
  return sum / kOrders;
}

}  // namespace

LineResult simulate_lines(const LinePlan& plan, std::uint64_t seed) {
  check(plan);
  RingOfLines ring(plan, seed);
  auto counts = ring.run();
  LineResult result;
  const auto ns = counts.ended - counts.begun;
  const auto records = static_cast<double>(counts.calls - counts.refused);
  result.seconds = ns * 1e-9;
  result.records_per_s = ns > 0 ? records / result.seconds : 0;
  result.refused_fraction = static_cast<double>(counts.refused) / static_cast<double>(counts.calls);
  result.reserve_mean = mean(counts.reserve);
  result.reserve_p50 = quantile(counts.reserve, 0.5);
  result.reserve_p99 = quantile(counts.reserve, 0.99);
  result.event_mean = mean(counts.event);
  result.event_p99 = quantile(counts.event, 0.99);
  result.moves_per_record = records > 0 ? static_cast<double>(counts.moves) / records : 0;
  result.seen_p50 = quantile(counts.seen, 0.5);
  if (counts.consumed > 0)
    result.consumer_busy_ns = counts.consumer_busy / static_cast<double>(counts.consumed);
  result.lock_busy_fraction = ns > 0 ? std::min(counts.held / ns, 1.0) : 0;
  result.line_events = ring.accesses();
  return result;
}

Latencies scaled_to_watched(const LinePlan& plan, double watched_ns) {
  require(std::isfinite(watched_ns) && watched_ns >= 0, "a record takes 0 ns or more");
  check(plan);
  auto watched = plan;
  watched.lock = LockKind::queued;
  watched.per_cpu = false;
  watched.between_ns = 1e4;
  watched.consumer_ns = 0;
  watched.ring_records = kMostCalls;
  watched.warm_up_records = 100;
  watched.records = 1'000;
  const auto ns = [&](double factor) {
    watched.latencies = plan.latencies.scaled(factor);
    return simulate_lines(watched, 1).event_mean;
  };
  const auto free = ns(0);
  if (free >= watched_ns || plan.latencies.mean({0, 1}) <= 0) return plan.latencies;
  double factor = 1;  // the time grows with it, nearly straight
  for (int tries = 0; tries < 4; ++tries) factor *= (watched_ns - free) / (ns(factor) - free);
  return plan.latencies.scaled(factor);
}

Latencies scaled_to(const LinePlan& plan, double moves) {
  require(std::isfinite(moves) && moves > 0, "a record needs more than 0 moves of a line");
  check(plan);
  std::vector<unsigned> producers(plan.latencies.cpus() - (plan.consumes ? 1 : 0));
  std::iota(producers.begin(), producers.end(), 0U);
  const auto wanted = moves * plan.latencies.mean(producers);
  if (wanted <= 0) return plan.latencies;
  // A record's time where moves are free, from which it grows with the factor, nearly straight.
  const auto count = static_cast<double>(producers.size());
  const auto free = std::max(plan.alone_ns - plan.outside_lock_ns, plan.alone_ns / count);
  if (free >= wanted) return plan.latencies.scaled(0);
  double factor = 1;
  for (int tries = 0; tries < 8; ++tries) {
    const auto ns = saturated_ns(plan, factor);
    if (std::abs(ns / wanted - 1) < 0.01) break;
    factor *= (wanted - free) / std::max(ns - free, wanted * 1e-3);
  }
  return plan.latencies.scaled(factor);
}

}  // namespace ringbench::planner
