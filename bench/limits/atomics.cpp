#include "bench/limits/atomics.hpp"

#include <algorithm>
#include <atomic>

#include "bench/limits/pinned_threads.hpp"
#include "bench/limits/slices.hpp"

namespace ringbench {
namespace {

// Two lines: the neighbour may be fetched along with the one that is asked for.
struct alignas(128) Word {
  std::atomic<std::uint64_t> value{0};
};

// Used, as far as the compiler knows: an xadd whose result nobody wants would become a plain add.
void use(std::uint64_t value) {
  asm volatile("" : : "r"(value));
}

// Nothing is handed over through the word, so no order is asked for; on x86-64 the instructions are
// the same with any.
void xadd(Word& word, std::uint64_t calls) {
  for (; calls != 0; --calls) use(word.value.fetch_add(1, std::memory_order_relaxed));
}
void xchg(Word& word, std::uint64_t calls) {
  for (; calls != 0; --calls) use(word.value.exchange(calls, std::memory_order_relaxed));
}
void cmpxchg(Word& word, std::uint64_t calls) {
  std::uint64_t seen = word.value.load(std::memory_order_relaxed);
  for (; calls != 0; --calls) {
    if (word.value.compare_exchange_strong(seen, seen + 1, std::memory_order_relaxed)) ++seen;
  }
}
void release_store(Word& word, std::uint64_t calls) {
  for (; calls != 0; --calls) word.value.store(calls, std::memory_order_release);
}

using Batch = void (*)(Word&, std::uint64_t calls);
constexpr std::array<Batch, kAtomicNames.size()> kBatches{xadd, xchg, cmpxchg, release_store};

// Long enough to hide the look at the clock between two batches, short enough for many in a slice:
// a call takes the longer the more CPUs want the line.
std::uint64_t batch_length(std::size_t threads) {
  return std::max<std::uint64_t>(64, 2'048 / threads);
}

}  // namespace

std::optional<double> cost_of(Atomic operation, const std::vector<unsigned>& os_cpus,
                              std::uint64_t for_ticks) {
  const Batch batch = kBatches[static_cast<std::size_t>(operation)];
  Word word;
  std::vector<Slices> threads(os_cpus.size());
  run_pinned(os_cpus, for_ticks / 16, [&](std::size_t index, std::uint64_t start) {
    threads[index] = count_in_slices([&](std::uint64_t calls) { batch(word, calls); },
                                     batch_length(os_cpus.size()), start, for_ticks / kSlices);
  });
  return ticks_a_call(threads);
}

}  // namespace ringbench
