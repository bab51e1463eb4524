#include "bench/search/searched_cell.hpp"

#include <algorithm>
#include <set>

#include "bench/config/matrix.hpp"
#include "bench/config/parameters.hpp"
#include "impls/list.hpp"

namespace ringbench {
namespace {

// In the shortest trial, of all producers: fewer say nothing of a rate.
constexpr double kFewestEvents = 20;
constexpr double kFastestRate = 1e9;  // that a cell may have
// Long enough for twice the records that fit at 1 us each; a burst of more than two seconds is
// none.
constexpr double kBurstMsPerRecord = 2e-3;
constexpr double kShortestBurstMs = 10;
constexpr double kLongestBurstMs = 2'000;

double data_bytes(const Cell& cell) {
  const double rings = cell.bytes_are == "per_ring" ? static_cast<double>(cell.producers) : 1;
  return static_cast<double>(cell.bytes) * rings;
}

Cell resolved(Cell cell) {
  resolve(cell);
  return cell;
}

}  // namespace

std::vector<Cell> searched_cells(const std::vector<Cell>& configured) {
  std::vector<Cell> found;
  std::set<std::string> ids;
  for (Cell cell : configured) {
    if (cell.arrival != "poisson") cell.arrival = "constant";
    cell.rate = 0;
    resolve(cell);
    if (ids.insert(id_of(cell)).second) found.push_back(std::move(cell));
  }
  return found;
}

std::string unsearchable(const Cell& searched) {
  if (searched.poll != "after_window") return {};
  return "a consumer that starts only after the window (poll = \"after_window\") keeps up with no "
         "rate; search with poll = \"busy\" or \"epoll\"";
}

RateLimits limits_of(const Cell& searched, const SearchSettings& settings) {
  RateLimits limits;
  const double longest_s = (searched.warmup_ms + settings.longest_ms) / 1e3;
  limits.highest = std::min(kFastestRate, kMaxEvents / longest_s);
  limits.lowest =
      kFewestEvents / (settings.shortest_ms / 1e3) / static_cast<double>(searched.producers);
  limits.highest = std::max(limits.highest, limits.lowest);
  return limits;
}

Cell at_rate(const Cell& searched, double rate, double duration_ms) {
  Cell cell = searched;
  cell.rate = rate;
  cell.duration_ms = duration_ms;
  return cell;
}

std::vector<Cell> bursts(const Cell& searched) {
  if (find_transport(searched.transport)->layout == Layout::none) return {};
  Cell burst = searched;
  burst.arrival = "saturate";
  burst.sample_every = 0;
  burst.warmup_ms = 0;
  burst.duration_ms = std::clamp(
      data_bytes(searched) / static_cast<double>(searched.record_size) * kBurstMsPerRecord,
      kShortestBurstMs, kLongestBurstMs);
  Cell away = burst;
  away.poll = "after_window";
  away.consumers = "one";
  return {resolved(burst), resolved(away)};
}

}  // namespace ringbench
