#include "impls/kernel/spawner.hpp"

#include <fmt/format.h>
#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <stdexcept>
#include <system_error>

namespace ringbench::kernel {
namespace {

constexpr const char* kProgram = "/bin/true";
constexpr std::uint64_t kMostAtOnce = 32;
constexpr useconds_t kNapUs = 200;
constexpr int kCannotExec = 127;

// Of the calling thread, or of a child of vfork: nothing but a system call.
int move_to(const cpu_set_t& set) {
  return sched_setaffinity(0, sizeof set, &set);
}

cpu_set_t only(unsigned cpu) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(cpu, &set);
  return set;
}

[[noreturn]] void fail(const char* what) {
  throw std::system_error(errno, std::generic_category(), what);
}

}  // namespace

void Spawner::spawn() {
  reap(spawned_ - ended_ >= kMostAtOnce);
  const auto here = only(cpus_[spawned_ % cpus_.size()]);
  const auto there = only(cpus_[(spawned_ + 1) % cpus_.size()]);
  const auto home = only(cpus_.front());
  std::array<char*, 2> arguments{const_cast<char*>(kProgram), nullptr};
  std::array<char*, 1> environment{nullptr};
  if (move_to(here) != 0) fail("the spawner cannot move to another CPU");
  const pid_t child = vfork();
  if (child == 0) {
    if (move_to(there) == 0) execve(kProgram, arguments.data(), environment.data());
    _exit(kCannotExec);
  }
  if (child < 0) fail("cannot fork");
  ++spawned_;
  if (move_to(home) != 0) fail("the spawner cannot move back to its CPU");
}

void Spawner::reap(bool wait) {
  while (ended_ != spawned_) {
    int status = 0;
    const pid_t child = waitpid(-1, &status, wait ? 0 : WNOHANG);
    if (child == 0) return;
    if (child < 0 && errno == EINTR) continue;
    if (child < 0) fail("cannot wait for a process that was spawned");
    ++ended_;
    if (WIFEXITED(status) && WEXITSTATUS(status) == kCannotExec) {
      throw std::runtime_error(fmt::format("cannot execute {}", kProgram));
    }
  }
}

void Spawner::done() {
  done_.store(true, std::memory_order_release);  // its processes have ended: settle()
  done_.notify_all();
}

SpawnProducer::SpawnProducer(const Program& program, unsigned index)
    : spawner_(program.spawner.get()), state_(&program.states[index]), spawns_(index == 0) {
  if (spawns_) run_once(program.enlist_fd);
}

SpawnProducer::~SpawnProducer() {
  if (spawns_) spawner_->done();
}

std::uint64_t SpawnProducer::emit(std::uint64_t /*sequence*/, unsigned processes) {
  if (spawns_) {
    for (unsigned i = 0; i < processes; ++i) spawner_->spawn();
  } else {
    usleep(kNapUs);
  }
  return take_account();
}

std::uint64_t SpawnProducer::settle() {
  if (spawns_) {
    spawner_->reap(true);
    spawner_->done();
  } else {
    spawner_->wait_until_done();
  }
  return take_account();
}

// The program may be running for this CPU meanwhile; only after settle() do the numbers agree.
std::uint64_t SpawnProducer::take_account() {
  const auto attempts = __atomic_load_n(&state_->runs, __ATOMIC_RELAXED);
  const auto new_ones = attempts - attempts_;
  attempts_ = attempts;
  tally = tally_of(*state_, 0);
  return new_ones;
}

}  // namespace ringbench::kernel
