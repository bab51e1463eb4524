// Google Benchmark's own JSON of a whole run: one entry a trial, and at the end its usual
// aggregates over the repetitions of each cell, which Google Benchmark cannot make itself when
// repetitions are interleaved.
#pragma once

#include <benchmark/benchmark.h>

#include <fstream>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace ringbench {

class JsonReport {
 public:
  // `out`: a file, or empty; both may be wanted. Throws ConfigError if the file cannot be written.
  JsonReport(const std::string& out, bool on_stdout);

  void context(const benchmark::BenchmarkReporter::Context& context);  // only the first call counts
  void add(const benchmark::BenchmarkReporter::Run& run);
  // Aggregates, and the closing bracket. Throws std::runtime_error if the file could not take all
  // of it.
  void finish();

 private:
  using Runs = std::vector<benchmark::BenchmarkReporter::Run>;
  void report(const Runs& runs);

  std::string out_;
  std::ofstream file_;
  std::vector<std::unique_ptr<benchmark::JSONReporter>> reporters_;
  std::map<std::string, Runs> runs_;  // by name
  bool begun_ = false;
};

}  // namespace ringbench
