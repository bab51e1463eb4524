#include "bench/config/options.hpp"

#include <algorithm>
#include <span>
#include <string>

namespace ringbench {
namespace {

bool holds(const Condition& condition, const Options& options) {
  const auto other = options.find(condition.option);
  return other == options.end() || std::ranges::count(condition.values, other->second) != 0;
}

}  // namespace

bool has_meaning(const OptionSpec& spec, const Options& options) {
  return std::ranges::all_of(spec.when, [&](const Condition& c) { return holds(c, options); });
}

std::string scope_of(const OptionSpec& spec) {
  std::string scope;
  for (const auto& condition : spec.when) {
    if (condition.option.empty()) continue;
    if (!scope.empty()) scope += " and ";
    scope += std::string(condition.option) + " = " + std::string(condition.values[0]);
    for (const auto value : std::span(condition.values).subspan(1)) {
      if (!value.empty()) scope += " or " + std::string(value);
    }
  }
  return scope;
}

void resolve_options(const Row& row, Options& options) {
  for (const auto& spec : row.options) {
    if (!options.contains(spec.key)) options.emplace(spec.key, spec.fallback);
  }
  for (const auto& spec : row.options) {
    if (has_meaning(spec, options)) continue;
    options.find(spec.key)->second = spec.idle.empty() ? spec.fallback : spec.idle;
  }
}

}  // namespace ringbench
