// Payloads that tell who wrote them, when, and whether every byte arrived.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <vector>

namespace ringbench::conformance {

struct Stamp {
  std::uint32_t producer;
  std::uint32_t sequence;
  std::uint32_t size;  // of the payload, this stamp included
};

inline std::byte pattern(const Stamp& stamp, std::size_t index) {
  return static_cast<std::byte>(stamp.producer * 151 + stamp.sequence * 31 + index * 7 + 1);
}

// The pattern, with as much of the stamp in front as fits.
inline void fill(std::span<std::byte> payload, std::uint32_t producer, std::uint32_t sequence) {
  const Stamp stamp{producer, sequence, static_cast<std::uint32_t>(payload.size())};
  for (std::size_t i = 0; i < payload.size(); ++i) payload[i] = pattern(stamp, i);
  if (payload.size() >= sizeof stamp) std::memcpy(payload.data(), &stamp, sizeof stamp);
}

inline std::vector<std::byte> make_payload(std::uint32_t size, std::uint32_t producer,
                                           std::uint32_t sequence) {
  std::vector<std::byte> payload(size);
  fill(payload, producer, sequence);
  return payload;
}

// The stamp of a delivered payload; nothing if a byte of it is wrong.
inline std::optional<Stamp> read_stamp(std::span<const std::byte> delivered) {
  Stamp stamp{};
  if (delivered.size() < sizeof stamp) return std::nullopt;
  std::memcpy(&stamp, delivered.data(), sizeof stamp);
  if (stamp.size != delivered.size()) return std::nullopt;
  for (std::size_t i = sizeof stamp; i < stamp.size; ++i) {
    if (delivered[i] != pattern(stamp, i)) return std::nullopt;
  }
  return stamp;
}

}  // namespace ringbench::conformance
