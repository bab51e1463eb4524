// What the kernel counts of the calling thread (getrusage(2), RUSAGE_THREAD, and its CPU time).
#pragma once

#include <cstdint>

namespace ringbench {

class ThreadUsage {
 public:
  struct Counts {
    std::uint64_t voluntary_switches = 0;
    std::uint64_t involuntary_switches = 0;
    std::uint64_t page_faults = 0;
    std::uint64_t cpu_ns = 0;
  };

  void reset() { before_ = now(); }
  Counts counts() const;  // since reset(), by the same thread

 private:
  static Counts now();
  Counts before_;
};

}  // namespace ringbench
