// What comes after the consumers: one stage that every record passes, one at a time.
#pragma once

#include <cstdint>

#include "impls/locks.hpp"
#include "topology/clock.hpp"

namespace ringbench {

// Fair, so that each consumer waits for those that came before it and no longer: an unfair lock
// would starve one and make the order of the rings its own.
class DownstreamStage {
 public:
  explicit DownstreamStage(std::uint64_t ticks_each) : ticks_each_(ticks_each) {}

  // Holds the stage for its time. By any consumer's thread.
  //
  // lock() acquires what the previous holder's unlock() released: its count. The plain count is
  // therefore written by one thread at a time, each after having seen the last one's.
  void pass() {
    McsLock::Node node;
    lock_.lock(node);
    ++passed_;
    for (const auto begin = ticks(); ticks() - begin < ticks_each_;) _mm_pause();
    lock_.unlock(node);
  }

  // Records so far. Exact once the consumers have been joined, which orders their last pass()
  // before this.
  std::uint64_t passed() const { return passed_; }

 private:
  const std::uint64_t ticks_each_;
  std::uint64_t passed_ = 0;
  McsLock lock_;
};

}  // namespace ringbench
