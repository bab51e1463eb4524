#include "planner/statements.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cstdint>

#include "bench/config/config.hpp"
#include "bench/config/suggest.hpp"
#include "bench/config/toml_document.hpp"
#include "planner/plan_keys.hpp"
#include "planner/sizes.hpp"

namespace ringbench::planner {
namespace {

constexpr std::array<std::string_view, 8> kSections{"run",      "machine",  "latency", "source",
                                                    "consumer", "producer", "layout",  "target"};
// Beside the numbers of plan_keys.hpp.
constexpr std::array<std::string_view, 21> kOtherKeys{"title",
                                                      "run.seed",
                                                      "run.seconds",
                                                      "run.draws",
                                                      "machine.topology",
                                                      "machine.cpus",
                                                      "machine.code_path",
                                                      "machine.lock",
                                                      "machine.notify",
                                                      "latency.matrix",
                                                      "latency.store",
                                                      "source.burst_cpus",
                                                      "source.trace",
                                                      "consumer.turn",
                                                      "consumer.cpu",
                                                      "target.drop_fraction",
                                                      "target.reserve_p99_ns",
                                                      "target.delay_p99_us",
                                                      "target.reordered_ratio",
                                                      "target.reorder_extent",
                                                      "target.memory"};

std::vector<std::string_view> keys_of_section(std::string_view section) {
  std::vector<std::string_view> keys;
  for (const auto key : plan_keys()) {
    if (key.starts_with(section) && key.substr(section.size()).starts_with('.'))
      keys.push_back(key.substr(section.size() + 1));
  }
  return keys;
}

void reject_unknown(Where where, std::string_view path, std::string_view word,
                    std::span<const std::string_view> known, ConfigErrors& errors) {
  errors.add(where, path,
             fmt::format("found an unknown key; allowed: {}{}", fmt::join(known, ", "),
                         suggestion(word, known)));
}

// The one value of "KEY=VALUE", its column where it stands in that text. A word without quotes is
// text: a shell takes them away.
std::optional<toml::table> value_of_option(std::string_view text, std::size_t equals) {
  const std::string before = 'x' + std::string(equals > 0 ? equals - 1 : 0, ' ') + '=';
  const std::string value(text.substr(equals + 1));
  for (const auto& tried : {before + value, before + '"' + value + '"'}) {
    ConfigErrors unread("--what-if");
    try {
      auto table = parse_document(tried, unread);
      if (table.size() == 1) return table;
    } catch (const ConfigError&) {  // the next form, or no value at all
      continue;
    }
  }
  return std::nullopt;
}

}  // namespace

std::vector<std::string_view> plan_keys() {
  std::vector<std::string_view> keys(kOtherKeys.begin(), kOtherKeys.end());
  for (const auto& input : input_keys()) keys.push_back(input.key);
  return keys;
}

Statements::Statements(const std::string& text, const PlanRequest& request)
    : folder_(std::filesystem::absolute(request.file).parent_path()) {
  errors_.emplace_back(request.file);
  documents_.push_back(parse_document(text, errors_.front()));
  read_file(documents_.back());
  for (const auto& option : request.what_if) read_what_if(option);
  if (request.machine) {
    read_option("--machine " + printable(*request.machine), "machine.topology",
                toml::table{{"x", *request.machine}});
  }
}

void Statements::read_file(const toml::table& document) {
  for (const auto& [key, node] : document) {
    const std::string name(key.str());
    if (name == "title") {
      statements_[name] = {&node, &errors_.front(), folder_};
    } else if (name == "layout") {
      sections_[name] = where_of(key);
      read_layouts(node);
    } else if (std::ranges::find(kSections, name) != kSections.end()) {
      read_section(key, node);
    } else {
      std::vector<std::string_view> known{"title"};
      known.insert(known.end(), kSections.begin(), kSections.end());
      reject_unknown(where_of(key), printable(name), name, known, errors_.front());
    }
  }
}

void Statements::read_section(const toml::key& name, const toml::node& node) {
  const auto* table = node.as_table();
  if (table == nullptr) {
    ValueReader{std::string(name.str()), errors_.front()}.reject(
        node, fmt::format("one table, [{}]", name.str()));
    return;
  }
  sections_[std::string(name.str())] = where_of(node);
  const auto known = keys_of_section(name.str());
  for (const auto& [key, value] : *table) {
    const auto path = fmt::format("{}.{}", name.str(), printable(key.str()));
    if (std::ranges::find(known, key.str()) == known.end()) {
      reject_unknown(where_of(key), path, key.str(), known, errors_.front());
    } else {
      statements_[path] = {&value, &errors_.front(), folder_};
    }
  }
}

void Statements::read_layouts(const toml::node& node) {
  const ValueReader reader{"layout", errors_.front()};
  const auto* array = node.as_array();
  if (array == nullptr || array->empty()) {
    reader.reject(node, "tables, each headed [[layout]]");
    return;
  }
  for (const auto& element : *array) {
    if (element.is_table()) {
      layouts_.push_back(&element);
    } else {
      reader.reject(element, "tables, each headed [[layout]]");
    }
  }
}

void Statements::read_option(const std::string& option, const std::string& key, toml::table value) {
  errors_.emplace_back(option);
  documents_.push_back(std::move(value));  // a copy would not know its place
  statements_[key] = {&documents_.back().begin()->second, &errors_.back(),
                      std::filesystem::current_path()};
}

void Statements::read_what_if(const std::string& text) {
  const auto option = "--what-if " + printable(text);
  const auto equals = text.find('=');
  const auto key = text.substr(0, equals);
  const auto known = plan_keys();
  ConfigErrors& errors = errors_.emplace_back(option);
  if (equals == std::string::npos) {
    errors.add({}, printable(text),
               "found no '='; allowed: KEY=VALUE, such as source.burst_width=8");
  } else if (std::ranges::find(known, key) == known.end()) {
    reject_unknown({}, printable(key), key, known, errors);
  } else if (auto value = value_of_option(text, equals)) {
    errors_.pop_back();
    read_option(option, key, *std::move(value));
  } else {
    errors.add({1, static_cast<unsigned>(equals) + 2}, key,
               "found text that is no TOML value; allowed: a number, a word, or a table such as "
               "{value = 3, low = 2, high = 5}");
  }
}

const Statement* Statements::find(std::string_view key) const {
  const auto at = statements_.find(key);
  return at == statements_.end() ? nullptr : &at->second;
}

ValueReader Statements::reader(std::string_view key, const Statement& statement) const {
  return {std::string(key), *statement.errors};
}

std::optional<std::string> Statements::text(std::string_view key) {
  const auto* stated = find(key);
  return stated ? reader(key, *stated).text(*stated->node) : std::nullopt;
}

std::optional<std::string> Statements::word(std::string_view key,
                                            std::span<const std::string_view> allowed) {
  const auto* stated = find(key);
  return stated ? reader(key, *stated).word(*stated->node, allowed) : std::nullopt;
}

std::optional<std::uint64_t> Statements::integer(std::string_view key, double min, double max) {
  const auto* stated = find(key);
  return stated ? reader(key, *stated).integer(*stated->node, min, max, false, {}) : std::nullopt;
}

std::optional<double> Statements::number(std::string_view key, double min, double max,
                                         std::string_view unit) {
  const auto* stated = find(key);
  if (stated == nullptr) return std::nullopt;
  if (unit == "bytes") return read_bytes(*stated->node, min, max, reader(key, *stated));
  return reader(key, *stated).number(*stated->node, min, max, unit);
}

std::optional<std::string> Statements::path(std::string_view key) {
  const auto written = text(key);
  if (!written) return std::nullopt;
  return (find(key)->folder / *written).lexically_normal().string();
}

void Statements::reject(std::string_view key, std::string_view sentence) {
  if (const auto* stated = find(key)) {
    const auto where = where_of(*stated->node);
    stated->errors->add(where.line > 0 ? where : Where{}, key, sentence);
    return;
  }
  const auto section = sections_.find(key.substr(0, key.find('.')));
  file_errors().add(section == sections_.end() ? Where{} : section->second, key, sentence);
}

void Statements::throw_if_any() {
  std::vector<std::string> all;
  for (auto& errors : errors_) {
    try {
      errors.throw_if_any();
    } catch (const ConfigError& error) {
      all.insert(all.end(), error.errors().begin(), error.errors().end());
    }
  }
  if (!all.empty()) throw ConfigError(all);
}

std::optional<double> read_bytes(const toml::node& node, double min, double max,
                                 const ValueReader& reader) {
  const auto text = node.value_exact<std::string>();
  if (!text) {
    if (node.is_number()) return reader.number(node, min, max, "bytes");
  } else if (const auto bytes = bytes_from_text(*text); bytes && *bytes >= min && *bytes <= max) {
    return bytes;
  }
  reader.reject(node, fmt::format("{}, or a string with a unit, such as \"64 KiB\" or \"5 MiB\"",
                                  number_range(min, max, "bytes")));
  return std::nullopt;
}

}  // namespace ringbench::planner
