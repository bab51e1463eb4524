// A run from its first trial to its last: every trial is a Google Benchmark of one iteration, whose
// reporter carries the result to the store, to Google Benchmark's own reporters and to the progress
// line.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "bench/config/config.hpp"
#include "bench/limits/limits_plan.hpp"
#include "bench/run/schedule.hpp"
#include "bench/run/store.hpp"

namespace ringbench {

// Google Benchmark's flags that mean something for a run, as the user gave them.
struct BenchmarkFlags {
  std::string filter;  // a regular expression on cell names; '-' in front negates
  std::optional<std::uint64_t> repetitions;  // instead of the config's
  std::string out;                           // a file for Google Benchmark's JSON
  bool json_on_stdout = false;
};

enum class Outcome : std::uint8_t { complete, interrupted };

// Throws what run_session() would throw for these flags, so that nothing has been written by then.
void check_flags(const std::vector<Planned>& cells, const BenchmarkFlags& flags);

// Runs what the store lacks; the first rounds begin with the machine's limits. SIGINT finishes the
// running trial, stores it and returns; a second one ends the process. Throws StoreError,
// ConfigError (no cell matches the filter; a bad expression).
Outcome run_session(Store& store, const std::vector<Planned>& cells, const LimitsPlan& limits,
                    const RunSettings& settings, const BenchmarkFlags& flags);

// Names of the cells, by Google Benchmark's own listing.
void list_cells(const std::vector<Planned>& cells, const BenchmarkFlags& flags);

}  // namespace ringbench
