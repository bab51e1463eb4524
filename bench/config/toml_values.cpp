#include "bench/config/toml_values.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <iterator>
#include <set>

#include "bench/config/suggest.hpp"

namespace ringbench {
namespace {

constexpr std::array<std::string_view, 3> kProducerWords{"all", "1..all", "doubling"};

std::vector<Setting> producers_of(std::string_view word, std::uint64_t cpus) {
  std::vector<Setting> producers;
  if (word == "1..all") {
    for (std::uint64_t n = 1; n < cpus; ++n) producers.emplace_back(n);
  } else if (word == "doubling") {
    for (std::uint64_t n = 1; n < cpus; n *= 2) producers.emplace_back(n);
  }
  producers.emplace_back(cpus);
  return producers;
}

template <class T>
std::vector<T> without_duplicates(std::vector<T> values) {
  std::set<T> seen;
  std::erase_if(values, [&](const T& value) { return !seen.insert(value).second; });
  return values;
}

bool is_list_of_lists(const toml::array& array) {
  return std::any_of(array.begin(), array.end(),
                     [](const toml::node& node) { return node.is_array(); });
}

// Whether the array is one value, not an axis: the CPUs of a cell.
bool is_one_value(const toml::node& node, const Parameter& parameter) {
  return std::holds_alternative<std::vector<unsigned> Cell::*>(parameter.member) &&
         node.is_array() && !is_list_of_lists(*node.as_array());
}

// How an option spells a scalar; switches are "off" and "on" where the option has these words.
std::optional<std::string> option_text(const toml::node& node, const OptionSpec& spec) {
  if (const auto text = node.value_exact<std::string>()) return text;
  if (const auto integer = node.value_exact<std::int64_t>()) return fmt::format("{}", *integer);
  const auto on = node.value_exact<bool>();
  if (!on) return std::nullopt;
  const std::string_view word = *on ? "on" : "off";
  const bool has_word =
      std::find(spec.allowed.begin(), spec.allowed.end(), word) != spec.allowed.end();
  return has_word ? std::string(word) : fmt::format("{}", *on);
}

struct SettingReader {
  const ValueReader& reader;
  const toml::node& node;
  const Parameter& p;

