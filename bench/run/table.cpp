#include "bench/run/table.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <optional>
#include <set>
#include <sstream>

#include "bench/run/aligned.hpp"
#include "bench/run/statistics.hpp"

namespace ringbench {
namespace {

struct Heading {
  std::string_view metric;
  std::string_view title;
  double scale;
  bool with_interval;
};

constexpr auto kHeadings = std::to_array<Heading>({
    {"event_amortised_cycles", "cycles/event", 1, true},
    {"reserve_cycles_p50", "reserve p50", 1, false},
    {"event_cycles_p99", "event p99", 1, false},
    {"drop_fraction", "dropped %", 100, false},
    {"reordered_ratio", "reordered %", 100, false},
    {"reorder_extent_max", "extent max", 1, false},
    {"delivery_ns_p99", "delay p99 us", 1e-3, false},
});

using Values = std::map<std::string, std::vector<double>>;

std::string number(double value) {
  return value == 0 || std::abs(value) >= 100 ? fmt::format("{:.0f}", value)
                                              : fmt::format("{:.3g}", value);
}

std::string show(const Values& values, const std::string& cell, const Heading& heading) {
  const auto found = values.find(cell);
  if (found == values.end()) return "-";
  std::string text = number(median(found->second) * heading.scale);
  const auto interval = heading.with_interval ? median_interval(found->second) : std::nullopt;
  if (interval) text += fmt::format(" [{}, {}]", number(interval->low), number(interval->high));
  return text;
}

std::vector<std::string> parts_of(const std::string& name) {
  std::vector<std::string> parts;
  std::istringstream stream(name);
  for (std::string part; std::getline(stream, part, '/');) parts.push_back(part);
  return parts;
}

// Parts of the names that every cell has: said once below the table instead of on each line.
std::set<std::string> shared_parts(const std::vector<CellSummary>& cells) {
  std::map<std::string, std::size_t> seen;
  for (const auto& cell : cells) {
    for (const auto& part : parts_of(cell.name)) ++seen[part];
  }
  std::set<std::string> shared;
  for (const auto& [part, times] : seen) {
    if (times == cells.size() && times > 1 && part.find(':') != std::string::npos)
      shared.insert(part);
  }
  return shared;
}

std::string without(const std::set<std::string>& shared, const std::string& name) {
  auto parts = parts_of(name);
  std::erase_if(parts, [&](const auto& part) { return shared.contains(part); });
  return fmt::format("{}", fmt::join(parts, "/"));
}

std::string legend(const Store& store) {
  auto counts = store.count_by_status();
  std::size_t skipped = 0;
  for (const auto& cell : store.cells()) skipped += cell.skipped ? 1 : 0;
  return fmt::format(
      "\nMedians over repetitions; [95 % bootstrap interval]; cycles are TSC ticks, amortised over "
      "the window of "
      "saturating producers.\n{} trials balance, {} of them are tainted; {} failed and are left "
      "out; {} cells were "
      "skipped.\n",
      counts["ok"] + counts["tainted"], counts["tainted"], counts["failed"], skipped);
}

}  // namespace

std::string table(const Store& store) {
  std::array<Values, kHeadings.size()> values;
  for (std::size_t i = 0; i < kHeadings.size(); ++i) values[i] = store.values(kHeadings[i].metric);
  std::vector<std::vector<std::string>> rows(1);
  for (const auto& heading : kHeadings) rows[0].emplace_back(heading.title);
  rows[0].emplace_back("cell");
  auto cells = store.cells();
  std::erase_if(cells, [](const CellSummary& cell) { return cell.trials == 0; });
  const auto shared = shared_parts(cells);
  for (const auto& cell : cells) {
    auto& row = rows.emplace_back();
    for (std::size_t i = 0; i < kHeadings.size(); ++i)
      row.push_back(show(values[i], cell.id, kHeadings[i]));
    row.push_back(without(shared, cell.name));
  }
  std::string text = aligned(rows);
  if (!shared.empty()) text += fmt::format("\nEvery cell: {}\n", fmt::join(shared, " "));
  return text + legend(store);
}

}  // namespace ringbench
