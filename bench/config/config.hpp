// A config file (TOML 1.0) and the cells it stands for on a machine.
//
//     title = "..."            what the run is called in the report
//     question = "..."         what it is meant to answer
//     [run]                    seed, repetitions, max_repetitions, interval, max_cells, watchdog_s
//     [noise]                  when a trial is tainted, and how often it is tried
//     [search]                 how `ringbench search` looks for the highest rate
//     [defaults]               values shared by [matrix] and every [[include]]
//     [matrix]                 lists are the axes of a product
//     [matrix.ringbuf]         the transport's own parameters, for its cells alone
//     [[exclude]]              cuts the cells of [matrix] that match every key it states
//     [[include]]              adds the product of its own axes
//
// docs/config.md is the user's page.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

#include "bench/config/cell.hpp"
#include "bench/config/input_files.hpp"
#include "bench/config/noise_limits.hpp"
#include "bench/config/search_settings.hpp"

namespace ringbench {

inline constexpr std::uint64_t kMostRepetitions = 1'000;

struct RunSettings {
  std::uint64_t seed = 1;
  std::uint64_t repetitions = 3;      // of every cell
  std::uint64_t max_repetitions = 3;  // >= repetitions: where the interval is still too wide
  // Wanted half-width of the 95 % interval of the headline metric, over its median; 0: never stop
  // early.
  double interval = 0.05;
  std::uint64_t max_cells = 100'000;
  double watchdog_s = 10;  // a trial that takes this much longer than its phases is ended
};

struct Config {
  std::string name;  // the file's stem
  std::string title;
  std::string question;
  std::string text;    // the file as it was read
  std::string folder;  // absolute; what the paths in the config start from
  InputTexts inputs;   // what the files that it names held
  RunSettings run;
  NoiseLimits noise;
  SearchSettings search;
  std::vector<Cell> cells;  // [matrix] first, then each [[include]]; without duplicates
};

// Every error of a config at once, in the order of the file, each "file:line:column: key: what was
// found; what is allowed"; of a file that cannot be read, the path and why.
class ConfigError : public std::runtime_error {
 public:
  explicit ConfigError(std::vector<std::string> errors);
  const std::vector<std::string>& errors() const { return errors_; }

 private:
  std::vector<std::string> errors_;
};

// `cpus`: how many CPUs the process may use; what "all" stands for in `producers`.
// `inputs`: files that need not be read again. Throws ConfigError.
Config load_config(const std::string& path, std::uint64_t cpus);
Config parse_config(const std::string& text, const std::string& path, std::uint64_t cpus,
                    InputTexts inputs = {});

}  // namespace ringbench
