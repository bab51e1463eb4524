#include "bench/trial/thread_usage.hpp"

#include <sys/resource.h>

namespace ringbench {

ThreadUsage::Counts ThreadUsage::now() {
  rusage usage{};
  getrusage(RUSAGE_THREAD, &usage);
  return {static_cast<std::uint64_t>(usage.ru_nvcsw), static_cast<std::uint64_t>(usage.ru_nivcsw),
          static_cast<std::uint64_t>(usage.ru_minflt + usage.ru_majflt)};
}

ThreadUsage::Counts ThreadUsage::counts() const {
  const auto found = now();
  return {found.voluntary_switches - before_.voluntary_switches,
          found.involuntary_switches - before_.involuntary_switches,
          found.page_faults - before_.page_faults};
}

}  // namespace ringbench
