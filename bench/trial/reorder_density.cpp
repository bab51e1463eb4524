#include "bench/trial/reorder_density.hpp"

#include <algorithm>
#include <functional>
#include <numeric>
#include <queue>
#include <vector>

namespace ringbench {
namespace {

using Deliveries = std::span<const Delivery>;
using Index = std::uint32_t;

// The records of one stretch against their proper order. Nothing outside of the stretch is out of
// order with a record of it, so the ranks of a stretch are those of the whole sequence, and the
// buffer is empty before and after it.
class Stretched {
 public:
  explicit Stretched(std::uint64_t tie_window) : tie_window_(tie_window) {}

  void add(Deliveries delivered, ReorderDensity& density) {
    sort(delivered);
    rank(delivered);
    for (Index i = 0; i < rank_.size(); ++i) {
      density.displacement.record(std::int64_t{i} - std::int64_t{rank_[i]});
    }
    add_occupancy(density.buffer_occupancy);
  }

 private:
  static constexpr Index kUnranked = ~Index{0};

  void sort(Deliveries delivered) {
    by_stamp_.resize(delivered.size());
    std::iota(by_stamp_.begin(), by_stamp_.end(), Index{0});
    std::ranges::stable_sort(by_stamp_, {}, [&](Index i) { return delivered[i].stamp; });
  }

  // A record may have the next rank when it is not after any that has none yet: those are the
  // unranked ones up to a tie window beyond the smallest unranked stamp.
  void rank(Deliveries delivered) {
    rank_.assign(delivered.size(), kUnranked);
    std::size_t smallest = 0;
    std::size_t candidate = 0;
    for (Index next = 0; next < rank_.size(); ++next) {
      while (rank_[by_stamp_[smallest]] != kUnranked) ++smallest;
      const auto from = delivered[by_stamp_[smallest]].stamp;
      for (; candidate < by_stamp_.size(); ++candidate) {
        if (delivered[by_stamp_[candidate]].stamp - from > tie_window_) break;
        ready_.push(by_stamp_[candidate]);
      }
      rank_[ready_.top()] = next;
      ready_.pop();
    }
  }

  void add_occupancy(Histogram& occupancy) {
    arrived_.assign(rank_.size(), false);
    Index expected = 0;
    std::uint64_t held = 0;
    for (const Index rank : rank_) {
      arrived_[rank] = true;
      ++held;
      for (; expected < rank_.size() && arrived_[expected]; ++expected) --held;
      occupancy.record(held);
    }
  }

  const std::uint64_t tie_window_;
  std::vector<Index> by_stamp_;
  std::vector<Index> rank_;
  std::vector<bool> arrived_;
  std::priority_queue<Index, std::vector<Index>, std::greater<>> ready_;
};

}  // namespace

ReorderDensity reorder_density(Deliveries delivered, const Reordering& found,
                               std::uint64_t tie_window) {
  ReorderDensity density;
  Stretched stretched(tie_window);
  std::uint64_t in_order = delivered.size();
  for (const auto& [begin, end] : found.stretches) {
    stretched.add(delivered.subspan(begin, end - begin), density);
    in_order -= end - begin;
  }
  if (in_order > 0) {
    density.displacement.record(0, in_order);
    density.buffer_occupancy.record(0, in_order);
  }
  return density;
}

}  // namespace ringbench
