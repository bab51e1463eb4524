// The drivers `nmi` and `timer`: events made in interrupts of each producer's CPU, while the
// producer's thread takes the ring's lock as often as it can, for records that it discards
// (impls/kernel/interrupt.bpf.h). An NMI may come while that lock is held, and may then only try
// it; a timer's interrupt waits until the lock is free, and is the control.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "impls/kernel/options.hpp"
#include "impls/kernel/program.hpp"
#include "impls/transport.hpp"

namespace ringbench::kernel {

bool has_interrupting_counter();

// The perf event that interrupts a CPU. Throws std::system_error.
Descriptor open_interrupt(const Options& options, unsigned cpu);

class InterruptProducer {
 public:
  InterruptProducer(const Program& program, unsigned index);

  unsigned batch() const { return thread_.batch(); }
  bool is_timed() const { return false; }
  std::uint64_t emit(std::uint64_t sequence, unsigned events);
  void emit_nothing(std::uint64_t /*sequence*/, unsigned /*events*/) {}
  std::span<const std::uint64_t> refused() const { return {}; }
  std::uint64_t settle();  // the interrupts end

  Tally tally;

 private:
  std::uint64_t take_account();

  Producer thread_;
  const producer_state* interrupts_;
  int event_fd_;
  std::uint64_t seen_ = 0;
};

}  // namespace ringbench::kernel
