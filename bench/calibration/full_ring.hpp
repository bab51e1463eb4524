// A ring that is filled with whole records and drained by the receiver that trials have.
#pragma once

#include <cstdint>
#include <vector>

#include "bench/calibration/calibrated_ring.hpp"

namespace ringbench::calibration {

class FullRing {
 public:
  // Larger than a core's first cache, as a ring that bursts fill is.
  static constexpr std::size_t kBytes = 256 * 1024;

  explicit FullRing(std::uint64_t timer_pair)
      : timer_pair_(timer_pair), ring_(make_ring(kBytes)), producer_(ring_.producer(0)) {}

  // By one thread: records as producers write them, until one is refused.
  void fill();

  // By the same or another, in turns: keeps what a record took, in ticks. Every record is verified
  // and its delay logged. Throws std::runtime_error where a record is not as it was written.
  void drain();

  const std::vector<double>& ticks_a_record() const { return ticks_a_record_; }

 private:
  std::uint64_t timer_pair_;
  Ring ring_;
  Producer producer_;
  std::uint64_t sequence_ = 0;
  std::vector<double> ticks_a_record_;
};

}  // namespace ringbench::calibration
