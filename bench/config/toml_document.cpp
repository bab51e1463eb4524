#include "bench/config/toml_document.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <string_view>

namespace ringbench {
namespace {

constexpr std::size_t kMostLaterDots = 1000;

std::string_view line_of(std::string_view text, unsigned line) {
  for (; line > 1; --line) text.remove_prefix(std::min(text.find('\n'), text.size() - 1) + 1);
  return text.substr(0, text.find('\n'));
}

std::size_t characters(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xc0) != 0x80;
  }));
}

// What stands before the '=' of a line, or the header that the line is.
std::string key_on(std::string_view line) {
  auto key = line.substr(0, line.find('='));
  if (key.size() == line.size() && !line.starts_with('[')) return "document";
  while (!key.empty() && (key.back() == ' ' || key.back() == '\t')) key.remove_suffix(1);
  while (!key.empty() && (key.front() == ' ' || key.front() == '\t')) key.remove_prefix(1);
  return key.empty() ? "document" : printable(key);
}

// Where a whole key or number is at fault the parser quotes it and stands behind it: back to its
// start.
unsigned column_of(std::string_view description, std::string_view line, unsigned column) {
  const auto open = description.find('\'');
  const auto close = description.find('\'', open + 1);
  const bool stands_at_fault = description.find("expected") != std::string_view::npos;
  if (stands_at_fault || close == std::string_view::npos) return column;
  const auto at = line.find(description.substr(open + 1, close - open - 1));
  if (at == std::string_view::npos) return column;
  const auto start = static_cast<unsigned>(characters(line.substr(0, at))) + 1;
  return std::min(start, column);
}

// Length in bytes of the character that the text begins with; 0: it begins with none (RFC 3629,
// section 4).
std::size_t character_length(std::string_view text) {
  const auto byte = [&](std::size_t i) -> unsigned {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U;
  };
  const unsigned lead = byte(0);
  if (lead < 0x80) return 1;
  const std::size_t length = lead < 0xc2   ? 0
                             : lead < 0xe0 ? 2
                             : lead < 0xf0 ? 3
                             : lead < 0xf5 ? 4
                                           : 0;
  // The second byte's narrower ranges shut out overlong forms, surrogates and what is above
  // U+10FFFF.
  const unsigned least = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
  const unsigned most = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
  if (byte(1) < least || byte(1) > most) return 0;
  for (std::size_t i = 2; i < length; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return 0;
  }
  return length;
}

// The parser reports this at the last good character, which may stand on another line.
void check_encoding(std::string_view text, ConfigErrors& errors) {
  Where where;
  for (std::size_t at = 0; at < text.size();) {
    const auto length = character_length(text.substr(at));
    if (length == 0) {
      errors.add(where, "document",
                 fmt::format(
                     "found byte 0x{:02x}, which is not UTF-8; allowed: UTF-8, so save the file in "
                     "that encoding",
                     static_cast<unsigned char>(text[at])));
      errors.throw_if_any();
    }
    where = text[at] == '\n' ? Where{where.line + 1, 1} : Where{where.line, where.column + 1};
    at += length;
  }
}

bool is_in_key(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return std::isalnum(byte) != 0 || c == '_' || c == '-' || byte >= 0x80;
}

// The last character before `at` that is no blank.
std::size_t before(std::string_view text, std::size_t at) {
  return text.substr(0, at).find_last_not_of(" \t");
}

// Whether the part of a key that ends at this dot comes after another part: one of three at least.
// No number looks like that, and what is quoted before a dot is a key.
bool is_later_dot(std::string_view text, std::size_t dot) {
  auto at = before(text, dot);
  if (at == std::string_view::npos) return false;
  if (text[at] == '"' || text[at] == '\'') return true;
  if (!is_in_key(text[at])) return false;
  while (at > 0 && is_in_key(text[at - 1])) --at;
  at = before(text, at);
  return at != std::string_view::npos && text[at] == '.';
}

// The parser nests a table for each part of a key, and a table of tables is let go by recursion.
void check_depth(std::string_view text, ConfigErrors& errors) {
  std::size_t dots = 0;
  Where where;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '.' && is_later_dot(text, at) && ++dots > kMostLaterDots) {
      errors.add(where, "document",
                 fmt::format("found more than {} keys inside keys, a.b.c; allowed: tables, such as "
                             "[matrix.ringbuf]",
                             kMostLaterDots));
      errors.throw_if_any();
    }
    where = text[at] == '\n' ? Where{where.line + 1, 1} : Where{where.line, where.column + 1};
  }
}

}  // namespace

toml::table parse_document(const std::string& text, ConfigErrors& errors) {
  check_encoding(text, errors);
  check_depth(text, errors);
  try {
    return toml::parse(text);
  } catch (const toml::parse_error& error) {
    std::string_view description = error.description();
    const auto position = error.source().begin;
    const auto line = line_of(text, position.line);
    constexpr std::string_view kPrefix = "Error while ";
    if (description.starts_with(kPrefix)) description.remove_prefix(kPrefix.size());
    errors.add(
        {position.line, column_of(description, line, position.column)}, key_on(line),
        fmt::format("found text that is not TOML: {}; allowed: TOML 1.0, as in docs/config.md",
                    description));
    errors.throw_if_any();
    throw;
  }
}

}  // namespace ringbench
