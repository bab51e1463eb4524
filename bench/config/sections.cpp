#include "bench/config/sections.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "bench/config/suggest.hpp"
#include "bench/config/toml_values.hpp"
#include "impls/list.hpp"

namespace ringbench {
namespace {

constexpr std::string_view kAllTransports = "all";

std::vector<std::string_view> transport_names() {
  std::vector<std::string_view> names;
  for (const Row* row : transports()) names.push_back(row->name);
  return names;
}

std::vector<std::string_view> option_keys(const Row& row) {
  std::vector<std::string_view> keys;
  for (const auto& spec : row.options) keys.push_back(spec.key);
  return keys;
}

std::vector<std::string_view> section_keys() {
  std::vector<std::string_view> keys{"transport"};
  for (const auto& parameter : parameters()) keys.push_back(parameter.key);
  std::ranges::copy(transport_names(), std::back_inserter(keys));
  return keys;
}

class SectionReader {
 public:
  SectionReader(Section& section, std::uint64_t cpus, InputFiles& files, ConfigErrors& errors)
      : section_(section), cpus_(cpus), files_(files), errors_(errors) {}

  void read(const toml::key& key, const toml::node& node) {
    const std::string name(key.str());
    const std::string path = section_.name + "." + printable(name);
    section_.statements.emplace(name, Statement{where_of(key), path});
    if (name == "transport") {
      read_transports(node, path);
    } else if (const auto* parameter = find_parameter(name)) {
      read_parameter(*parameter, node, path);
    } else if (const auto* row = find_transport(name)) {
      read_options(*row, node, path);
    } else {
      reject_unknown(key, path, section_keys(), table_of_option(key.str()));
    }
  }

 private:
  void read_parameter(const Parameter& parameter, const toml::node& node, const std::string& path) {
    auto values = read_axis(node, parameter, cpus_, {path, errors_, &files_});
    section_.axes.push_back({&parameter, std::move(values)});
  }

  void read_transports(const toml::node& node, const std::string& path) {
    auto allowed = transport_names();
    allowed.push_back(kAllTransports);
    const ValueReader reader{path, errors_};
    const auto errors_before = errors_.count();
    for (const auto* element : axis_nodes(node, reader)) {
      const auto name = reader.word(*element, allowed);
      if (!name) continue;
      for (const Row* row : transports()) {
        if (*name == row->name || *name == kAllTransports) choose(*row);
      }
    }
    section_.knows_transports = errors_.count() == errors_before;
  }

  void choose(const Row& row) {
    auto& chosen = section_.transports;
    if (std::find(chosen.begin(), chosen.end(), &row) == chosen.end()) chosen.push_back(&row);
  }

  void read_options(const Row& row, const toml::node& node, const std::string& path) {
    const auto* table = node.as_table();
    if (table == nullptr) {
      ValueReader{path, errors_}.reject(
          node, fmt::format("a table of the options of this transport, [{}]", path));
      return;
    }
    auto& axes = section_.options[&row];
    for (const auto& [key, value] : *table) {
      const std::string option_path = path + "." + printable(key.str());
      const auto spec = std::ranges::find(row.options, key.str(), &OptionSpec::key);
      if (spec == row.options.end()) {
        reject_unknown(key, option_path, option_keys(row), {});
        continue;
      }
      section_.statements.emplace(fmt::format("{}.{}", row.name, spec->key),
                                  Statement{where_of(key), option_path});
      axes.push_back({&*spec, read_option_axis(value, *spec, {option_path, errors_})});
    }
  }

  void reject_unknown(const toml::key& key, const std::string& path,
                      const std::vector<std::string_view>& known, const std::string& hint) {
    const std::string allowed = known.empty() ? "nothing, for it has no options"
                                              : fmt::format("{}", fmt::join(known, ", "));
    errors_.add(where_of(key), path,
                fmt::format("found an unknown key; allowed: {}{}", allowed,
                            hint.empty() ? suggestion(key.str(), known) : hint));
  }

  // Where an option that stands among the parameters belongs; empty: no transport has such an
  // option.
  std::string table_of_option(std::string_view key) const {
    std::vector<std::string> tables;
    for (const Row* row : transports()) {
      if (std::ranges::count(row->options, key, &OptionSpec::key) == 0) continue;
      tables.push_back(fmt::format("[{}.{}]", section_.name, row->name));
    }
    return tables.empty() ? "" : fmt::format("; this one belongs in {}", fmt::join(tables, " or "));
  }

  Section& section_;
  std::uint64_t cpus_;
  InputFiles& files_;
  ConfigErrors& errors_;
};

template <class Axes, class Same>
void add_missing(Axes& axes, const Axes& defaults, Same same) {
  for (const auto& axis : defaults) {
    const auto states_it = [&](const auto& own) { return same(own, axis); };
    if (std::none_of(axes.begin(), axes.end(), states_it)) axes.push_back(axis);
  }
}

}  // namespace

Section read_section(const toml::table& table, const std::string& name, Where where,
                     std::uint64_t cpus, InputFiles& files, ConfigErrors& errors) {
  Section section;
  section.name = name;
  section.where = where;
  const auto errors_before = errors.count();
  SectionReader reader(section, cpus, files, errors);
  for (const auto& [key, node] : table) reader.read(key, node);
  section.sound = errors.count() == errors_before;
  return section;
}

Section with_defaults(const Section& defaults, Section section, ConfigErrors& errors) {
  if (!section.statements.contains("transport")) {
    section.transports = defaults.transports;
    section.knows_transports = section.knows_transports && defaults.knows_transports;
  }
  check_option_tables(section, errors);
  section.sound = section.sound && defaults.sound;
  add_missing(section.axes, defaults.axes,
              [](const Axis& a, const Axis& b) { return a.parameter == b.parameter; });
  for (const auto& [row, axes] : defaults.options) {
    add_missing(section.options[row], axes,
                [](const OptionAxis& a, const OptionAxis& b) { return a.spec == b.spec; });
  }
  for (const auto& statement : defaults.statements) section.statements.insert(statement);
  return section;
}

Product product_of(const Section& section) {
  Product product{.transports = {}, .axes = section.axes};
  // The table's order, so that the order of cells does not hang on which section states a key.
  std::ranges::sort(product.axes, {}, &Axis::parameter);
  for (const Row* row : section.transports) {
    const auto options = section.options.find(row);
    product.transports.push_back(
        {row, options == section.options.end() ? std::vector<OptionAxis>{} : options->second});
  }
  if (!section.transports.empty()) return product;
  for (const auto& [row, axes] : section.options) product.transports.push_back({row, axes});
  return product;
}

void check_option_tables(Section& section, ConfigErrors& errors) {
  if (section.transports.empty() || !section.knows_transports) return;
  std::vector<std::string_view> chosen;
  for (const Row* row : section.transports) chosen.push_back(row->name);
  for (const auto& [row, axes] : section.options) {
    if (std::find(chosen.begin(), chosen.end(), row->name) != chosen.end()) continue;
    const auto& [where, path] = section.statements.at(std::string(row->name));
    errors.add(
        where, path,
        fmt::format("found options of a transport that is not in this section; its transports: {}",
                    fmt::join(chosen, ", ")));
    section.sound = false;
  }
}

}  // namespace ringbench
