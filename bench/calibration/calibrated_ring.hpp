// The ring that is measured: this project's own shared ring with every option at its default, as
// most cells of a run have it, and the steps that the measurements are made of.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <stdexcept>

#include "impls/locks.hpp"
#include "impls/payload.hpp"
#include "impls/ring_set.hpp"
#include "impls/ringbuf.hpp"

namespace ringbench::calibration {

using Ring = RingSet<ringbuf::Ring<McsLock>>;
using Producer = Ring::Producer;

inline constexpr std::uint32_t kRecordSize = 64;  // bytes of payload

// Of the measurements but the drain: its lines stay in a core's own cache, and it holds a batch.
inline constexpr std::size_t kRingBytes = 16 * 1024;
inline constexpr std::uint64_t kBatch = 128;  // records, timed as one
static_assert(kBatch * ringbuf::record_bytes(kRecordSize) < kRingBytes);

// `listening`: a consumer will sleep; else a notification has nobody to wake and costs no system
// call. Touches the pages by the calling thread.
Ring make_ring(std::size_t bytes, bool listening = false);

// Throws where a measurement put more records into the ring than it holds: its own mistake.
inline void require_room(bool reserved) {
  if (!reserved) [[unlikely]]
    throw std::logic_error("a calibration filled the ring that it measures");
}

// Reserve and commit; the payload is left as it is.
inline void produce(Producer& producer) {
  auto reservation = producer.reserve(kRecordSize);
  require_room(static_cast<bool>(reservation));
  reservation.commit();
}

// Looks at no payload: clears the ring between batches.
struct Discard {
  void record(std::span<const std::byte> /*payload*/) {}
  void lost(std::uint64_t /*count*/) {}
};

// Reads every word of a payload, as a consumer must.
struct ReadAll {
  void record(std::span<const std::byte> payload) {
    for (std::size_t at = 0; at + 8 <= payload.size(); at += 8) {
      std::uint64_t word = 0;
      std::memcpy(&word, payload.data() + at, sizeof word);
      seen ^= word;
    }
    asm volatile("" : : "r"(seen));  // or the compiler would not read
  }
  void lost(std::uint64_t /*count*/) {}
  std::uint64_t seen = 0;
};

}  // namespace ringbench::calibration
