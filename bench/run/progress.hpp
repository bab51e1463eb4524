// The progress line on stderr: where the run stands, how long it will take, what came last.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>

#include "bench/run/status_line.hpp"
#include "bench/trial/trial_result.hpp"

namespace ringbench {

class ProgressLine {
 public:
  // `total`: trials this run expects; may grow.
  explicit ProgressLine(std::size_t total);

  void grow(std::size_t more) { total_ += more; }
  void say(const std::string& text);  // gives way to the next trial, on a terminal
  void show(const std::string& name, const TrialResult& result);

 private:
  using Clock = std::chrono::steady_clock;
  std::size_t total_;
  std::size_t done_ = 0;
  Clock::time_point start_ = Clock::now();
  StatusLine line_;
};

}  // namespace ringbench
