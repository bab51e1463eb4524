#include "bench/run/progress.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <utility>

#include "bench/trial/columns.hpp"

namespace ringbench {
namespace {

std::string in_words(const TrialResult& result) {
  if (result.status == Status::failed) return "FAILED: " + result.reason;
  const auto cost = headline(result);
  const auto dropped = find_column("drop_fraction").value(result);
  std::string text = cost ? fmt::format("{:.0f} cycles", *cost) : "no cost measured";
  if (dropped) text += fmt::format(", {:.3g} % dropped", *dropped * 100);
  if (result.status == Status::tainted) text += ", tainted";
  return text;
}

std::string clock_time(std::chrono::duration<double> duration) {
  const auto seconds = static_cast<long>(duration.count());
  return fmt::format("{}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
}

}  // namespace

ProgressLine::ProgressLine(std::size_t total) : total_(total) {}

void ProgressLine::say(const std::string& text) {
  line_.show(text);
}

void ProgressLine::show(const std::string& name, const TrialResult& result) {
  ++done_;
  const std::chrono::duration<double> elapsed = Clock::now() - start_;
  const auto left = elapsed / static_cast<double>(done_) * static_cast<double>(total_ - done_);
  auto line = fmt::format("[{}/{}] {} elapsed, {} left | {} | {}", done_, total_,
                          clock_time(elapsed), clock_time(left), in_words(result), name);
  result.status == Status::failed ? line_.keep(line) : line_.show(std::move(line));
}

}  // namespace ringbench
