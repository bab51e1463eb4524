#include "bench/limits/limits.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <nlohmann/json.hpp>

#include "bench/limits/atomics.hpp"
#include "bench/limits/fill.hpp"
#include "bench/limits/hand_over.hpp"
#include "bench/trial/child_process.hpp"
#include "topology/affinity.hpp"
#include "topology/clock.hpp"

namespace ringbench {
namespace {

using nlohmann::json;

json or_null(const std::optional<std::uint64_t>& value) {
  return value ? json(*value) : json(nullptr);
}
std::optional<std::uint64_t> from_null(const json& value) {
  return value.is_null() ? std::nullopt : std::optional(value.get<std::uint64_t>());
}

json to_json(const Limit& limit) {
  return {limit.operation,      or_null(limit.bytes), or_null(limit.threads),
          or_null(limit.cpu_a), or_null(limit.cpu_b), limit.cycles};
}
Limit limit_from(const json& row) {
  return {row.at(0).get<std::string>(), from_null(row.at(1)), from_null(row.at(2)),
          from_null(row.at(3)),         from_null(row.at(4)), row.at(5).get<double>()};
}

Bytes to_bytes(const Limits& limits) {
  json rows = json::array();
  for (const auto& limit : limits.rows) rows.push_back(to_json(limit));
  return json::to_cbor(json{{"rows", rows}, {"failure", limits.failure}});
}
Limits from_bytes(const Bytes& bytes) {
  const json found = json::from_cbor(bytes);
  Limits limits;
  for (const auto& row : found.at("rows")) limits.rows.push_back(limit_from(row));
  limits.failure = found.at("failure").get<std::string>();
  return limits;
}

class Collector {
 public:
  // Adds a row, unless the CPUs are busy with something else each time.
  template <class Measure>
  void add(Limit limit, Measure measure) {
    constexpr int kAttempts = 3;
    for (int attempt = 0; attempt < kAttempts; ++attempt) {
      const std::optional<double> cycles = measure();
      if (!cycles) continue;
      limit.cycles = *cycles;
      return limits.rows.push_back(std::move(limit));
    }
  }
  Limits limits;
};

void measure_alone(unsigned cpu, std::uint64_t for_ticks, Collector& found) {
  pin_to(cpu);
  found.add({.operation = "timer_pair"},
            [] { return std::optional(static_cast<double>(empty_timer_pair())); });
  for (const auto bytes : kFillBytes) {
    found.add({.operation = "fill", .bytes = bytes},
              [&] { return cost_of_fill(bytes, for_ticks); });
  }
}

void measure_atomics(const std::vector<unsigned>& cpus, std::uint64_t for_ticks, Collector& found) {
  for (std::size_t i = 0; i < kAtomicNames.size(); ++i) {
    found.add({.operation = std::string(kAtomicNames[i]), .threads = cpus.size()},
              [&] { return cost_of(static_cast<Atomic>(i), cpus, for_ticks); });
  }
}

Limits measure_here(const LimitsPlan& plan, double hz) {
  const auto for_ticks = static_cast<std::uint64_t>(kSecondsPerLimit * hz);
  Collector found;
  measure_alone(plan.sharing.front().front(), for_ticks, found);
  for (const auto& cpus : plan.sharing) measure_atomics(cpus, for_ticks, found);
  for (const auto& [a, b] : plan.pairs) {
    found.add({.operation = "hand_over", .cpu_a = a, .cpu_b = b},
              [&, a = a, b = b] { return hand_over(a, b, for_ticks); });
  }
  return found.limits;
}

std::string words_of(const Limit& limit) {
  const auto where = limit.threads.value_or(1) > 1 ? fmt::format(" ({} CPUs)", *limit.threads) : "";
  return fmt::format("{}{} {:.3g}", limit.operation, where, limit.cycles);
}

}  // namespace

Limits measure_limits(const LimitsPlan& plan, double hz) {
  const auto work = [&] {
    try {
      return to_bytes(measure_here(plan, hz));
    } catch (const std::exception& error) {
      return to_bytes({{}, error.what()});
    }
  };
  const auto answer = run_in_child(work, 10 * expected_seconds(plan) + 5);
  if (answer.failure.empty()) return from_bytes(answer.bytes);
  return {{}, "the process that measured them " + answer.failure};
}

std::string in_words(const Limits& limits) {
  if (!limits.failure.empty()) return "not measured: " + limits.failure;
  std::uint64_t most = 1;
  for (const auto& limit : limits.rows) most = std::max(most, limit.threads.value_or(1));
  std::string text;
  for (const auto& limit : limits.rows) {
    if (!limit.threads || (*limit.threads != 1 && *limit.threads != most)) continue;
    text += (text.empty() ? "" : ", ") + words_of(limit);
  }
  return text + " cycles";
}

}  // namespace ringbench
