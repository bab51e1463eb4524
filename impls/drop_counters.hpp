// Where a buffer counts the reserves that it refuses, beyond the tally that each handle keeps for
// itself: the counters of a tracer that has to tell its user how many events it lost.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <deque>
#include <mutex>
#include <numeric>
#include <optional>
#include <string_view>

#include "impls/transport.hpp"

namespace ringbench {

inline constexpr std::array<std::string_view, 4> kAccountingNames{"none", "producer", "shared",
                                                                  "in_band"};
inline constexpr OptionSpec kAccounting{
    .key = "accounting",
    .summary =
        "where the ring itself counts drops: nowhere; a counter for each producer; one for "
        "all, by an atomic addition; or in the header of the next record, for the consumer",
    .fallback = "none",
    .allowed = kAccountingNames,
    .silent_at_fallback = true};

class DropCounters {
 public:
  struct alignas(64) Counter {
    std::atomic<std::uint64_t> drops{0};
  };

  // Of an option kAccounting; no counter where the row has none.
  explicit DropCounters(std::string_view accounting)
      : for_each_(accounting == "producer"), counts_(for_each_ || accounting != "none") {}

  // The counter of one more producer, called by its thread before it produces; nullptr: none.
  Counter* counter() {
    if (!counts_) return nullptr;
    const std::scoped_lock lock(mutex_);
    if (for_each_ || counters_.empty()) counters_.emplace_back();
    return &counters_.back();
  }

  // A counter of its own needs no atomic addition: its producer alone writes it.
  void count(Counter* counter) const {
    if (counter == nullptr) return;
    auto& drops = counter->drops;
    if (for_each_) {
      drops.store(drops.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
    } else {
      drops.fetch_add(1, std::memory_order_relaxed);
    }
  }

  // Empties a shared counter for who passes its count on. While nothing was lost that is one load.
  static std::uint64_t take(Counter& counter) {
    if (counter.drops.load(std::memory_order_relaxed) == 0) return 0;
    return counter.drops.exchange(0, std::memory_order_relaxed);
  }

  // Of all producers; nothing where none counts. Exact once every producer has stopped.
  std::optional<std::uint64_t> total() const {
    if (!counts_) return std::nullopt;
    return std::transform_reduce(
        counters_.begin(), counters_.end(), std::uint64_t{0}, std::plus<>{},
        [](const Counter& counter) { return counter.drops.load(std::memory_order_relaxed); });
  }

 private:
  bool for_each_;
  bool counts_;
  std::mutex mutex_;
  std::deque<Counter> counters_;  // whose elements stay where they are
};

}  // namespace ringbench
