#include "bench/run/listing.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "bench/config/options.hpp"
#include "bench/config/parameters.hpp"
#include "bench/trial/columns.hpp"
#include "impls/list.hpp"

namespace ringbench {
namespace {

std::string range_of(const OptionSpec& spec) {
  if (!spec.allowed.empty()) return fmt::format("{}", fmt::join(spec.allowed, " | "));
  return fmt::format("{} .. {}", spec.min, spec.max);
}

}  // namespace

std::string list_transports() {
  std::size_t width = 0;
  for (const Row* row : transports()) width = std::max(width, row->name.size());
  std::string text;
  for (const Row* row : transports()) {
    const auto why_not = row->unavailable();
    text += fmt::format("{:<{}} {}{}\n", row->name, width, row->summary,
                        why_not.empty() ? "" : "\n           not available: " + why_not);
    for (const auto& spec : row->options) {
      const auto scope = scope_of(spec);
      text +=
          fmt::format("           {} = {} [{}]: {}{}\n", spec.key, spec.fallback, range_of(spec),
                      spec.summary, scope.empty() ? "" : fmt::format(" (with {})", scope));
    }
  }
  return text;
}

std::string list_keys() {
  std::string text;
  for (const auto& parameter : parameters()) {
    text += fmt::format("{:<16} {}; default {}: {}{}\n", parameter.key, allowed_of(parameter),
                        default_of(parameter), parameter.summary,
                        parameter.scope.empty() ? "" : fmt::format(" ({})", parameter.scope));
  }
  return text;
}

std::string list_metrics() {
  std::string text;
  for (const auto& column : columns()) {
    text += fmt::format("{:<24} {:<8} {}\n", column.name, column.unit, column.meaning);
  }
  return text;
}

}  // namespace ringbench
