// Which atomic instructions a piece of code really executes: a child process runs it one
// instruction at a time (ptrace(2), PTRACE_SINGLESTEP), and each is looked at.
#pragma once

#include <functional>
#include <optional>

namespace ringbench {

struct Executed {
  unsigned steps = 0;
  unsigned xadd = 0;  // lock-prefixed XADD, ADD, SUB, INC, DEC
  unsigned xchg = 0;  // with memory, which locks by itself
  unsigned cmpxchg = 0;
  unsigned other_locked = 0;
};

// An end of the piece that is counted; ends a process that is not traced.
inline void mark() {
  asm volatile("int3" : : : "memory");
}

// Runs `work` in a child and counts between its two calls of mark(). Nothing where tracing is not
// allowed. Throws std::runtime_error if the child did not get from one mark to the other.
std::optional<Executed> executed_by(const std::function<void()>& work);

}  // namespace ringbench
