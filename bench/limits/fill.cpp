#include "bench/limits/fill.hpp"

#include <vector>

#include "bench/limits/slices.hpp"
#include "impls/payload.hpp"

namespace ringbench {

std::optional<double> cost_of_fill(std::uint32_t bytes, std::uint64_t for_ticks) {
  std::vector<std::byte> memory(bytes);
  std::uint64_t sequence = 0;
  const auto batch = [&](std::uint64_t calls) {
    for (; calls != 0; --calls) {
      write_payload(memory.data(), bytes, {0, sequence++, 0}, false);
      asm volatile("" : : "r"(memory.data()) : "memory");  // somebody may read it now
    }
  };
  constexpr std::uint64_t kCalls = 512;
  const Slices slices = count_in_slices(batch, kCalls, ticks(), for_ticks / kSlices);
  return ticks_a_call({&slices, 1});
}

}  // namespace ringbench
