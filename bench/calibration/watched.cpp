#include "bench/calibration/watched.hpp"

#include <atomic>
#include <utility>
#include <vector>

#include "bench/calibration/calibrated_ring.hpp"
#include "bench/limits/pinned_threads.hpp"
#include "bench/limits/slices.hpp"
#include "topology/clock.hpp"

namespace ringbench::calibration {

std::optional<double> watched(const Watched& how) {
  Ring ring = make_ring(kRingBytes);
  Producer producer = ring.producer(0);
  std::vector<double> found;
  std::uint64_t read = 0;
  alignas(128) std::atomic<bool> over{false};

  const auto send = [&](std::uint64_t start) {
    for (auto next = start; next < start + how.for_ticks; next = ticks() + how.pause_ticks) {
      while (ticks() < next) _mm_pause();
      const auto begin = begin_timing();
      auto reservation = producer.reserve(kRecordSize);
      if (!reservation) continue;  // the consumer is away
      reservation.commit();
      const auto end = end_timing();
      found.push_back(static_cast<double>(end - begin) - static_cast<double>(how.timer_pair));
    }
    over.store(true, std::memory_order_relaxed);
  };
  const auto look = [&](std::uint64_t start) {
    const auto give_up = start + 11 * how.for_ticks;  // the producer may never have come
    ReadAll reader;
    while (!over.load(std::memory_order_relaxed) && ticks() < give_up) {
      read += ring.consume(0, reader, 0);
    }
  };
  run_pinned(
      {how.producer_cpu, how.consumer_cpu}, how.for_ticks / 16,
      [&](std::size_t index, std::uint64_t start) { index == 0 ? send(start) : look(start); });
  // A consumer that was away for most of the time watched nothing.
  if (read < found.size() / 2) return std::nullopt;
  return median_of_enough(std::move(found));
}

}  // namespace ringbench::calibration
