#include "bench/trial/thread_usage.hpp"

#include <sys/resource.h>

#include <ctime>

namespace ringbench {
namespace {

std::uint64_t cpu_ns() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<std::uint64_t>(time.tv_sec) * 1'000'000'000 +
         static_cast<std::uint64_t>(time.tv_nsec);
}

}  // namespace

ThreadUsage::Counts ThreadUsage::now() {
  rusage usage{};
  getrusage(RUSAGE_THREAD, &usage);
  return {static_cast<std::uint64_t>(usage.ru_nvcsw), static_cast<std::uint64_t>(usage.ru_nivcsw),
          static_cast<std::uint64_t>(usage.ru_minflt + usage.ru_majflt), cpu_ns()};
}

ThreadUsage::Counts ThreadUsage::counts() const {
  const auto found = now();
  return {found.voluntary_switches - before_.voluntary_switches,
          found.involuntary_switches - before_.involuntary_switches,
          found.page_faults - before_.page_faults, found.cpu_ns - before_.cpu_ns};
}

}  // namespace ringbench
