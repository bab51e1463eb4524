#include "impls/kernel/program.hpp"

#include <fmt/format.h>
#include <linux/bpf.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

#include "impls/kernel/spawner.hpp"

namespace ringbench::kernel {

Descriptor& Descriptor::operator=(Descriptor&& other) noexcept {
  if (this != &other) {
    if (fd_ >= 0) close(fd_);
    fd_ = other.release();
  }
  return *this;
}

Descriptor::~Descriptor() {
  if (fd_ >= 0) close(fd_);
}

int Descriptor::release() {
  return std::exchange(fd_, -1);
}

Mapping::Mapping(int fd, std::size_t bytes, int protection, std::size_t offset, const char* what) {
  void* const at = mmap(nullptr, bytes, protection, MAP_SHARED, fd, static_cast<off_t>(offset));
  if (at == MAP_FAILED) {
    throw std::system_error(errno, std::generic_category(), fmt::format("cannot map {}", what));
  }
  pages_ = {static_cast<std::byte*>(at), bytes};
}

Mapping::Mapping(Mapping&& other) noexcept : pages_(std::exchange(other.pages_, {})) {}

Mapping& Mapping::operator=(Mapping&& other) noexcept {
  std::swap(pages_, other.pages_);
  return *this;
}

Mapping::~Mapping() {
  if (!pages_.empty()) munmap(pages_.data(), pages_.size());
}

std::uint64_t recursion_misses(int program_fd) {
  bpf_prog_info info{};
  bpf_attr attr{};
  attr.info.bpf_fd = static_cast<__u32>(program_fd);
  attr.info.info_len = sizeof info;
  attr.info.info = reinterpret_cast<std::uintptr_t>(&info);
  if (syscall(__NR_bpf, BPF_OBJ_GET_INFO_BY_FD, &attr, sizeof attr) != 0) {
    throw std::system_error(errno, std::generic_category(),
                            "cannot ask the kernel how often it did not run a program");
  }
  return info.recursion_misses;
}

void run_once(int program_fd, std::span<const std::uint64_t> words) {
  bpf_attr attr{};
  attr.test.prog_fd = static_cast<__u32>(program_fd);
  attr.test.ctx_in = reinterpret_cast<std::uintptr_t>(words.data());
  attr.test.ctx_size_in = static_cast<__u32>(words.size_bytes());
  if (syscall(__NR_bpf, BPF_PROG_TEST_RUN, &attr, sizeof attr) != 0) {
    throw std::system_error(errno, std::generic_category(),
                            "bpf(BPF_PROG_TEST_RUN) did not run the program");
  }
}

Tally tally_of(const producer_state& state, std::uint64_t lost) {
  Tally tally;
  tally.committed = state.committed;
  tally.discarded = state.discarded;
  const auto set = [&](Drop cause, std::uint64_t count) {
    tally.drops[static_cast<std::size_t>(cause)] = count;
  };
  set(Drop::no_space, state.drop_no_space);
  set(Drop::lock_busy, state.drop_lock_busy);
  set(Drop::too_big, state.drop_too_big);
  set(Drop::recursion, state.drop_recursion + lost);
  return tally;
}

Producer::Producer(const Program& program, unsigned index)
    : batch_fd_(program.batch_fd),
      token_(program.token),
      batch_(program.batch),
      index_(index),
      state_(&program.states[index]) {}

bool Producer::call(std::uint64_t sequence, std::uint64_t events) {
  const auto runs = state_->runs;
  if (batch_fd_ < 0) {
    syscall(TRIGGER_SYSCALL, index_, sequence, events, token_);
  } else {
    std::array<std::uint64_t, CALL_TOKEN> words{};
    words[CALL_PRODUCER] = index_;
    words[CALL_SEQUENCE] = sequence;
    words[CALL_EVENTS] = events;
    run_once(batch_fd_, words);
  }
  // The program ran on this CPU, in this thread: its stores are before this load.
  std::atomic_signal_fence(std::memory_order_seq_cst);
  if (state_->runs != runs) return true;
  ++state_->misses;
  return false;
}

std::uint64_t Producer::emit(std::uint64_t sequence, unsigned events) {
  if (!refused_.empty()) std::ranges::fill(state_->refused, 0);
  const auto dropped_before = tally.dropped();
  if (!call(sequence, events)) {
    lost_ += events;
    state_->refused[0] = 1;  // a call that may be lost makes one event
  }
  tally = tally_of(*state_, lost_);
  refused_ = {};
  if (tally.dropped() != dropped_before) {
    refused_ = std::span(state_->refused).first((events + 63) / 64);
  }
  return events;
}

void Producer::emit_nothing(std::uint64_t sequence, unsigned events) {
  call(sequence, events | CALL_EMPTY);
}

std::string audit(const Program& program) {
  std::uint64_t misses = 0;
  std::uint64_t runs = 0;
  for (std::size_t p = 0; p < program.states.size(); ++p) {
    const auto& state = program.states[p];
    if (state.errors != 0) {
      return fmt::format("producer {}: the kernel refused {} records with \"{}\"", p, state.errors,
                         std::strerror(static_cast<int>(-state.last_error)));
    }
    misses += state.misses;
    runs += state.runs;
  }
  if (program.spawner != nullptr && runs != CHAIN_STEPS * program.spawner->spawned()) {
    return fmt::format("{} processes were spawned, but {} events were seen of them, not {} of each",
                       program.spawner->spawned(), runs, static_cast<int>(CHAIN_STEPS));
  }
  if (program.on_syscall_fd < 0) return {};
  const auto counted = recursion_misses(program.on_syscall_fd);
  if (counted == misses) return {};
  return fmt::format("{} calls did not run the program, but the kernel counts {} recursion misses",
                     misses, counted);
}

}  // namespace ringbench::kernel
