// The tables of the store that a search fills and reads (docs/store.md: search, load_point,
// capacity).
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "bench/run/store.hpp"
#include "bench/search/rate_search.hpp"
#include "bench/search/trial_judgement.hpp"

namespace ringbench {

using TrialId = std::tuple<std::string, std::uint64_t, std::uint64_t>;  // cell, repetition, attempt

// What the trials of a store measured, whatever became of them.
std::map<TrialId, Measured> stored_trials(const Store& store);
std::set<std::string> stored_cells(const Store& store);
bool is_search(const Store& store);

// A searched cell's answer to one target. Rates are of all producers.
struct SearchRow {
  std::string cell_id;
  double target = 0;
  std::optional<double> low, high, conditional;
  std::string status;  // kFoundNames
  std::string reason;
  std::uint64_t trials = 0;
};
void put_search(Store& store, const SearchRow& row);
std::vector<SearchRow> search_rows(const Store& store);

struct LoadPoint {
  std::string cell_id;
  double target = 0;
  double share = 0;
  std::string measured_cell_id;
};
void put_load_point(Store& store, const LoadPoint& point);
std::vector<LoadPoint> load_points(const Store& store);

// For each repetition of a burst that met a drop: what was accepted before, against the records
// whose payloads alone would fill the buffers.
void put_capacity(Store& store, const std::string& searched_cell_id, const std::string& burst_id);

struct Capacity {
  std::string searched_cell_id, cell_id;
  bool away = false;  // the consumer, until the burst was over
  double nominal = 0;
  std::vector<double> accepted;  // by repetition
};
std::vector<Capacity> capacities(const Store& store);

}  // namespace ringbench
