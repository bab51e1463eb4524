// What a record costs its producer while a consumer on another CPU does nothing but look for it:
// each line that the producer writes is asked for again at once.
#pragma once

#include <cstdint>
#include <optional>

namespace ringbench::calibration {

struct Watched {
  unsigned producer_cpu = 0;
  unsigned consumer_cpu = 0;
  std::uint64_t for_ticks = 0;
  std::uint64_t pause_ticks = 0;  // between two records: the consumer is back at looking by then
  std::uint64_t timer_pair = 0;   // of the producer's CPU
};

// Ticks of one reserve and commit, the median; nothing where the CPUs did not run together for long
// enough. Throws what run_pinned() throws.
std::optional<double> watched(const Watched& how);

}  // namespace ringbench::calibration
