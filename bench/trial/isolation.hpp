// Each trial in a process of its own: what it breaks, leaks or leaves spinning ends with it, and
// the run goes on.
#pragma once

#include "bench/trial/entry.hpp"

namespace ringbench {

// Forks, runs the trial in the child and brings its result back. A child that crashes, hangs beyond
// its own watchdog, or is killed comes back as a failed result that says so. The child ignores
// SIGINT and SIGTERM (the parent decides when to stop) and dies with the parent. Must be called
// from a process without other threads. Throws std::system_error when there is no process to be
// had.
TrialResult run_isolated(const Entry& entry, const TrialSpec& spec);

}  // namespace ringbench