  template <class T>
  static std::optional<Setting> wrap(std::optional<T> value) {
    return value ? std::optional<Setting>(std::move(*value)) : std::nullopt;
  }
  std::optional<Setting> operator()(std::string Cell::* /*word*/) const {
    return wrap(reader.word(node, p.allowed));
  }
  std::optional<Setting> operator()(std::uint64_t Cell::* /*count*/) const {
    return wrap(reader.integer(node, p.min, p.max, p.power_of_two, p.unit));
  }
  std::optional<Setting> operator()(double Cell::* /*number*/) const {
    return wrap(reader.number(node, p.min, p.max, p.unit));
  }
  std::optional<Setting> operator()(bool Cell::* /*on*/) const {
    const auto on = node.value_exact<bool>();
    if (!on) reader.reject(node, allowed_of(p));
    return wrap(on);
  }
  std::optional<Setting> operator()(std::vector<unsigned> Cell::* /*list*/) const {
    if (!node.is_array() || node.as_array()->empty()) {
      reader.reject(node, allowed_of(p));
      return std::nullopt;
    }
    std::vector<unsigned> list;
    for (const auto& element : *node.as_array()) {
      const auto cpu = reader.integer(element, p.min, p.max, false, p.unit);
      if (!cpu) return std::nullopt;
      list.push_back(static_cast<unsigned>(*cpu));
    }
    return Setting{std::move(list)};
  }
  std::optional<Setting> operator()(FromFile<Trace> Cell::* /*file*/) const {
    return from_file(&InputFiles::trace);
  }
  std::optional<Setting> operator()(FromFile<SizeList> Cell::* /*file*/) const {
    return from_file(&InputFiles::size_list);
  }
  template <class Read>
  std::optional<Setting> from_file(Read read) const {
    const auto path = node.value_exact<std::string>();
    if (!path || path->empty()) {
      reader.reject(node, allowed_of(p));
      return std::nullopt;
    }
    return wrap((reader.files->*read)(*path, [&](const std::string& sentence) {
      reader.errors.add(where_of(node), reader.key, sentence);
    }));
  }
};

// The numbers that one element of `producers` stands for.
std::vector<Setting> read_producers(const toml::node& node, const Parameter& parameter,
                                    std::uint64_t cpus, const ValueReader& reader) {
  if (node.is_integer()) {
    const auto count = reader.setting(node, parameter);
    return count ? std::vector{*count} : std::vector<Setting>{};
  }
  const auto word = node.value_exact<std::string>();
  if (word &&
      std::find(kProducerWords.begin(), kProducerWords.end(), *word) != kProducerWords.end()) {
    return producers_of(*word, cpus);
  }
  reader.reject(node, allowed_of(parameter) + ", " + choices(kProducerWords) +
                          (word ? suggestion(*word, kProducerWords) : ""));
  return {};
}

}  // namespace

Where where_of(const toml::node& node) {
  return {node.source().begin.line, node.source().begin.column};
}

Where where_of(const toml::key& key) {
  return {key.source().begin.line, key.source().begin.column};
}

std::string found(const toml::node& node) {
  if (const auto* text = node.as_string()) return "found " + ringbench::quoted(text->get());
  if (const auto* integer = node.as_integer()) return fmt::format("found {}", integer->get());
  if (const auto* number = node.as_floating_point()) return fmt::format("found {}", number->get());
  if (const auto* on = node.as_boolean()) return fmt::format("found {}", on->get());
  if (const auto* array = node.as_array()) {
    return array->empty() ? "found an empty array" : "found an array";
  }
  return node.is_table() ? "found a table" : "found a date or time";
}

void ValueReader::reject(const toml::node& node, std::string_view allowed) const {
  errors.add(where_of(node), key, fmt::format("{}; allowed: {}", found(node), allowed));
}

std::optional<std::string> ValueReader::text(const toml::node& node) const {
  auto text = node.value_exact<std::string>();
  if (!text) reject(node, "a string");
  return text;
}

std::optional<std::uint64_t> ValueReader::integer(const toml::node& node, double min, double max,
                                                  bool power_of_two, std::string_view unit) const {
  const auto value = node.value_exact<std::int64_t>();
  const bool in_range =
      value && static_cast<double>(*value) >= min && static_cast<double>(*value) <= max;
  if (!in_range || (power_of_two && !std::has_single_bit(static_cast<std::uint64_t>(*value)))) {
    reject(node, integer_range(min, max, power_of_two, unit));
    return std::nullopt;
  }
  return static_cast<std::uint64_t>(*value);
}

std::optional<double> ValueReader::number(const toml::node& node, double min, double max,
                                          std::string_view unit) const {
  const auto value = node.is_number() ? node.value<double>() : std::nullopt;
  if (!value || !(*value >= min && *value <= max)) {  // written so that it rejects NaN
    reject(node, number_range(min, max, unit));
    return std::nullopt;
  }
  return *value + 0.0;  // -0 becomes 0: the same value has one text
}

std::optional<std::string> ValueReader::word(const toml::node& node,
                                             std::span<const std::string_view> allowed) const {
  const auto word = node.value_exact<std::string>();
  if (word && std::find(allowed.begin(), allowed.end(), *word) != allowed.end()) return word;
  reject(node, choices(allowed) + (word ? suggestion(*word, allowed) : ""));
  return std::nullopt;
}

std::optional<Setting> ValueReader::setting(const toml::node& node,
                                            const Parameter& parameter) const {
  return std::visit(SettingReader{*this, node, parameter}, parameter.member);
}

std::optional<std::string> ValueReader::option(const toml::node& node,
                                               const OptionSpec& spec) const {
  if (spec.allowed.empty()) {
    const auto value =
        integer(node, static_cast<double>(spec.min), static_cast<double>(spec.max), false, {});
    return value ? std::optional(fmt::format("{}", *value)) : std::nullopt;
  }
  auto text = option_text(node, spec);
  if (text && std::find(spec.allowed.begin(), spec.allowed.end(), *text) != spec.allowed.end()) {
    return text;
  }
  reject(node, choices(spec.allowed) + (text ? suggestion(*text, spec.allowed) : ""));
  return std::nullopt;
}

std::vector<const toml::node*> axis_nodes(const toml::node& node, const ValueReader& reader) {
  const auto* array = node.as_array();
  if (array == nullptr) return {&node};
  if (array->empty()) {
    reader.reject(node, "an array with at least one value, or a single value");
  }
  std::vector<const toml::node*> nodes;
  for (const auto& element : *array) nodes.push_back(&element);
  return nodes;
}

std::vector<Setting> read_axis(const toml::node& node, const Parameter& parameter,
                               std::uint64_t cpus, const ValueReader& reader) {
  const auto nodes = is_one_value(node, parameter) ? std::vector{&node} : axis_nodes(node, reader);
  std::vector<Setting> values;
  for (const auto* element : nodes) {
    if (parameter.key == "producers") {
      std::ranges::move(read_producers(*element, parameter, cpus, reader),
                        std::back_inserter(values));
    } else if (auto value = reader.setting(*element, parameter)) {
      values.push_back(std::move(*value));
    }
  }
  return without_duplicates(std::move(values));
}

std::vector<std::string> read_option_axis(const toml::node& node, const OptionSpec& spec,
                                          const ValueReader& reader) {
  std::vector<std::string> values;
  for (const auto* element : axis_nodes(node, reader)) {
    if (auto value = reader.option(*element, spec)) values.push_back(std::move(*value));
  }
  return without_duplicates(std::move(values));
}

}  // namespace ringbench
