// What it costs to write a payload, and nothing else.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

namespace ringbench {

inline constexpr std::array<std::uint32_t, 8> kFillBytes{8, 16, 32, 64, 128, 256, 512, 1024};

// Ticks for one payload of `bytes` (at least 8) as producers write it, to memory that is in the
// cache of this CPU. For the calling thread, which should be pinned. Takes about `for_ticks`.
std::optional<double> cost_of_fill(std::uint32_t bytes, std::uint64_t for_ticks);

}  // namespace ringbench
