// A producer that interrupts another on its own CPU, as an NMI does: it must not wait for a lock
// whose holder it may have stopped. Here a signal handler stands for the NMI.
#pragma once

#include <array>
#include <csignal>
#include <cstdint>
#include <string_view>

#include "impls/transport.hpp"

namespace ringbench {

inline constexpr std::array<std::string_view, 3> kInterruptedNames{"try", "bounded", "guard"};
inline constexpr OptionSpec kInterrupted{
    .key = "interrupted",
    .summary =
        "what a producer does that interrupts another: try the lock once, as the BPF ring buffer "
        "in NMI; try it up to a bound, as its resilient lock; or be refused where it interrupted a "
        "reservation, as a BPF program that runs already",
    .fallback = "try",
    .allowed = kInterruptedNames,
    .silent_at_fallback = true};
inline constexpr OptionSpec kInterruptedTries{
    .key = "interrupted_tries",
    .summary = "with interrupted = bounded: tries of the lock, a pause between each two",
    .fallback = "1000",
    .min = 1,
    .max = 1'000'000,
    .when = {{{"interrupted", {"bounded"}}}},
    .silent_at_fallback = true};

// Whether a producer is between its reserve and the end of its reservation, for a handler on its
// own thread to see (the counter `active` of struct bpf_prog).
class RecursionGuard {
 public:
  void enter() { inside_ = 1; }
  void leave() { inside_ = 0; }
  bool inside() const { return inside_ != 0; }

 private:
  volatile std::sig_atomic_t inside_ = 0;
};

struct NoGuard {
  void enter() {}
  void leave() {}
  bool inside() const { return false; }
};

}  // namespace ringbench
