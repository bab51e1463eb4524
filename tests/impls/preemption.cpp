#include "tests/impls/preemption.hpp"

#include <signal.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <ctime>
#include <random>
#include <stdexcept>

namespace ringbench::conformance {
namespace {

constexpr int kStrike = SIGUSR2;
std::atomic<std::uint64_t> sleeps{0};

// All it calls is safe in a signal handler.
void sleep_for_the_value(int /*signal*/, siginfo_t* info, void* /*context*/) {
  const int error = errno;
  const timespec time{.tv_sec = 0, .tv_nsec = 1'000L * info->si_value.sival_int};
  nanosleep(&time, nullptr);
  sleeps.fetch_add(1, std::memory_order_relaxed);
  errno = error;
}

void install() {
  struct sigaction action {};
  action.sa_sigaction = sleep_for_the_value;
  action.sa_flags = SA_SIGINFO | SA_RESTART;
  if (sigaction(kStrike, &action, nullptr) != 0) throw std::runtime_error("no handler for SIGUSR2");
}

}  // namespace

Preemption::Preemption(std::uint32_t seed, std::chrono::microseconds period,
                       std::chrono::microseconds longest)
    : before_(sleeps.load(std::memory_order_relaxed)) {
  install();
  striker_ = std::jthread([this, seed, period, longest](const std::stop_token& stop) {
    strike(stop, seed, period, longest);
  });
}

void Preemption::strike(const std::stop_token& stop, std::uint32_t seed,
                        std::chrono::microseconds period, std::chrono::microseconds longest) {
  std::mt19937 random(seed);
  std::uniform_int_distribution<int> pause(0, 2 * static_cast<int>(period.count()));
  std::uniform_int_distribution<int> length(0, static_cast<int>(longest.count()));
  while (!stop.stop_requested()) {
    std::this_thread::sleep_for(std::chrono::microseconds(pause(random)));
    const std::scoped_lock lock(mutex_);
    if (members_.empty()) continue;
    // Where the one before is still pending, this one is nothing: slept() counts what happened.
    pthread_sigqueue(members_[random() % members_.size()], kStrike, {.sival_int = length(random)});
  }
}

std::uint64_t Preemption::slept() const {
  return sleeps.load(std::memory_order_relaxed) - before_;
}

Preemption::Member::Member(Preemption& preemption) : preemption_(preemption) {
  const std::scoped_lock lock(preemption_.mutex_);
  preemption_.members_.push_back(pthread_self());
}

Preemption::Member::~Member() {
  const std::scoped_lock lock(preemption_.mutex_);
  std::erase(preemption_.members_, pthread_self());
}

}  // namespace ringbench::conformance
