// The producers' side of the kernel's transports: a BPF program that makes events, and a handle
// through which one thread has it run.
//
// A program runs on the CPU of the thread whose call set it off, so a pinned thread decides which
// CPU produces. The drivers:
//
//     test_run    bpf(BPF_PROG_TEST_RUN) of a raw tracepoint program: a batch of events at a call
//     syscall     a raw tracepoint on the entry of system calls, set off by an unused one: one
//     event
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "impls/kernel/abi.h"
#include "impls/transport.hpp"

namespace ringbench::kernel {

// A file descriptor that is closed with its owner. -1: none.
class Descriptor {
 public:
  explicit Descriptor(int fd = -1) : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(other.release()) {}
  Descriptor& operator=(Descriptor&& other) noexcept;
  ~Descriptor();
  int get() const { return fd_; }
  int release();

 private:
  int fd_;
};

// Pages of a kernel object in this process. Throws std::system_error; `what` ends the sentence
// "cannot map ...".
class Mapping {
 public:
  Mapping() = default;
  Mapping(int fd, std::size_t bytes, int protection, std::size_t offset, const char* what);
  Mapping(Mapping&& other) noexcept;
  Mapping& operator=(Mapping&& other) noexcept;
  ~Mapping();
  std::byte* data() const { return pages_.data(); }
  std::span<std::byte> pages() const { return pages_; }

 private:
  std::span<std::byte> pages_;
};

class Spawner;

// A program as it was loaded. What `object` owns lives as long as it.
struct Program {
  std::shared_ptr<void> object;
  int batch_fd = -1;        // test_run
  int on_syscall_fd = -1;   // syscall: attached
  std::uint64_t token = 0;  // syscall: its fourth argument
  unsigned batch = 1;       // most events of a call
  int enlist_fd = -1;       // lifecycle: run by the spawner, once
  std::shared_ptr<Spawner> spawner;
  std::vector<int> interrupt_fds;  // nmi, timer: the perf event of each producer's CPU
  Mapping states_mapping;
  std::span<producer_state> states;  // of each producer, and then of the interrupts of each
};

// Times that the kernel did not run the program because it was running on that CPU already
// (bpf_prog_info.recursion_misses).
std::uint64_t recursion_misses(int program_fd);

// Runs a program of this kind in the calling thread: `words` are its arguments. Throws
// std::system_error.
void run_once(int program_fd, std::span<const std::uint64_t> words = {});

// What a program counted, and what never came to it.
Tally tally_of(const producer_state& state, std::uint64_t lost);

class Producer {
 public:
  Producer(const Program& program, unsigned index);

  unsigned batch() const { return batch_; }
  bool is_timed() const { return true; }
  std::uint64_t emit(std::uint64_t sequence, unsigned events);
  void emit_nothing(std::uint64_t sequence, unsigned events);
  std::span<const std::uint64_t> refused() const { return refused_; }
  std::uint64_t settle() { return 0; }

  Tally tally;

 private:
  bool call(std::uint64_t sequence, std::uint64_t events);  // false: the program did not run

  int batch_fd_;
  std::uint64_t token_;
  unsigned batch_;
  std::uint64_t index_;
  producer_state* state_;
  std::uint64_t lost_ = 0;  // events whose call did not run the program
  std::span<const std::uint64_t> refused_;
};

// Where the kernel and the tallies do not agree; empty: nowhere. Every producer has settled.
std::string audit(const Program& program);

}  // namespace ringbench::kernel
