// Threads that measure together: one for each CPU, pinned, begun at the same tick.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

namespace ringbench {

// Calls body(index, start) on a thread for each CPU and waits for all. `start`: a reading of the
// clock that lies `lead_ticks` after the last thread was ready. Throws what a body or the pinning
// threw.
void run_pinned(const std::vector<unsigned>& os_cpus, std::uint64_t lead_ticks,
                const std::function<void(std::size_t index, std::uint64_t start)>& body);

}  // namespace ringbench
