#include "bench/trial/signal_timer.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <system_error>

namespace ringbench {
namespace {

int number() {
  return SIGRTMIN;
}

sigset_t only_ours() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, number());
  return set;
}

}  // namespace

SignalTimer::SignalTimer(double mean_us, std::uint64_t seed, Work work, void* context)
    : mean_us_(mean_us), random_(seed | 1), work_(work), context_(context) {
  struct sigaction action {};
  action.sa_sigaction = on_signal;
  action.sa_flags = SA_SIGINFO | SA_RESTART;
  struct sigevent event {};
  event.sigev_notify = SIGEV_THREAD_ID;
  event.sigev_signo = number();
  event.sigev_value.sival_ptr = this;
  event._sigev_un._tid = gettid();
  if (sigaction(number(), &action, nullptr) != 0 ||
      timer_create(CLOCK_MONOTONIC, &event, &timer_) != 0) {
    throw std::system_error(errno, std::generic_category(),
                            "cannot make a timer that interrupts a producer; raise the limit of "
                            "pending signals (ulimit -i)");
  }
  arm();
}

// The last signal may be on its way: it is taken off before what it would use is gone.
SignalTimer::~SignalTimer() {
  const sigset_t ours = only_ours();
  sigset_t before;
  pthread_sigmask(SIG_BLOCK, &ours, &before);
  timer_delete(timer_);
  const timespec at_once{};
  while (sigtimedwait(&ours, nullptr, &at_once) > 0) {
  }
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

// Armed anew by each signal, so that a slow handler delays the next and never piles up.
void SignalTimer::on_signal(int /*number*/, siginfo_t* info, void* /*machine_context*/) {
  const int error = errno;
  auto* const self = static_cast<SignalTimer*>(info->si_value.sival_ptr);
  self->work_(self->context_);
  self->arm();
  errno = error;
}

void SignalTimer::arm() {
  random_ ^= random_ << 13;  // G. Marsaglia, Xorshift RNGs, 2003
  random_ ^= random_ >> 7;
  random_ ^= random_ << 17;
  constexpr double kUnit = 0x1p-53;
  const double uniform = (static_cast<double>(random_ >> 11) + 0.5) * kUnit;
  const auto ns = static_cast<std::int64_t>(std::max(1.0, -std::log(uniform) * mean_us_ * 1e3));
  constexpr std::int64_t kSecond = 1'000'000'000;
  const itimerspec next{.it_interval = {}, .it_value = {ns / kSecond, ns % kSecond}};
  timer_settime(timer_, 0, &next, nullptr);
}

}  // namespace ringbench
