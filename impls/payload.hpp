// What a record carries, so that the consumer can tell whose it is, whether one is missing, when it
// was made, and that no byte of it is another's.
//
//     16 bytes and more:  [producer:16 | sequence:48] [stamp:64] [pattern, from the first word] ...
//      8 to 15 bytes:     [producer:10 | sequence:22 | stamp/16:32] [pattern], or without stamps
//                         [producer:10 | sequence:54] [pattern]
//     with a counter:     [producer:16 | sequence:48] [stamp:64] [counter:64] [pattern, from the
//                         first word] ...
//     links of a chain:   [producer:16 | sequence:48] [stamp:64] [chain:48 | length:8 | step:8]
//                         [counter:64] [pattern, from the first word] ...
//
// The sequence counts a producer's attempts, refused ones too. A short record carries the stamp in
// units of 16 ticks and without its upper bits, which the consumer restores from its own clock:
// right for any delay below 2^35 ticks (11 s at 3 GHz).
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>

#include "impls/record_limits.hpp"

namespace ringbench {

inline constexpr unsigned kShortStampShift = 4;
inline constexpr std::uint64_t kShortStampWrap = std::uint64_t{1} << (32 + kShortStampShift);

// What the stamp of a record of this size can be wrong by, in ticks.
constexpr std::uint64_t stamp_error(std::size_t size) {
  return size < kLongRecord ? std::uint64_t{1} << kShortStampShift : 0;
}

struct Event {
  std::uint32_t producer = 0;
  std::uint64_t sequence = 0;  // modulo sequence_modulus()
  std::uint64_t stamp = 0;     // ticks; for short records see restore_stamp()
  std::uint64_t counter = 0;   // shared by all producers; of records that carry it
};

// An event that is step `step`, from 0, of the `length` of a chain, in which each causes the next.
struct Link {
  std::uint64_t chain = 0;
  std::uint32_t length = 0;
  std::uint32_t step = 0;
  std::uint64_t counter = 0;  // place in one order of all events, whatever buffer they went to
  friend bool operator==(const Link&, const Link&) = default;
};

constexpr std::uint64_t sequence_modulus(std::size_t size, bool stamps) {
  if (size >= kLongRecord) return std::uint64_t{1} << 48;
  return std::uint64_t{1} << (stamps ? 22 : 54);
}

namespace payload_detail {

inline std::uint64_t load(const std::byte* at) {
  std::uint64_t word = 0;
  std::memcpy(&word, at, sizeof word);
  return word;
}
inline void store(std::byte* at, std::uint64_t word) {
  std::memcpy(at, &word, sizeof word);
}

// The pattern is a ramp from a start that differs for every record.
constexpr std::uint64_t pattern_start(std::uint64_t first_word) {
  return first_word * 0x9E3779B97F4A7C15U;  // 2^64 / golden ratio: spreads neighbours apart
}

inline void write_pattern(std::byte* to, std::size_t from, std::size_t size, std::uint64_t word) {
  for (; from + 8 <= size; from += 8) store(to + from, word++);
  if (from != size) std::memcpy(to + from, &word, size - from);
}
inline bool has_pattern(const std::byte* at, std::size_t from, std::size_t size,
                        std::uint64_t word) {
  std::uint64_t difference = 0;
  for (; from + 8 <= size; from += 8) difference |= load(at + from) ^ word++;
  return difference == 0 && (from == size || std::memcmp(at + from, &word, size - from) == 0);
}

// The first word of a short record.
constexpr std::uint64_t short_word(const Event& event, bool stamps) {
  const std::uint64_t sequence = event.sequence & (sequence_modulus(kMinRecordSize, stamps) - 1);
  const std::uint64_t producer = std::uint64_t{event.producer} << 54;
  if (!stamps) return producer | sequence;
  return producer | sequence << 32 | (event.stamp >> kShortStampShift & 0xFFFF'FFFFU);
}
constexpr Event short_event(std::uint64_t word, bool stamps) {
  const auto producer = static_cast<std::uint32_t>(word >> 54);
  const std::uint64_t last = sequence_modulus(kMinRecordSize, stamps) - 1;
  if (!stamps) return {producer, word & last, 0};
  return {producer, word >> 32 & last, (word & 0xFFFF'FFFFU) << kShortStampShift};
}

}  // namespace payload_detail

// `stamps`: whether short records of this trial carry one; long ones always have the field.
inline void write_payload(std::byte* to, std::size_t size, const Event& event, bool stamps) {
  using namespace payload_detail;
  if (size >= kLongRecord) {
    const std::uint64_t first = std::uint64_t{event.producer} << 48 | event.sequence;
    store(to, first);
    store(to + 8, event.stamp);
    write_pattern(to, kLongRecord, size, pattern_start(first));
  } else {
    const std::uint64_t first = short_word(event, stamps);
    store(to, first);
    write_pattern(to, 8, size, pattern_start(first));
  }
}

// Of a link; `size` is kLinkedRecord at least.
inline void write_linked_payload(std::byte* to, std::size_t size, const Event& event,
                                 const Link& link) {
  using namespace payload_detail;
  const std::uint64_t first = std::uint64_t{event.producer} << 48 | event.sequence;
  store(to, first);
  store(to + 8, event.stamp);
  store(to + kLongRecord, link.chain << 16 | link.length << 8 | link.step);
  store(to + kLongRecord + 8, link.counter);
  write_pattern(to, kLinkedRecord, size, pattern_start(first));
}

// Of kCountedRecord bytes and more.
inline void write_counted_payload(std::byte* to, std::size_t size, const Event& event) {
  using namespace payload_detail;
  const std::uint64_t first = std::uint64_t{event.producer} << 48 | event.sequence;
  store(to, first);
  store(to + 8, event.stamp);
  store(to + kLongRecord, event.counter);
  write_pattern(to, kCountedRecord, size, pattern_start(first));
}

// Of a record that carries one.
inline std::uint64_t read_counter(std::span<const std::byte> payload) {
  return payload_detail::load(payload.data() + kLongRecord);
}

// Whose a record is and which; nothing is verified. Of kMinRecordSize bytes and more.
inline Event read_event(std::span<const std::byte> payload, bool stamps) {
  using namespace payload_detail;
  const std::uint64_t first = load(payload.data());
  if (payload.size() < kLongRecord) return short_event(first, stamps);
  return Event{static_cast<std::uint32_t>(first >> 48),
               first & (sequence_modulus(kLongRecord, stamps) - 1), load(payload.data() + 8)};
}

// Nothing if a byte differs from what a producer writes. `chained`: records are links of chains;
// `counted`: they carry a counter.
inline std::optional<Event> read_payload(std::span<const std::byte> payload, bool stamps,
                                         bool chained = false, bool counted = false) {
  using namespace payload_detail;
  const std::size_t smallest = chained ? kLinkedRecord : counted ? kCountedRecord : kMinRecordSize;
  if (payload.size() < smallest) return std::nullopt;
  const std::uint64_t first = load(payload.data());
  const bool is_long = payload.size() >= kLongRecord;
  const std::size_t pattern_at = std::max(smallest, is_long ? kLongRecord : 8);
  if (!has_pattern(payload.data(), pattern_at, payload.size(), pattern_start(first))) {
    return std::nullopt;
  }
  Event event = read_event(payload, stamps);
  if (counted) event.counter = read_counter(payload);
  return event;
}

// Of a record that is one.
inline Link read_link(std::span<const std::byte> payload) {
  const std::uint64_t word = payload_detail::load(payload.data() + kLongRecord);
  return {word >> 16, static_cast<std::uint32_t>(word >> 8 & 0xFF),
          static_cast<std::uint32_t>(word & 0xFF),
          payload_detail::load(payload.data() + kLongRecord + 8)};
}

// The full stamp of a record that was read at `now`.
constexpr std::uint64_t restore_stamp(std::size_t size, std::uint64_t stamp, std::uint64_t now) {
  if (size >= kLongRecord) return stamp;
  const std::uint64_t age = (now - stamp) & (kShortStampWrap - 1);
  // A clock that runs behind the producer's may see the stamp in its own future.
  return age < kShortStampWrap / 2 ? now - age : now + (kShortStampWrap - age);
}

}  // namespace ringbench
