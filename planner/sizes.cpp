#include "planner/sizes.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cmath>

namespace ringbench::planner {
namespace {

struct SizeUnit {
  std::string_view name;
  std::uint64_t bytes;
};
constexpr std::array kUnits{SizeUnit{"TiB", std::uint64_t{1} << 40},
                            SizeUnit{"GiB", std::uint64_t{1} << 30},
                            SizeUnit{"MiB", std::uint64_t{1} << 20},
                            SizeUnit{"KiB", std::uint64_t{1} << 10}, SizeUnit{"B", 1}};

std::string_view without_blanks(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

}  // namespace

std::optional<double> bytes_from_text(std::string_view text) {
  text = without_blanks(text);
  double factor = 1;
  for (const auto& unit : kUnits) {
    if (!text.ends_with(unit.name)) continue;
    factor = static_cast<double>(unit.bytes);
    text = without_blanks(text.substr(0, text.size() - unit.name.size()));
    break;
  }
  double number = 0;
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), number, std::chars_format::fixed);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  const double bytes = number * factor;
  if (!std::isfinite(bytes) || bytes != std::floor(bytes)) return std::nullopt;
  return bytes;
}

std::string text_of_bytes(std::uint64_t bytes) {
  for (const auto& unit : kUnits) {
    if (bytes >= unit.bytes && bytes % unit.bytes == 0)
      return fmt::format("{} {}", bytes / unit.bytes, unit.name);
  }
  return fmt::format("{} B", bytes);
}

}  // namespace ringbench::planner
