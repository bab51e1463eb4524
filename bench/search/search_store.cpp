#include "bench/search/search_store.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <variant>

namespace ringbench {
namespace {

std::optional<double> number(const Value& value) {
  if (const auto* real = std::get_if<double>(&value)) return *real;
  if (const auto* integer = std::get_if<std::int64_t>(&value)) return static_cast<double>(*integer);
  return std::nullopt;
}
std::uint64_t count(const Value& value) {
  constexpr double kMost = 1e18;  // more is damage, which must not end the process
  return static_cast<std::uint64_t>(std::clamp(number(value).value_or(0), 0.0, kMost));
}
std::string text(const Value& value) {
  const auto* found = std::get_if<std::string>(&value);
  return found == nullptr ? std::string() : *found;
}
Value maybe(const std::optional<double>& value) {
  return value ? Value{*value} : Value{};
}
Value maybe(const std::string& value) {
  return value.empty() ? Value{} : Value{value};
}

}  // namespace

std::map<TrialId, Measured> stored_trials(const Store& store) {
  std::map<TrialId, Measured> found;
  for (const auto& row : store.rows(
           "SELECT cell_id, repetition, attempt, status, reason, window_s, window_attempted, "
           "window_dropped, offered_rate, delivered_rate, lag_ns_p50 FROM trial")) {
    found[{text(row[0]), count(row[1]), count(row[2])}] = {store.status_of(text(row[3])),
                                                           text(row[4]),
                                                           number(row[5]),
                                                           number(row[6]),
                                                           number(row[7]),
                                                           number(row[8]),
                                                           number(row[9]),
                                                           number(row[10])};
  }
  return found;
}

std::set<std::string> stored_cells(const Store& store) {
  std::set<std::string> ids;
  for (const auto& row : store.rows("SELECT id FROM cell")) ids.insert(text(row[0]));
  return ids;
}

bool is_search(const Store& store) {
  return !store.rows("SELECT 1 FROM cell WHERE status = 'searched' LIMIT 1").empty();
}

void put_search(Store& store, const SearchRow& row) {
  store.put_row("search",
                {row.cell_id, row.target, maybe(row.low), maybe(row.high), maybe(row.conditional),
                 row.status, maybe(row.reason), static_cast<std::int64_t>(row.trials)});
}

std::vector<SearchRow> search_rows(const Store& store) {
  std::vector<SearchRow> found;
  for (const auto& row : store.rows(
           "SELECT cell_id, target, rate_low, rate_high, conditional_rate, search.status, "
           "search.reason, trials FROM search JOIN cell ON cell.id = cell_id ORDER BY cell.rowid, "
           "target")) {
    found.push_back({text(row[0]), number(row[1]).value_or(0), number(row[2]), number(row[3]),
                     number(row[4]), text(row[5]), text(row[6]), count(row[7])});
  }
  return found;
}

void put_load_point(Store& store, const LoadPoint& point) {
  store.put_row("load_point", {point.cell_id, point.target, point.share, point.measured_cell_id});
}

std::vector<LoadPoint> load_points(const Store& store) {
  std::vector<LoadPoint> found;
  for (const auto& row :
       store.rows("SELECT cell_id, target, share, measured_cell_id FROM load_point JOIN cell ON "
                  "cell.id = cell_id ORDER BY cell.rowid, target, share")) {
    found.push_back(
        {text(row[0]), number(row[1]).value_or(0), number(row[2]).value_or(0), text(row[3])});
  }
  return found;
}

// The last attempt of a repetition gives its row, for it comes last.
void put_capacity(Store& store, const std::string& searched_cell_id, const std::string& burst_id) {
  for (const auto& row : store.rows(fmt::format(
           "SELECT repetition, data_bytes / record_size, accepted_before_drop FROM trial JOIN cell "
           "ON cell.id = cell_id WHERE cell_id = '{}' AND trial.status <> 'failed' AND "
           "accepted_before_drop IS NOT NULL ORDER BY repetition, attempt",
           burst_id))) {
    const auto rounded = [&](std::size_t column) {
      return static_cast<std::int64_t>(count(row[column]));
    };
    store.put_row("capacity", {burst_id, rounded(0), rounded(1), rounded(2), searched_cell_id});
  }
}

std::vector<Capacity> capacities(const Store& store) {
  std::vector<Capacity> found;
  for (const auto& row : store.rows(
           "SELECT searched_cell_id, cell_id, burst.poll, nominal_records, accepted_records FROM "
           "capacity JOIN cell burst ON burst.id = cell_id JOIN cell searched ON searched.id = "
           "searched_cell_id ORDER BY searched.rowid, burst.rowid, repetition")) {
    if (found.empty() || found.back().searched_cell_id != text(row[0]) ||
        found.back().cell_id != text(row[1])) {
      found.push_back({text(row[0]),
                       text(row[1]),
                       text(row[2]) == "after_window",
                       number(row[3]).value_or(0),
                       {}});
    }
    found.back().accepted.push_back(number(row[4]).value_or(0));
  }
  return found;
}

}  // namespace ringbench
