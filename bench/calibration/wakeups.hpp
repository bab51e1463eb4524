// What it takes to wake a consumer that sleeps: the producer, who rings, and the consumer, who
// comes.
#pragma once

#include <cstdint>
#include <optional>

namespace ringbench::calibration {

struct Wakeups {
  std::optional<double> commit_ticks;   // of the commit that wakes; the medians of a round
  std::optional<double> latency_ticks;  // from just before that commit to the consumer's next step
};

// A consumer sleeps on `consumer_cpu` as those of trials do (epoll over the ring's eventfd). Each
// time it has slept for `asleep_ticks`, a thread on `producer_cpu` commits one record. For about
// `for_ticks`, ten times as long at most. `offset_ticks`: how far the consumer's TSC is ahead.
// Throws what run_pinned() throws, and std::system_error where there is no eventfd to be had.
struct WakeupPlan {
  unsigned producer_cpu = 0;
  unsigned consumer_cpu = 0;
  std::uint64_t for_ticks = 0;
  std::uint64_t asleep_ticks = 0;
  std::uint64_t timer_pair = 0;  // of the producer's CPU
  std::int64_t offset_ticks = 0;
};

Wakeups measure_wakeups(const WakeupPlan& plan);

}  // namespace ringbench::calibration
