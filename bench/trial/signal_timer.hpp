// Signals to one thread at random moments: what stands for an NMI where there is none.
#pragma once

#include <csignal>
#include <cstdint>
#include <ctime>

namespace ringbench {

// From its making to its end the calling thread, which must be the one to end it, is interrupted at
// intervals that are exponentially distributed around a mean, and `work(context)` runs there: it
// may do only what signal-safety(7) allows. Throws std::system_error.
class SignalTimer {
 public:
  using Work = void (*)(void* context);
  SignalTimer(double mean_us, std::uint64_t seed, Work work, void* context);
  ~SignalTimer();
  SignalTimer(const SignalTimer&) = delete;
  SignalTimer& operator=(const SignalTimer&) = delete;

 private:
  static void on_signal(int number, siginfo_t* info, void* machine_context);
  void arm();

  double mean_us_;
  std::uint64_t random_;
  Work work_;
  void* context_;
  timer_t timer_{};
};

}  // namespace ringbench
