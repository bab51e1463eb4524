#include "bench/run/aligned.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>

namespace ringbench {

std::string aligned(const std::vector<std::vector<std::string>>& lines) {
  if (lines.empty()) return {};
  std::vector<std::size_t> widths(lines.front().size() - 1);
  for (const auto& line : lines) {
    for (std::size_t i = 0; i < widths.size(); ++i) widths[i] = std::max(widths[i], line[i].size());
  }
  std::string text;
  for (const auto& line : lines) {
    for (std::size_t i = 0; i < widths.size(); ++i)
      text += fmt::format("{:>{}}  ", line[i], widths[i]);
    text += line.back() + '\n';
  }
  return text;
}

}  // namespace ringbench
