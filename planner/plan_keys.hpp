// The numbers that a plan may state, as data: reading, --what-if, the draws, the sensitivity and
// docs/planning.md go by this one list.
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "planner/inputs.hpp"

namespace ringbench::planner {

struct InputKey {
  std::string_view key;  // dotted: "source.rate_per_cpu"
  double Inputs::*member;
  std::string_view unit;  // "records/s", "ns", "us", "bytes", "CPUs"; empty: a ratio or a count
  std::string_view summary;
  double min = 0, max = 0;              // that a file may state, both allowed
  std::optional<Uncertain> fallback{};  // what is assumed where neither plan nor calibration tells
  std::string_view settled_by{};        // the measurement that would settle it
};

std::span<const InputKey> input_keys();
const InputKey* find_input_key(std::string_view key);

}  // namespace ringbench::planner
