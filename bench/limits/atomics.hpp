// What atomic instructions cost, alone and while other CPUs want the same line.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace ringbench {

// xadd, xchg, cmpxchg: lock-prefixed, on one 8-byte word; cmpxchg counts whether it wins or not.
enum class Atomic : std::uint8_t { xadd, xchg, cmpxchg, release_store };
inline constexpr std::array<std::string_view, 4> kAtomicNames{"xadd", "xchg", "cmpxchg",
                                                              "release_store"};

// Ticks a call and thread, while a thread on each of these CPUs does nothing else, all to one line.
// Takes about `for_ticks`. Nothing where the threads could not run together. Throws what
// run_pinned() throws.
std::optional<double> cost_of(Atomic operation, const std::vector<unsigned>& os_cpus,
                              std::uint64_t for_ticks);

}  // namespace ringbench
