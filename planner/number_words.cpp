#include "planner/number_words.hpp"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <span>

namespace ringbench::planner {
namespace {

// Three digits, and no more than there are: 1.50 becomes 1.5.
std::string short_number(double value) {
  return std::abs(value) >= 100 ? fmt::format("{:.0f}", value) : fmt::format("{:.3g}", value);
}

struct Step {
  double size;
  std::string_view word;
};

std::string scaled(double value, std::span<const Step> steps) {
  for (const auto& [size, word] : steps)
    if (std::abs(value) >= size * 0.9995) return short_number(value / size) + std::string(word);
  return short_number(value / steps.back().size) + std::string(steps.back().word);
}

}  // namespace

std::string in_bytes(double bytes) {
  static constexpr std::array<Step, 4> kSteps{{
      {1 << 30, " GiB"},
      {1 << 20, " MiB"},
      {1 << 10, " KiB"},
      {1, " bytes"},
  }};
  return scaled(bytes, kSteps);
}

std::string in_percent(double fraction) {
  return short_number(fraction * 100) + " %";
}

std::string in_count(double count) {
  static constexpr std::array<Step, 4> kSteps{{{1e9, " G"}, {1e6, " M"}, {1e3, " k"}, {1, ""}}};
  return scaled(count, kSteps);
}

std::string in_ns(double ns) {
  static constexpr std::array<Step, 4> kSteps{{
      {1e9, " s"},
      {1e6, " ms"},
      {1e3, " us"},
      {1, " ns"},
  }};
  return scaled(ns, kSteps);
}

std::string in_unit(double value, std::string_view unit) {
  if (unit == "ratio") return in_percent(value);
  if (unit == "bytes") return in_bytes(value);
  if (unit == "ns") return in_ns(value);
  if (unit == "us") return in_ns(value * 1e3);
  if (unit == "records/s") return in_count(value) + " records/s";
  return unit.empty() ? in_count(value) : fmt::format("{} {}", in_count(value), unit);
}

}  // namespace ringbench::planner
