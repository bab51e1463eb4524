#include "bench/config/size_list.hpp"

#include "impls/record_limits.hpp"

namespace ringbench {

std::optional<SizeList> parse_size_list(std::string_view text, CsvProblems& problems) {
  Csv csv(text, problems);
  const auto sizes = csv.require("size");
  const auto weights = csv.require("weight");
  if (!sizes || !weights) return std::nullopt;
  SizeList list;
  while (csv.next()) {
    const auto size = csv.integer(*sizes, kMinRecordSize, kMaxRecordSize);
    const auto weight = csv.number(*weights, 0, 1e15);
    if (!size || !weight || *weight == 0) continue;
    list.push_back({static_cast<std::uint16_t>(*size), *weight});
  }
  if (list.empty() && !problems.any()) {
    problems.add(csv.line(), "weight", "found no size that occurs; allowed: one at least");
  }
  return problems.any() ? std::nullopt : std::optional(std::move(list));
}

}  // namespace ringbench
