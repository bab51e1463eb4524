// From a node of a TOML document to the value it states, or to an error that says what was found
// and what is allowed.
#pragma once

#include <toml++/toml.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bench/config/config_errors.hpp"
#include "bench/config/input_files.hpp"
#include "bench/config/parameters.hpp"

namespace ringbench {

Where where_of(const toml::node& node);
Where where_of(const toml::key& key);
std::string found(const toml::node& node);  // "found 3", "found a table", ...

// Reports under `key` and gives nothing when the value is of the wrong type or outside its range.
// `files`: where the values of parameters that name files come from; needed for those alone.
struct ValueReader {
  std::string key;
  ConfigErrors& errors;
  InputFiles* files = nullptr;

  std::optional<std::string> text(const toml::node& node) const;
  std::optional<std::uint64_t> integer(const toml::node& node, double min, double max,
                                       bool power_of_two, std::string_view unit) const;
  std::optional<double> number(const toml::node& node, double min, double max,
                               std::string_view unit) const;
  std::optional<Setting> setting(const toml::node& node, const Parameter& parameter) const;
  std::optional<std::string> option(const toml::node& node, const OptionSpec& spec) const;
  std::optional<std::string> word(const toml::node& node,
                                  std::span<const std::string_view> allowed) const;
  void reject(const toml::node& node, std::string_view allowed) const;
};

// One value, or every value of an array: an axis. Only good values are returned. `cpus`: what "all"
// stands for in producers.
std::vector<Setting> read_axis(const toml::node& node, const Parameter& parameter,
                               std::uint64_t cpus, const ValueReader& reader);
std::vector<std::string> read_option_axis(const toml::node& node, const OptionSpec& spec,
                                          const ValueReader& reader);

// The elements of an array, or the node itself; reports an empty array.
std::vector<const toml::node*> axis_nodes(const toml::node& node, const ValueReader& reader);

}  // namespace ringbench
