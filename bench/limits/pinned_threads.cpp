#include "bench/limits/pinned_threads.hpp"

#include <barrier>
#include <future>
#include <iterator>

#include "topology/affinity.hpp"
#include "topology/clock.hpp"

namespace ringbench {

void run_pinned(const std::vector<unsigned>& os_cpus, std::uint64_t lead_ticks,
                const std::function<void(std::size_t index, std::uint64_t start)>& body) {
  std::uint64_t start = 0;
  const auto set_start = [&start, lead_ticks]() noexcept { start = ticks() + lead_ticks; };
  std::barrier gate(std::ssize(os_cpus), set_start);
  const auto run = [&](std::size_t index) {
    try {
      pin_to(os_cpus[index]);
    } catch (...) {
      gate.arrive_and_drop();  // or the others would wait for ever
      throw;
    }
    gate.arrive_and_wait();
    body(index, start);
  };
  std::vector<std::future<void>> threads;  // its destructor joins, so it goes before what they use
  for (std::size_t i = 0; i < os_cpus.size(); ++i) {
    threads.push_back(std::async(std::launch::async, run, i));
  }
  for (auto& thread : threads) thread.get();
}

}  // namespace ringbench
