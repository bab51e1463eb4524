// From the sections of a config to its cells.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "bench/config/cell.hpp"
#include "bench/config/config_errors.hpp"
#include "bench/config/sections.hpp"

namespace ringbench {

struct Sections {
  Section defaults;
  std::optional<Section> matrix;
  std::vector<Section> includes;
  std::vector<Section> excludes;
};

// The cells of [matrix] that no [[exclude]] names, then those of each [[include]]; of cells with
// the same id, the first. Reports every cell that makes no sense, every key that no cell uses,
// every exclude that cuts nothing, and products of more than max_cells, which are not built.
std::vector<Cell> cells_of(const Sections& sections, std::uint64_t max_cells, ConfigErrors& errors);

}  // namespace ringbench
