// From a config's cells to those that are searched, and from these to the cells that are measured.
#pragma once

#include <string>
#include <vector>

#include "bench/config/cell.hpp"
#include "bench/config/search_settings.hpp"
#include "bench/search/rate_search.hpp"

namespace ringbench {

// The cells without their arrivals: constant ones, or Poisson where the cell has them, at a rate
// of 0, which no measured cell can have. Cells that are the same then are one.
std::vector<Cell> searched_cells(const std::vector<Cell>& configured);

// Why a search would mean nothing for a searched cell; empty: it does.
std::string unsearchable(const Cell& searched);

// Rates of one producer: as many events as a trial may schedule, and enough to see a drop.
RateLimits limits_of(const Cell& searched, const SearchSettings& settings);

Cell at_rate(const Cell& searched, double rate, double duration_ms);

// Bursts into an empty buffer, as fast as producers can (RFC 2544, section 26.4; RFC 9004): with
// the consumer as configured, and with one that starts only after the burst.
std::vector<Cell> bursts(const Cell& searched);

}  // namespace ringbench
