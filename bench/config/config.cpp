#include "bench/config/config.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <variant>

#include "bench/config/cells.hpp"
#include "bench/config/config_errors.hpp"
#include "bench/config/search_section.hpp"
#include "bench/config/sections.hpp"
#include "bench/config/suggest.hpp"
#include "bench/config/toml_document.hpp"
#include "bench/config/toml_values.hpp"

namespace ringbench {
namespace {

// Far above any config, and small enough to hold when the path is a device without an end.
constexpr std::size_t kLargestFile = 1 << 20;

// A number of a section that holds nothing else.
template <class Settings>
struct SettingKey {
  std::string_view key;
  std::variant<std::uint64_t Settings::*, double Settings::*> member;
  double min;
  double max;
  std::string_view unit = "";
};
using RunKey = SettingKey<RunSettings>;
constexpr std::array kRunKeys{
    RunKey{"seed", &RunSettings::seed, 0, 0x1p63},
    RunKey{"repetitions", &RunSettings::repetitions, 1, kMostRepetitions},
    RunKey{"max_repetitions", &RunSettings::max_repetitions, 1, kMostRepetitions},
    RunKey{"interval", &RunSettings::interval, 0, 1},
    RunKey{"max_cells", &RunSettings::max_cells, 1, 1e6},
    RunKey{"watchdog_s", &RunSettings::watchdog_s, 0.1, 3600, "s"},
};
using NoiseKey = SettingKey<NoiseLimits>;
constexpr std::array kNoiseKeys{
    NoiseKey{"attempts", &NoiseLimits::attempts, 1, 100},
    NoiseKey{"lag_p99_us", &NoiseLimits::lag_p99_us, 0, 1e9, "us"},
    NoiseKey{"hiccup_share", &NoiseLimits::hiccup_share, 0, 1},
    NoiseKey{"steal_share", &NoiseLimits::steal_share, 0, 1},
    NoiseKey{"switches_per_s", &NoiseLimits::switches_per_s, 0, 1e9, "1/s"},
    NoiseKey{"page_faults", &NoiseLimits::page_faults, 0, 1e9},
    NoiseKey{"frequency_change", &NoiseLimits::frequency_change, 0, 1},
    NoiseKey{"longest_window_ms", &NoiseLimits::longest_window_ms, 5, kLongestChosenMs, "ms"},
};

constexpr std::array<std::string_view, 9> kTopKeys{
    "title", "question", "run", "noise", "search", "defaults", "matrix", "include", "exclude"};

template <class Keys>
void reject_unknown(const toml::key& key, std::string_view path, const Keys& known,
                    ConfigErrors& errors) {
  errors.add(where_of(key), path,
             fmt::format("found an unknown key; allowed: {}{}", fmt::join(known, ", "),
                         suggestion(key.str(), known)));
}

template <class Settings>
void read_setting(const SettingKey<Settings>& key, const toml::node& node, const std::string& path,
                  Settings& settings, ConfigErrors& errors) {
  const ValueReader reader{path, errors};
  if (const auto* count = std::get_if<std::uint64_t Settings::*>(&key.member)) {
    if (const auto value = reader.integer(node, key.min, key.max, false, key.unit))
      settings.** count = *value;
  } else if (const auto value = reader.number(node, key.min, key.max, key.unit)) {
    settings.*std::get<double Settings::*>(key.member) = *value;
  }
}

template <class Settings, std::size_t N>
void read_settings(const toml::table& table, std::string_view section,
                   const std::array<SettingKey<Settings>, N>& keys, Settings& settings,
                   ConfigErrors& errors) {
  std::vector<std::string_view> known;
  for (const auto& key : keys) known.push_back(key.key);
  for (const auto& [key, node] : table) {
    const auto path = fmt::format("{}.{}", section, printable(key.str()));
    const auto row = std::ranges::find(keys, key.str(), &SettingKey<Settings>::key);
    if (row != keys.end()) {
      read_setting(*row, node, path, settings, errors);
    } else {
      reject_unknown(key, path, known, errors);
    }
  }
}

RunSettings read_run(const toml::table& table, ConfigErrors& errors) {
  RunSettings run;
  const auto errors_before = errors.count();
  read_settings(table, "run", kRunKeys, run, errors);
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
  DocumentReader(Config& config, std::uint64_t cpus, InputFiles& files, ConfigErrors& errors)
      : config_(config), cpus_(cpus), files_(files), errors_(errors) {}

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
    } else if (name == "noise") {
      if (const auto* table = table_of(key, node))
        read_settings(*table, "noise", kNoiseKeys, config_.noise, errors_);
    } else if (name == "search") {
      if (const auto* table = table_of(key, node)) config_.search = read_search(*table, errors_);
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
    return read_section(table, std::string(name), where, cpus_, files_, errors_);
  }

  Config& config_;
  std::uint64_t cpus_;
  InputFiles& files_;
  ConfigErrors& errors_;
  Sections sections_;
};

[[noreturn]] void refuse_file(const std::string& path, const std::string& why) {
  throw ConfigError(
      {fmt::format("{}: the config cannot be read: {}; allowed: the path of a TOML file, such as "
                   "configs/quick.toml",
                   path, why)});
}

}  // namespace

Config load_config(const std::string& path, std::uint64_t cpus) {
  std::string text;
  try {
    text = read_file(path, kLargestFile);
  } catch (const std::runtime_error& error) {
    refuse_file(path, error.what());
  }
  return parse_config(text, path, cpus);
}

Config parse_config(const std::string& text, const std::string& path, std::uint64_t cpus,
                    InputTexts inputs) {
  ConfigErrors errors(path);
  const toml::table document = parse_document(text, errors);
  Config config;
  config.name = std::filesystem::path(path).stem().string();
  config.title = config.name;
  config.text = text;
  config.folder = std::filesystem::absolute(path).lexically_normal().parent_path().string();
  InputFiles files(config.folder, std::move(inputs));
  DocumentReader(config, std::max<std::uint64_t>(cpus, 1), files, errors).read(document);
  errors.throw_if_any();
  config.inputs = files.texts();
  config.search.retries = config.noise.attempts - 1;
  return config;
}

}  // namespace ringbench
