#include "bench/config/search_section.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "bench/config/suggest.hpp"
#include "bench/config/toml_values.hpp"

namespace ringbench {
namespace {

using Settings = SearchSettings;

struct SearchKey {
  std::string_view key;
  std::variant<double Settings::*, std::uint64_t Settings::*> member;
  double min;
  double max;
  std::string_view unit = "";
};
constexpr std::string_view kTargets = "targets";
constexpr std::array kSearchKeys{
    SearchKey{"shortest_ms", &Settings::shortest_ms, 1, 3.6e6, "ms"},
    SearchKey{"longest_ms", &Settings::longest_ms, 1, 3.6e6, "ms"},
    SearchKey{"sum_ms", &Settings::sum_ms, 1, 3.6e6, "ms"},
    SearchKey{"bad_share", &Settings::bad_share, 0, 0.5},
    SearchKey{"width", &Settings::width, 0.001, 0.5},
    SearchKey{"offer_tolerance", &Settings::offer_tolerance, 0.0001, 0.5},
    SearchKey{"max_trials", &Settings::max_trials, 1, 100'000},
};

std::vector<std::string_view> known_keys() {
  std::vector<std::string_view> known{kTargets};
  for (const auto& key : kSearchKeys) known.push_back(key.key);
  return known;
}

void read_targets(const toml::node& node, Settings& settings, ConfigErrors& errors) {
  const ValueReader reader{"search.targets", errors};
  std::vector<double> targets;
  for (const auto* element : axis_nodes(node, reader)) {
    if (const auto target = reader.number(*element, 0, 0.5, {})) targets.push_back(*target);
  }
  std::ranges::sort(targets);
  targets.erase(std::unique(targets.begin(), targets.end()), targets.end());
  if (!targets.empty()) settings.targets = std::move(targets);
}

void read_value(const SearchKey& key, const toml::node& node, Settings& settings,
                ConfigErrors& errors) {
  const ValueReader reader{fmt::format("search.{}", key.key), errors};
  if (const auto* count = std::get_if<std::uint64_t Settings::*>(&key.member)) {
    if (const auto value = reader.integer(node, key.min, key.max, false, key.unit))
      settings.** count = *value;
  } else if (const auto value = reader.number(node, key.min, key.max, key.unit)) {
    settings.*std::get<double Settings::*>(key.member) = *value;
  }
}

// Durations grow: where one is stated and another left out, the other gives way.
void order_durations(const toml::table& table, Settings& settings, ConfigErrors& errors) {
  if (!table.contains("longest_ms"))
    settings.longest_ms = std::max(settings.longest_ms, settings.shortest_ms);
  if (!table.contains("shortest_ms"))
    settings.shortest_ms = std::min(settings.shortest_ms, settings.longest_ms);
  if (!table.contains("sum_ms")) settings.sum_ms = std::max(settings.sum_ms, settings.longest_ms);
  const auto reject_below = [&](std::string_view key, double value, std::string_view other,
                                double least) {
    if (value >= least) return;
    ValueReader{fmt::format("search.{}", key), errors}.reject(
        *table.get(key), fmt::format("a number not below {}, which is {}", other, least));
  };
  reject_below("longest_ms", settings.longest_ms, "shortest_ms", settings.shortest_ms);
  reject_below("sum_ms", settings.sum_ms, "longest_ms", settings.longest_ms);
}

}  // namespace

SearchSettings read_search(const toml::table& table, ConfigErrors& errors) {
  Settings settings;
  const auto known = known_keys();
  const auto errors_before = errors.count();
  for (const auto& [key, node] : table) {
    const auto row = std::ranges::find(kSearchKeys, key.str(), &SearchKey::key);
    if (key.str() == kTargets) {
      read_targets(node, settings, errors);
    } else if (row != kSearchKeys.end()) {
      read_value(*row, node, settings, errors);
    } else {
      errors.add(where_of(key), "search." + printable(key.str()),
                 fmt::format("found an unknown key; allowed: {}{}", fmt::join(known, ", "),
                             suggestion(key.str(), known)));
    }
  }
  if (errors.count() == errors_before) order_durations(table, settings, errors);
  return settings;
}

}  // namespace ringbench
