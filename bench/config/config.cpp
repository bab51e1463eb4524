#include "bench/config/config.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <variant>

#include "bench/config/cells.hpp"
#include "bench/config/config_errors.hpp"
#include "bench/config/sections.hpp"
#include "bench/config/suggest.hpp"
#include "bench/config/toml_document.hpp"
#include "bench/config/toml_values.hpp"

namespace ringbench {
namespace {

// Far above any config, and small enough to hold when the path is a device without an end.
constexpr std::size_t kLargestFile = 1 << 20;

struct RunKey {
  std::string_view key;
  std::variant<std::uint64_t RunSettings::*, double RunSettings::*> member;
  double min;
  double max;
  std::string_view unit = "";
};
constexpr std::array kRunKeys{
    RunKey{"seed", &RunSettings::seed, 0, 0x1p63},
    RunKey{"repetitions", &RunSettings::repetitions, 1, 1000},
    RunKey{"max_repetitions", &RunSettings::max_repetitions, 1, 1000},
    RunKey{"interval", &RunSettings::interval, 0, 1},
    RunKey{"max_cells", &RunSettings::max_cells, 1, 1e6},
    RunKey{"watchdog_s", &RunSettings::watchdog_s, 0.1, 3600, "s"},
};

constexpr std::array<std::string_view, 7> kTopKeys{"title",  "question", "run",    "defaults",
                                                   "matrix", "include",  "exclude"};

template <class Keys>
void reject_unknown(const toml::key& key, std::string_view path, const Keys& known,
                    ConfigErrors& errors) {
  errors.add(where_of(key), path,
             fmt::format("found an unknown key; allowed: {}{}", fmt::join(known, ", "),
                         suggestion(key.str(), known)));
}

void read_run_value(const RunKey& key, const toml::node& node, RunSettings& run,
                    ConfigErrors& errors) {
  const ValueReader reader{fmt::format("run.{}", key.key), errors};
  if (const auto* count = std::get_if<std::uint64_t RunSettings::*>(&key.member)) {
    if (const auto value = reader.integer(node, key.min, key.max, false, key.unit))
      run.** count = *value;
  } else if (const auto value = reader.number(node, key.min, key.max, key.unit)) {
    run.*std::get<double RunSettings::*>(key.member) = *value;
  }
}

RunSettings read_run(const toml::table& table, ConfigErrors& errors) {
  RunSettings run;
  const auto errors_before = errors.count();
  std::vector<std::string_view> known;
  for (const auto& key : kRunKeys) known.push_back(key.key);
  for (const auto& [key, node] : table) {
    const auto row = std::ranges::find(kRunKeys, key.str(), &RunKey::key);
    if (row != kRunKeys.end()) {
      read_run_value(*row, node, run, errors);
    } else {
      reject_unknown(key, "run." + printable(key.str()), known, errors);
    }
  }
  if (!table.contains("max_repetitions")) {
    run.max_repetitions = std::max(run.max_repetitions, run.repetitions);
  } else if (errors.count() == errors_before && run.max_repetitions < run.repetitions) {
    ValueReader{"run.max_repetitions", errors}.reject(
        *table.get("max_repetitions"),
        fmt::format("an integer not below repetitions, which is {}", run.repetitions));
  }
  return run;
}

class DocumentReader {
 public:
  DocumentReader(Config& config, std::uint64_t cpus, ConfigErrors& errors)
      : config_(config), cpus_(cpus), errors_(errors) {}

  void read(const toml::table& document) {
    for (const auto& [key, node] : document) read(key, node);
    if (!document.contains("matrix") && !document.contains("include")) {
      errors_.add(
          {}, "document",
          "found neither [matrix] nor [[include]]; allowed: at least one of them, for a config "
          "without them has no cell");
    }
    config_.cells = cells_of(sections_, config_.run.max_cells, errors_);
  }

 private:
  void read(const toml::key& key, const toml::node& node) {
    const std::string_view name = key.str();
    if (name == "title" || name == "question") {
      const auto text = ValueReader{std::string(name), errors_}.text(node);
      if (text) (name == "title" ? config_.title : config_.question) = *text;
    } else if (name == "run") {
      if (const auto* table = table_of(key, node)) config_.run = read_run(*table, errors_);
    } else if (name == "defaults") {
      sections_.defaults = only_section(key, node);
    } else if (name == "matrix") {
      sections_.matrix = only_section(key, node);
    } else if (name == "include") {
      read_all(key, node, sections_.includes);
    } else if (name == "exclude") {
      read_all(key, node, sections_.excludes);
    } else {
      reject_unknown(key, printable(name), kTopKeys, errors_);
    }
  }

  const toml::table* table_of(const toml::key& key, const toml::node& node) {
    if (!node.is_table()) {
      ValueReader{std::string(key.str()), errors_}.reject(
          node, fmt::format("one table, [{}]", key.str()));
    }
    return node.as_table();
  }

  Section only_section(const toml::key& key, const toml::node& node) {
    if (const auto* table = table_of(key, node)) return section(*table, key.str(), where_of(node));
    Section unreadable;
    unreadable.sound = false;
    unreadable.knows_transports = false;
    return unreadable;
  }

  void read_all(const toml::key& key, const toml::node& node, std::vector<Section>& sections) {
    const ValueReader reader{std::string(key.str()), errors_};
    const auto allowed = fmt::format("tables, each headed [[{}]]", key.str());
    const auto* array = node.as_array();
    if (array == nullptr || array->empty()) {
      reader.reject(node, allowed);
      return;
    }
    for (const auto& element : *array) {
      if (const auto* table = element.as_table()) {
        sections.push_back(section(*table, key.str(), where_of(element)));
      } else {
        reader.reject(element, allowed);
      }
    }
  }

  Section section(const toml::table& table, std::string_view name, Where where) {
    return read_section(table, std::string(name), where, cpus_, errors_);
  }

  Config& config_;
  std::uint64_t cpus_;
  ConfigErrors& errors_;
  Sections sections_;
};

[[noreturn]] void refuse_file(const std::string& path, const std::string& why) {
  throw ConfigError(
      {fmt::format("{}: the config cannot be read: {}; allowed: the path of a TOML file, such as "
                   "configs/quick.toml",
                   path, why)});
}

std::string read_file(const std::string& path) {
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored)) refuse_file(path, "it is a directory");
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  std::string text(kLargestFile + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (!file.is_open() || file.bad()) refuse_file(path, std::strerror(errno));
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (text.size() > kLargestFile) refuse_file(path, "it is larger than 1 MiB");
  return text;
}

}  // namespace

Config load_config(const std::string& path, std::uint64_t cpus) {
  return parse_config(read_file(path), path, cpus);
}

Config parse_config(const std::string& text, const std::string& path, std::uint64_t cpus) {
  ConfigErrors errors(path);
  const toml::table document = parse_document(text, errors);
  Config config;
  config.name = std::filesystem::path(path).stem().string();
  config.title = config.name;
  config.text = text;
  DocumentReader(config, std::max<std::uint64_t>(cpus, 1), errors).read(document);
  errors.throw_if_any();
  return config;
}

}  // namespace ringbench
