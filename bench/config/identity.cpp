// What a cell is called, and the hash that makes it the same cell on every machine.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "bench/config/fingerprint.hpp"
#include "bench/config/options.hpp"
#include "bench/config/parameters.hpp"
#include "impls/list.hpp"

namespace ringbench {
namespace {

constexpr std::array<std::string_view, 3> kAlwaysNamed{"producers", "bytes", "record_size"};

bool always_named(const Parameter& parameter) {
  return std::find(kAlwaysNamed.begin(), kAlwaysNamed.end(), parameter.key) != kAlwaysNamed.end();
}

void append_options(const Cell& cell, std::string& name) {
  const Row* row = find_transport(cell.transport);
  if (row == nullptr) return;
  for (const auto& spec : row->options) {
    const auto found = cell.options.find(spec.key);
    if (found == cell.options.end() || found->second == spec.fallback) continue;
    if (has_meaning(spec, cell.options)) name += fmt::format("/{}:{}", spec.key, found->second);
  }
}

bool is_unsaid(const Cell& cell, std::string_view key, std::string_view value) {
  const Row* row = find_transport(cell.transport);
  if (row == nullptr) return false;
  const auto spec = std::ranges::find(row->options, key, &OptionSpec::key);
  return spec != row->options.end() && spec->silent_at_fallback && value == spec->fallback;
}

// What the id is made from: of a file its content, for its name is a matter of taste.
std::string identity_of(const Setting& setting) {
  const auto identify = [](const auto& value) {
    if constexpr (requires { value.hash; }) {
      return value.hash;
    } else {
      return text_of(Setting{value});
    }
  };
  return std::visit(identify, setting);
}

}  // namespace

std::string name_of(const Cell& cell) {
  std::string name = cell.transport;
  for (const auto& parameter : parameters()) {
    if (!always_named(parameter) || !parameter.applies(cell)) continue;
    name += fmt::format("/{}:{}", parameter.key, text_of(setting_of(parameter, cell)));
  }
  append_options(cell, name);
  for (const auto& parameter : parameters()) {
    if (always_named(parameter) || is_default(parameter, cell)) continue;
    if (!parameter.applies(cell)) continue;
    name += fmt::format("/{}:{}", parameter.key, text_of(setting_of(parameter, cell)));
  }
  return name;
}

std::string id_of(const Cell& cell) {
  std::string text = "transport=" + cell.transport + "\n";
  const auto append = [&](std::string_view key, std::string_view value) {
    text.append(key).append("=").append(value).append("\n");
  };
  for (const auto& [key, value] : cell.options) {
    if (!is_unsaid(cell, key, value)) append(key, value);
  }
  for (const auto& parameter : parameters()) {
    const bool unsaid = parameter.silent_at_default && is_default(parameter, cell);
    if (!unsaid && parameter.applies(cell))
      append(parameter.key, identity_of(setting_of(parameter, cell)));
  }
  return fingerprint(text);
}

}  // namespace ringbench
