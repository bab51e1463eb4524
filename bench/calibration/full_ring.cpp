#include "bench/calibration/full_ring.hpp"

#include <stdexcept>

#include "bench/trial/receiver.hpp"
#include "impls/payload.hpp"
#include "topology/clock.hpp"

namespace ringbench::calibration {

void FullRing::fill() {
  for (;; ++sequence_) {
    auto reservation = producer_.reserve(kRecordSize);
    if (!reservation) return;
    write_payload(reservation.data(), kRecordSize, {0, sequence_, ticks()}, true);
    reservation.commit();
  }
}

void FullRing::drain() {
  constexpr bool kStamps = true;
  // A new one each time, whose log is empty; what it allocates is touched before the clock runs.
  Receiver receiver(1, kRecordSize, kStamps, 0, kBytes / kRecordSize);
  const auto begin = begin_timing();
  const auto records = ring_.consume(0, receiver, 0);
  const auto end = end_timing();
  if (!receiver.violation().empty()) {
    throw std::runtime_error("a calibration read a record that it had not written: " +
                             receiver.violation());
  }
  if (records == 0) return;
  const auto taken = static_cast<double>(end - begin) - static_cast<double>(timer_pair_);
  ticks_a_record_.push_back(taken / static_cast<double>(records));
}

}  // namespace ringbench::calibration
