#include "impls/kernel/interrupter.hpp"

#include <fmt/format.h>
#include <linux/perf_event.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace ringbench::kernel {
namespace {

perf_event_attr counter(std::uint32_t type, std::uint64_t what, std::uint64_t every) {
  perf_event_attr attr{};
  attr.size = sizeof attr;
  attr.type = type;
  attr.config = what;
  attr.sample_period = every;
  return attr;
}

Descriptor open_on(unsigned cpu, perf_event_attr attr) {
  return Descriptor(static_cast<int>(
      syscall(SYS_perf_event_open, &attr, -1, static_cast<int>(cpu), -1, PERF_FLAG_FD_CLOEXEC)));
}

}  // namespace

bool has_interrupting_counter() {
  return open_on(0, counter(PERF_TYPE_HARDWARE, PERF_COUNT_HW_CPU_CYCLES, 1'000'000)).get() >= 0;
}

Descriptor open_interrupt(const Options& options, unsigned cpu) {
  const auto every = number(options, kInterruptEvery);
  auto event = open_on(cpu, option(options, kDriver) == "nmi"
                                ? counter(PERF_TYPE_HARDWARE, PERF_COUNT_HW_CPU_CYCLES, every)
                                : counter(PERF_TYPE_SOFTWARE, PERF_COUNT_SW_CPU_CLOCK, every));
  if (event.get() < 0) {
    throw std::system_error(errno, std::generic_category(),
                            fmt::format("cannot have CPU {} interrupted every {}", cpu, every));
  }
  return event;
}

InterruptProducer::InterruptProducer(const Program& program, unsigned index)
    : thread_(program, index),
      interrupts_(&program.states[program.interrupt_fds.size() + index]),
      event_fd_(program.interrupt_fds[index]) {}

std::uint64_t InterruptProducer::emit(std::uint64_t sequence, unsigned events) {
  return thread_.emit(sequence, events) + take_account();
}

std::uint64_t InterruptProducer::settle() {
  // Synchronous: the event is of this CPU, and no interrupt of it is under way when this returns.
  ioctl(event_fd_, PERF_EVENT_IOC_DISABLE, 0);
  return take_account();
}

// An interrupt may come between two of these reads; after settle() the numbers agree.
std::uint64_t InterruptProducer::take_account() {
  const auto attempts = __atomic_load_n(&interrupts_->runs, __ATOMIC_RELAXED);
  const auto new_ones = attempts - seen_;
  seen_ = attempts;
  tally = thread_.tally + tally_of(*interrupts_, 0);
  return new_ones;
}

}  // namespace ringbench::kernel
