// The floor under every transport: what the machine's own operations cost, measured in the same run
// (the table `limit` of docs/store.md).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "bench/limits/limits_plan.hpp"

namespace ringbench {

struct Limit {
  // timer_pair, xadd, xchg, cmpxchg, release_store, fill, hand_over
  std::string operation;
  std::optional<std::uint64_t> bytes = {};              // of a fill
  std::optional<std::uint64_t> threads = {};            // that hit the same line; 1: uncontended
  std::optional<std::uint64_t> cpu_a = {}, cpu_b = {};  // of a hand-over
  double cycles = 0;                                    // TSC ticks
  friend bool operator==(const Limit&, const Limit&) = default;
};

struct Limits {
  std::vector<Limit> rows;  // without those that the machine was too busy to measure
  std::string failure;      // a sentence; empty: measured
};

// One round, in a process of its own, which interrupts do not reach: it takes about
// expected_seconds(plan), longer where CPUs are busy, and is ended after ten times and 5 s. `hz`:
// of the TSC. Throws std::system_error when there is no process to be had.
Limits measure_limits(const LimitsPlan& plan, double hz);

// The atomics alone, uncontended and most contended: for a line on the screen.
std::string in_words(const Limits& limits);

}  // namespace ringbench
