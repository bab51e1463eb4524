#include "bench/trial/reordering.hpp"

#include <algorithm>

namespace ringbench {
namespace {

using Deliveries = std::span<const Delivery>;

// Finds the earliest record with a stamp beyond a bound, by the greatest stamp up to the end of
// each block of records: those ascend, and an index of them is small enough for a trial of tens of
// millions of records.
class Earliest {
 public:
  explicit Earliest(Deliveries delivered) : delivered_(delivered) {}

  // `greatest`: stamp among records up to and with `i`. Call for each record in turn.
  void note(std::uint64_t i, std::uint64_t greatest) {
    if (i % kBlock == kBlock - 1) greatest_.push_back(greatest);
  }

  // There must be one among the noted records.
  std::uint64_t beyond(std::uint64_t bound) const {
    const auto block = std::ranges::upper_bound(greatest_, bound);
    auto i = static_cast<std::uint64_t>(block - greatest_.begin()) * kBlock;
    while (delivered_[i].stamp <= bound) ++i;
    return i;
  }

 private:
  static constexpr std::uint64_t kBlock = 64;
  Deliveries delivered_;
  std::vector<std::uint64_t> greatest_;
};

// Adds records [begin, end), where `end` is beyond all that were added before.
void add_stretch(std::vector<Stretch>& stretches, std::uint64_t begin, std::uint64_t end) {
  while (!stretches.empty() && stretches.back().end > begin) {
    begin = std::min(begin, stretches.back().begin);
    stretches.pop_back();
  }
  stretches.push_back({begin, end});
}

// A record is n-reordered back to the nearest one before it that is not after it. That one has a
// smaller stamp than all between, so it is on the stack of such records, whose stamps ascend.
void add_n_reordering(Deliveries delivered, std::uint64_t tie_window, Histogram& found) {
  const auto stamp = [&](std::uint64_t i) { return delivered[i].stamp; };
  std::vector<std::uint64_t> smaller;
  std::uint64_t greatest = 0;
  for (std::uint64_t i = 0; i < delivered.size(); ++i) {
    greatest = std::max(greatest, stamp(i));
    if (greatest - stamp(i) > tie_window) {
      const auto after = std::ranges::upper_bound(smaller, stamp(i) + tie_window, {}, stamp);
      const auto in_run = after == smaller.begin() ? i : i - 1 - *(after - 1);
      if (in_run > 0) found.record(in_run);
    }
    while (!smaller.empty() && stamp(smaller.back()) >= stamp(i)) smaller.pop_back();
    smaller.push_back(i);
  }
}

}  // namespace

Reordering reordering(Deliveries delivered, std::uint64_t tie_window) {
  Reordering result;
  result.records = delivered.size();
  Earliest earliest(delivered);
  std::uint64_t greatest = 0;
  std::uint64_t run = 0;
  for (std::uint64_t i = 0; i < delivered.size(); ++i) {
    const auto [stamp, time] = delivered[i];
    greatest = std::max(greatest, stamp);
    earliest.note(i, greatest);
    if (greatest - stamp <= tie_window) {
      ++run;
      continue;
    }
    const auto j = earliest.beyond(stamp + tie_window);
    ++result.reordered;
    result.extent.record(i - j);
    result.late_ticks.record(time - std::min(time, delivered[j].delivered));
    result.free_run.record(run);
    run = 0;
    add_stretch(result.stretches, j, i + 1);
  }
  for (const auto& [begin, end] : result.stretches) {
    add_n_reordering(delivered.subspan(begin, end - begin), tie_window, result.n_reordering);
  }
  return result;
}

}  // namespace ringbench
