// Whole trials, short but real: threads, clock, rings.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <optional>
#include <string_view>
#include <variant>

#include "bench/trial/trial_result.hpp"
#include "bench/trial/trial_spec.hpp"
#include "impls/transport.hpp"

namespace ringbench {

// What is checked here must hold however much the machine is disturbed.
inline constexpr NoiseLimits kAnyNoise{.lag_p99_us = 1e12,
                                       .hiccup_share = 1e12,
                                       .steal_share = 1e12,
                                       .switches_per_s = 1e12,
                                       .page_faults = ~std::uint64_t{0},
                                       .frequency_change = 1e12};

const Machine& machine();  // this one

// One producer, whose CPU the consumer shares, so that a machine of one CPU will do.
Cell short_cell(std::string_view transport);

// Resolved, placed on this machine, and given its clock.
std::variant<TrialSpec, Refusal> specified(Cell cell);

// For transports that are driven without a trial.
inline Geometry for_one_producer() {
  Geometry geometry;
  geometry.ring_of = {0};
  return geometry;
}

bool has_option(std::string_view transport, std::string_view key);
std::uint64_t window_sum(const TrialResult& result, std::uint64_t ProducerFacts::*member);

// Runs it in a process of its own. Whoever else wants a CPU of this machine may take a whole
// window, which says nothing of the trial: again, at most 20 times, until every producer had its
// CPU in it.
TrialResult run_awake(const TrialSpec& spec);

// What holds for every trial, whatever was run. The conservation is recomputed here, not taken from
// the accounting's word.
void expect_sound(const TrialSpec& spec, const TrialResult& result);

class WholeTrial : public ::testing::Test {
 protected:
  // Runs one that must be possible here and sound.
  static TrialResult run(const Cell& cell);
  // For what a trial shows only where its threads get their CPUs: runs it again until `good`, at
  // most 20 times. The last one, good or not.
  static TrialResult run_until(const Cell& cell,
                               const std::function<bool(const TrialResult&)>& good) {
    TrialResult result = run(cell);
    for (int again = 1; again < 20 && !good(result); ++again) result = run(cell);
    return result;
  }
  static std::optional<double> value(const char* column, const TrialResult& result);
};

}  // namespace ringbench
