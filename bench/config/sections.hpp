// The sections of a config that state parameters: [defaults], [matrix], [[include]] and
// [[exclude]].
#pragma once

#include <toml++/toml.h>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "bench/config/config_errors.hpp"
#include "bench/config/input_files.hpp"
#include "bench/config/matrix.hpp"

namespace ringbench {

struct Statement {
  Where where;
  std::string path;  // e.g. "matrix.hybrid.lock"
};

struct Section {
  std::string name;
  Where where;
  bool sound = true;  // false: something in it was rejected, so that its cells cannot be told
  bool knows_transports = true;  // false: one of them was rejected
  std::vector<const Row*> transports;
  std::vector<Axis> axes;
  std::map<const Row*, std::vector<OptionAxis>> options;
  // Where each key stands: "rate", "transport", "hybrid" (its table of options), "hybrid.lock".
  std::map<std::string, Statement> statements;
};

// `cpus`: what "all" stands for in producers.
Section read_section(const toml::table& table, const std::string& name, Where where,
                     std::uint64_t cpus, InputFiles& files, ConfigErrors& errors);

// What the section states, and for every key that it does not, what the defaults state. Reports
// what check_option_tables() does.
Section with_defaults(const Section& defaults, Section section, ConfigErrors& errors);

// The cells the section stands for. Without a stated transport: those of its tables of options.
Product product_of(const Section& section);

// Reports options of a transport that the section leaves out: they would have no effect.
void check_option_tables(Section& section, ConfigErrors& errors);

}  // namespace ringbench
