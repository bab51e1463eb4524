#include "bench/trial/isolation.hpp"

#include <exception>

#include "bench/trial/child_process.hpp"

namespace ringbench {
namespace {

// Longer than the child's own watchdog needs in its two waits, setup and run.
double patience(const TrialSpec& spec) {
  return (spec.cell.warmup_ms + spec.window_ms) * 1e-3 + 3 * spec.watchdog_s + 5;
}

}  // namespace

TrialResult run_isolated(const Entry& entry, const TrialSpec& spec) {
  const auto work = [&] {
    try {
      return to_bytes(entry.run(spec));
    } catch (const std::exception& error) {
      return to_bytes(failed(error.what()));
    }
  };
  const auto answer = run_in_child(work, patience(spec));
  return answer.failure.empty() ? from_bytes(answer.bytes)
                                : failed("the trial's process " + answer.failure);
}

}  // namespace ringbench
