#include "bench/config/csv.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <system_error>

#include "bench/config/config_errors.hpp"

namespace ringbench {
namespace {

std::string trimmed(const std::string& field) {
  const auto first = field.find_first_not_of(" \t");
  if (first == std::string::npos) return {};
  return field.substr(first, field.find_last_not_of(" \t") - first + 1);
}

// A quote inside quotes is doubled (RFC 4180, section 2).
void split(std::string_view line, std::vector<std::string>& fields) {
  fields.assign(1, {});
  bool in_quotes = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (c == '"' && in_quotes && i + 1 < line.size() && line[i + 1] == '"') {
      fields.back() += line[++i];
    } else if (c == '"') {
      in_quotes = !in_quotes;
    } else if (c == ',' && !in_quotes) {
      fields.emplace_back();
    } else {
      fields.back() += c;
    }
  }
  for (auto& field : fields) field = trimmed(field);
}

template <class T>
std::optional<T> parsed(std::string_view text) {
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool whole = error == std::errc{} && end == text.data() + text.size();
  return whole ? std::optional(value) : std::nullopt;
}

}  // namespace

void CsvProblems::add(unsigned line, std::string_view column, std::string_view sentence) {
  if (enough()) return;
  texts_.push_back(fmt::format("{}: {}: {}", line, column, sentence));
}

Csv::Csv(std::string_view text, CsvProblems& problems) : rest_(text), problems_(problems) {
  constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
  if (rest_.starts_with(kByteOrderMark)) rest_.remove_prefix(kByteOrderMark.size());
  if (next_line()) names_ = fields_;
}

std::optional<std::size_t> Csv::find(std::string_view column) const {
  const auto found = std::ranges::find(names_, column);
  if (found == names_.end()) return std::nullopt;
  return static_cast<std::size_t>(found - names_.begin());
}

std::optional<std::size_t> Csv::require(std::string_view column) {
  const auto found = find(column);
  if (!found) {
    problems_.add(std::max(line_, 1U), column,
                  fmt::format("found the columns \"{}\"; allowed: a first line that names this "
                              "column too",
                              printable(fmt::format("{}", fmt::join(names_, ",")))));
  }
  return found;
}

bool Csv::next() {
  return !problems_.enough() && next_line();
}

bool Csv::next_line() {
  while (!rest_.empty()) {
    ++line_;
    const auto end = std::min(rest_.find('\n'), rest_.size());
    auto line = rest_.substr(0, end);
    rest_.remove_prefix(std::min(end + 1, rest_.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.starts_with('#') || line.find_first_not_of(" \t") == std::string_view::npos) continue;
    split(line, fields_);
    return true;
  }
  return false;
}

std::string_view Csv::field(std::size_t column) const {
  return column < fields_.size() ? std::string_view(fields_[column]) : std::string_view();
}

void Csv::report(std::size_t column, std::string_view sentence) {
  problems_.add(line_, names_[column],
                column < fields_.size()
                    ? fmt::format("found {}; {}", quoted(field(column)), sentence)
                    : fmt::format("found no such field on this line; {}", sentence));
}

std::optional<double> Csv::number(std::size_t column, double min, double max) {
  const auto value = parsed<double>(field(column));
  if (value && *value >= min && *value <= max) return value;
  report(column, fmt::format("allowed: a number from {} to {}", min, max));
  return std::nullopt;
}

std::optional<std::uint32_t> Csv::integer(std::size_t column, std::uint32_t min,
                                          std::uint32_t max) {
  const auto value = parsed<std::uint32_t>(field(column));
  if (value && *value >= min && *value <= max) return value;
  report(column, fmt::format("allowed: an integer from {} to {}", min, max));
  return std::nullopt;
}

}  // namespace ringbench
