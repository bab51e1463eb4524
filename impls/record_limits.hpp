// What a record of the harness may be.
#pragma once

#include <cstddef>
#include <cstdint>

namespace ringbench {

// Payloads that the harness sends, in bytes: room to say whose record it is and which, and what a
// perf record's 16-bit size field can carry.
inline constexpr std::uint64_t kMinRecordSize = 8;
inline constexpr std::uint64_t kMaxRecordSize = 65'000;

// From this size on a record has a whole word for each of its numbers (impls/payload.hpp).
inline constexpr std::size_t kLongRecord = 16;

// From this size on there is room for a counter that all producers share.
inline constexpr std::size_t kCountedRecord = 24;

// From this size on there is room for a link of a chain as well.
inline constexpr std::size_t kLinkedRecord = 32;

// As many as the shortest record can tell apart.
inline constexpr unsigned kMaxProducers = 1024;

}  // namespace ringbench
