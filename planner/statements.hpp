// What a plan file, --what-if and --machine state, key by key, before any of it has a meaning.
#pragma once

#include <toml++/toml.h>

#include <deque>
#include <filesystem>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "bench/config/config_errors.hpp"
#include "bench/config/toml_values.hpp"
#include "planner/plan_file.hpp"

namespace ringbench::planner {

struct Statement {
  const toml::node* node = nullptr;
  ConfigErrors* errors = nullptr;  // of the file or the option that states it
  std::filesystem::path folder;    // what a path in it starts from
};

// Every key but those of a layout, dotted.
std::vector<std::string_view> plan_keys();

class Statements {
 public:
  // Of a key that is stated twice the options' value counts. Reports keys that no plan has; throws
  // ConfigError where the text is no TOML.
  Statements(const std::string& text, const PlanRequest& request);
  Statements(const Statements&) = delete;
  Statements& operator=(const Statements&) = delete;

  const Statement* find(std::string_view key) const;  // nullptr: nobody states it
  const std::vector<const toml::node*>& layouts() const { return layouts_; }
  ConfigErrors& file_errors() { return errors_.front(); }

  // The value where it is stated and good; what is wrong with it is reported.
  std::optional<std::string> text(std::string_view key);
  std::optional<std::string> word(std::string_view key, std::span<const std::string_view> allowed);
  std::optional<std::uint64_t> integer(std::string_view key, double min, double max);
  std::optional<double> number(std::string_view key, double min, double max, std::string_view unit);
  // A string as a path.
  std::optional<std::string> path(std::string_view key);

  // Reports at the key's place; where nobody states it, at its section or the start of the file.
  void reject(std::string_view key, std::string_view sentence);

  void throw_if_any();  // ConfigError: the file's errors, then the options'

 private:
  void read_file(const toml::table& document);
  void read_section(const toml::key& name, const toml::node& node);
  void read_layouts(const toml::node& node);
  void read_option(const std::string& option, const std::string& key, toml::table value);
  void read_what_if(const std::string& text);
  ValueReader reader(std::string_view key, const Statement& statement) const;

  std::deque<ConfigErrors> errors_;  // of the file, then of each option
  std::deque<toml::table> documents_;
  std::filesystem::path folder_;
  std::map<std::string, Statement, std::less<>> statements_;
  std::map<std::string, Where, std::less<>> sections_;
  std::vector<const toml::node*> layouts_;
};

// A size in bytes: a number, or a string such as "64 KiB".
std::optional<double> read_bytes(const toml::node& node, double min, double max,
                                 const ValueReader& reader);

}  // namespace ringbench::planner
