// Whole trials, short but real: threads, clock, rings.
#pragma once

#include <string_view>
#include <variant>

#include "bench/trial/trial_result.hpp"
#include "bench/trial/trial_spec.hpp"

namespace ringbench {

const Machine& machine();  // this one

// One producer, whose CPU the consumer shares, so that a machine of one CPU will do.
Cell short_cell(std::string_view transport);

// Resolved, placed on this machine, and given its clock.
std::variant<TrialSpec, Refusal> specified(Cell cell);

bool has_option(std::string_view transport, std::string_view key);
std::uint64_t window_sum(const TrialResult& result, std::uint64_t ProducerFacts::*member);

// What holds for every trial, whatever was run. The conservation is recomputed here, not taken from
// the accounting's word.
void expect_sound(const TrialSpec& spec, const TrialResult& result);

}  // namespace ringbench
