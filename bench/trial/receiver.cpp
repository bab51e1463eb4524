#include "bench/trial/receiver.hpp"

#include <fmt/format.h>

#include "topology/clock.hpp"

namespace ringbench {

Receiver::Receiver(std::uint64_t producers, std::size_t record_size, bool stamps,
                   std::uint64_t service_ticks, std::size_t log_capacity)
    : record_size_(record_size),
      stamps_(stamps),
      service_ticks_(service_ticks),
      sources_(producers),
      log_(stamps ? log_capacity : 0) {}

void Receiver::record(std::span<const std::byte> payload) {
  ++received_;
  const auto event = read_payload(payload, stamps_);
  if (!event || event->producer >= sources_.size() || payload.size() != record_size_) {
    if (violation_.empty()) {
      violation_ =
          fmt::format("record {} of the consumer ({} bytes) is not what any producer wrote",
                      received_, payload.size());
    }
    return;
  }
  verify_sequence(*event);
  if (counting_left_) {
    ++sources_[event->producer].left;
    return;
  }
  ++sources_[event->producer].consumed;
  if (!stamps_ && service_ticks_ == 0) return;
  const auto now = ticks();
  if (stamps_) log_.add({restore_stamp(record_size_, event->stamp, now), now});
  while (ticks() - now < service_ticks_) _mm_pause();
}

// A sequence that wraps looks the same after a step back as after more than half of it was skipped.
// Before its first record a producer has nothing to step back to; later, so long a skip takes a
// tick for each attempt at least, which the stamp shows.
bool Receiver::is_step_back(const Source& source, const Event& event, std::uint64_t skipped) const {
  const auto modulus = sequence_modulus(record_size_, stamps_);
  if (skipped < modulus / 2 || source.consumed + source.left == 0) return false;
  if (!stamps_ || record_size_ >= kLongRecord) return true;
  const auto elapsed = (event.stamp - source.stamp) & (kShortStampWrap - 1);
  return elapsed < modulus / 2 || elapsed >= kShortStampWrap / 2;
}

// Each producer's sequence may skip (drops, discards, overwritten records) but never stand or go
// back.
void Receiver::verify_sequence(const Event& event) {
  Source& source = sources_[event.producer];
  const auto modulus = sequence_modulus(record_size_, stamps_);
  const auto skipped = (event.sequence - source.expected) & (modulus - 1);
  if (is_step_back(source, event, skipped)) {
    if (violation_.empty()) {
      violation_ = fmt::format("producer {}: record {} came after record {}", event.producer,
                               event.sequence, (source.expected - 1) & (modulus - 1));
    }
    return;
  }
  source.missing += skipped;
  source.expected += skipped + 1;
  source.stamp = event.stamp;
}

}  // namespace ringbench
