#include "bench/config/config_errors.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "bench/config/config.hpp"

namespace ringbench {
namespace {

constexpr std::size_t kLongestShown = 60;

std::string joined(const std::vector<std::string>& errors) {
  std::string text;
  for (const auto& error : errors) text += (text.empty() ? "" : "\n") + error;
  return text;
}

bool continues_character(char c) {
  return (static_cast<unsigned char>(c) & 0xc0) == 0x80;
}

}  // namespace

ConfigError::ConfigError(std::vector<std::string> errors)
    : std::runtime_error(joined(errors)), errors_(std::move(errors)) {}

void ConfigErrors::add(Where where, std::string_view key, std::string_view sentence) {
  errors_.push_back(
      {where, fmt::format("{}:{}:{}: {}: {}", path_, where.line, where.column, key, sentence)});
}

void ConfigErrors::throw_if_any() {
  if (errors_.empty()) return;
  std::stable_sort(errors_.begin(), errors_.end(),
                   [](const Error& a, const Error& b) { return a.where < b.where; });
  std::vector<std::string> texts;
  for (auto& error : errors_) texts.push_back(std::move(error.text));
  throw ConfigError(std::move(texts));
}

std::string printable(std::string_view text) {
  std::string shown;
  for (const char c : text) {
    // A cut between the bytes of a character would not be UTF-8 any more.
    if (shown.size() >= kLongestShown && !continues_character(c)) return shown + "...";
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7f) {
      shown += fmt::format("\\x{:02x}", byte);
    } else {
      shown += c;
    }
  }
  return shown;
}

std::string quoted(std::string_view text) {
  return '"' + printable(text) + '"';
}

}  // namespace ringbench
