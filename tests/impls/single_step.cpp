#include "tests/impls/single_step.hpp"

#include <signal.h>
#include <sys/ptrace.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <stdexcept>

namespace ringbench {
namespace {

constexpr int kMayNotBeTraced = 77;
constexpr std::uint8_t kInt3 = 0xCC;
constexpr unsigned kMostSteps = 100'000;

[[noreturn]] void be_child(const std::function<void()>& work) noexcept {
  if (ptrace(PTRACE_TRACEME, 0, nullptr, nullptr) != 0) _exit(kMayNotBeTraced);
  work();
  _exit(EXIT_SUCCESS);
}

// Intel SDM vol. 2, 2.1.1: legacy prefixes, but LOCK itself.
bool is_prefix(std::uint8_t byte) {
  constexpr std::array<std::uint8_t, 10> kPrefixes{0xF2, 0xF3, 0x2E, 0x36, 0x3E,
                                                   0x26, 0x64, 0x65, 0x66, 0x67};
  return std::ranges::count(kPrefixes, byte) != 0;
}

bool is_rex(std::uint8_t byte) {
  return byte >> 4 == 4;
}

// ADD, SUB, INC, DEC with a memory operand, by opcode and, where several share one, by /digit.
bool is_addition(const std::uint8_t* opcode) {
  const unsigned digit = opcode[1] >> 3 & 7;
  switch (*opcode) {
    case 0x00:
    case 0x01:
    case 0x28:
    case 0x29:
      return true;
    case 0x80:
    case 0x81:
    case 0x83:
      return digit == 0 || digit == 5;
    case 0xFE:
    case 0xFF:
      return digit <= 1;
    default:
      return false;
  }
}

void count(const std::uint8_t* instruction, Executed& executed) {
  ++executed.steps;
  bool locked = false;
  for (; *instruction == 0xF0 || is_prefix(*instruction); ++instruction) {
    locked |= *instruction == 0xF0;
  }
  if (is_rex(*instruction)) ++instruction;
  const bool on_memory = instruction[1] >> 6 != 3;
  if ((*instruction == 0x86 || *instruction == 0x87) && on_memory) {
    ++executed.xchg;
  } else if (!locked) {
    return;
  } else if (*instruction == 0x0F && (instruction[1] | 1) == 0xC1) {
    ++executed.xadd;
  } else if (*instruction == 0x0F && (instruction[1] | 1) == 0xB1) {
    ++executed.cmpxchg;
  } else if (is_addition(instruction)) {
    ++executed.xadd;
  } else {
    ++executed.other_locked;
  }
}

// The child is a copy of this process, so its code stands at the same address here.
const std::uint8_t* next_instruction(pid_t child) {
  user_regs_struct registers{};
  ptrace(PTRACE_GETREGS, child, nullptr, &registers);
  return reinterpret_cast<const std::uint8_t*>(registers.rip);
}

bool has_trapped(pid_t child) {
  int status = 0;
  waitpid(child, &status, 0);
  if (WIFEXITED(status) && WEXITSTATUS(status) == kMayNotBeTraced) return false;
  if (!WIFSTOPPED(status) || WSTOPSIG(status) != SIGTRAP) {
    throw std::runtime_error("the traced child ended between its marks or never reached the first");
  }
  return true;
}

Executed step_to_mark(pid_t child) {
  Executed executed;
  for (const auto* at = next_instruction(child); *at != kInt3; at = next_instruction(child)) {
    count(at, executed);
    if (executed.steps > kMostSteps) throw std::runtime_error("the second mark never came");
    ptrace(PTRACE_SINGLESTEP, child, nullptr, nullptr);
    has_trapped(child);
  }
  return executed;
}

}  // namespace

std::optional<Executed> executed_by(const std::function<void()>& work) {
  const pid_t child = fork();
  if (child < 0) throw std::runtime_error("cannot fork");
  if (child == 0) be_child(work);
  if (!has_trapped(child)) return std::nullopt;
  const Executed executed = step_to_mark(child);
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
  return executed;
}

}  // namespace ringbench
