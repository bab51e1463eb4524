// The driver `lifecycle`: one thread spawns short-lived processes, each forked on one of the
// producers' CPUs, executed and ended on the next. Their events are made by the kernel's
// tracepoints (impls/kernel/lifecycle.bpf.h).
#pragma once

#include <sys/types.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "impls/kernel/program.hpp"
#include "impls/transport.hpp"

namespace ringbench::kernel {

// Used by one thread, the spawner, but for wait_until_done().
class Spawner {
 public:
  // `cpus`: OS indices; the spawner's own is the first.
  explicit Spawner(std::vector<unsigned> cpus) : cpus_(std::move(cpus)) {}

  // Moves to the next CPU, starts /bin/true from there on the one after it, and comes back. Throws
  // std::system_error or std::runtime_error, as reap() does.
  void spawn();
  // Takes the processes that have ended; all of them, if asked to wait for them.
  void reap(bool wait);
  std::uint64_t spawned() const { return spawned_; }

  void done();
  void wait_until_done() const { done_.wait(false, std::memory_order_acquire); }

 private:
  std::vector<unsigned> cpus_;
  std::uint64_t spawned_ = 0;
  std::uint64_t ended_ = 0;
  std::atomic<bool> done_{false};
};

// A CPU whose events are those of the processes there. The first producer's thread is the spawner,
// the others sleep.
class SpawnProducer {
 public:
  SpawnProducer(const Program& program, unsigned index);
  ~SpawnProducer();  // a spawner that failed keeps nobody waiting
  SpawnProducer(const SpawnProducer&) = delete;
  SpawnProducer& operator=(const SpawnProducer&) = delete;

  unsigned batch() const { return 1; }
  bool is_timed() const { return false; }
  std::uint64_t emit(std::uint64_t sequence, unsigned processes);
  void emit_nothing(std::uint64_t /*sequence*/, unsigned /*events*/) {}
  std::span<const std::uint64_t> refused() const { return {}; }
  // The spawner waits for its children to end, the others for the spawner.
  std::uint64_t settle();

  Tally tally;

 private:
  std::uint64_t take_account();

  Spawner* spawner_;
  producer_state* state_;
  bool spawns_;
  std::uint64_t attempts_ = 0;
};

}  // namespace ringbench::kernel
