#include "bench/trial/receiver.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "topology/clock.hpp"

namespace ringbench {

Receiver::Receiver(std::uint64_t producers, RecordSizes sizes, bool stamps,
                   std::uint64_t service_ticks, LogRoom room, DownstreamStage* stage, bool chained)
    : sizes_(std::move(sizes)),
      stamps_(stamps),
      service_ticks_(service_ticks),
      stage_(stage),
      chained_(chained),
      sources_(producers),
      delivered_(1),
      log_(stamps ? room : LogRoom(0)) {
  constexpr std::size_t kLinks = 100'000;  // of the processes that a machine starts in a minute
  if (chained) {
    links_.resize(kLinks);  // touches them: a page fault in the window would be ours
    links_.clear();
  }
}

void Receiver::tell_rings(const std::vector<unsigned>& ring_of) {
  for (std::size_t p = 0; p < sources_.size(); ++p) {
    sources_[p].ring = ring_of[p % ring_of.size()];
  }
  delivered_.resize(1 + std::ranges::max(ring_of));
}

void Receiver::record(std::span<const std::byte> payload) {
  ++received_;
  const auto event = read_payload(payload, stamps_, chained_, counted_);
  if (!event || !is_expected(*event, payload.size())) {
    if (violation_.empty()) {
      violation_ =
          fmt::format("record {} of the consumer ({} bytes) is not what any producer wrote",
                      received_, payload.size());
    }
    return;
  }
  verify_sequence(*event, payload.size());
  if (counting_left_) {
    ++sources_[event->producer].left;
    return;
  }
  ++sources_[event->producer].consumed;
  if (chained_) links_.push_back({read_link(payload), ticks()});
  serve(*event, payload.size());
  if (stage_ != nullptr) stage_->pass();
}

// The sequence as the record carries it finds the size: see RecordSizes.
bool Receiver::is_expected(const Event& event, std::size_t size) const {
  return event.producer < sources_.size() && size == sizes_.of(event.producer, event.sequence);
}

void Receiver::serve(const Event& event, std::size_t size) {
  if (!stamps_ && service_ticks_ == 0) return;
  const auto now = ticks();
  if (stamps_) log_.add({restore_stamp(size, event.stamp, now), now});
  while (ticks() - now < service_ticks_) _mm_pause();
}

// A sequence that wraps looks the same after a step back as after more than half of it was skipped.
// Before its first record a producer has nothing to step back to; later, so long a skip takes a
// tick for each attempt at least, which the stamp shows. A long record before a short one has the
// whole stamp: the difference of the two is right modulo the short one's wrap, but for the 16 ticks
// that a short stamp may be early, far below half a modulus.
bool Receiver::is_step_back(const Source& source, const Event& event, std::size_t size,
                            std::uint64_t skipped) const {
  const auto modulus = sequence_modulus(size, stamps_);
  if (skipped < modulus / 2 || source.consumed + source.left == 0) return false;
  if (!stamps_ || size >= kLongRecord) return true;
  const auto elapsed = (event.stamp - source.stamp) & (kShortStampWrap - 1);
  return elapsed < modulus / 2 || elapsed >= kShortStampWrap / 2;
}

// Each producer's sequence may skip (drops, discards, overwritten records) but never stand or go
// back. The modulus is this record's own. A short record that comes after more attempts than its
// modulus counts too few of them as skipped, so that the expected number is behind by a multiple of
// that modulus, and never ahead: the next long record makes up for it.
void Receiver::verify_sequence(const Event& event, std::size_t size) {
  Source& source = sources_[event.producer];
  const auto modulus = sequence_modulus(size, stamps_);
  const auto skipped = (event.sequence - source.expected) & (modulus - 1);
  if (is_step_back(source, event, size, skipped)) {
    if (violation_.empty()) {
      violation_ = fmt::format("producer {}: record {} came after record {}", event.producer,
                               event.sequence, (source.expected - 1) & (modulus - 1));
    }
    return;
  }
  const auto place = ++delivered_[source.ring];
  if (skipped != 0 && source.place != 0) gap_place_.record(place - source.place - 1);
  source.place = place;
  source.missing += skipped;
  source.expected += skipped + 1;
  source.stamp = event.stamp;
}

}  // namespace ringbench
