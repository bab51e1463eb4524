// Sizes of records as they were found somewhere: a CSV of sizes and how often each occurs.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "bench/config/csv.hpp"

namespace ringbench {

struct WeightedSize {
  std::uint16_t size = 0;  // bytes
  double weight = 0;       // above 0, in any unit
};
using SizeList = std::vector<WeightedSize>;  // not empty

// Columns `size` (kMinRecordSize to kMaxRecordSize bytes) and `weight` (0 to 1e15; a size of weight
// 0 is left out). Nothing: `problems` says why.
std::optional<SizeList> parse_size_list(std::string_view text, CsvProblems& problems);

}  // namespace ringbench
