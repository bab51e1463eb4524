// A transport made of rings: one for all producers, one for each, or one for N of them. Which, the
// geometry says; the ring itself does not know.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <numeric>
#include <optional>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

#include "impls/transport.hpp"

namespace ringbench {

// What one ring is told at its birth.
struct RingSettings {
  std::size_t bytes;  // of data; a power of two, at least a page
  bool listening;     // a consumer will sleep on wait_fd()
  std::function<void(std::span<std::byte>)>
      bind;  // to be called with its pages before they are touched
};

// What a ring that cannot be interrupted has for an interrupter.
template <class Ring>
struct InterrupterOf {
  using Type = void;
};
template <class Ring>
requires requires {
  typename Ring::Interrupter;
}
struct InterrupterOf<Ring> {
  using Type = typename Ring::Interrupter;
};

template <class Ring>
class RingSet {
 public:
  using Producer = typename Ring::Producer;
  using Interrupter = typename InterrupterOf<Ring>::Type;

  RingSet(const Geometry& geometry, const Options& options) : ring_of_(geometry.ring_of) {
    for (unsigned r = 0; r < geometry.rings; ++r) {
      rings_.push_back(
          std::make_unique<Ring>(RingSettings{geometry.ring_bytes, geometry.waits,
                                              [&geometry, r](std::span<std::byte> pages) {
                                                if (geometry.bind) geometry.bind(r, pages);
                                              }},
                                 options));
    }
  }

  Producer producer(unsigned index) { return Producer(*rings_[ring_of_[index]]); }

  Interrupter interrupter(unsigned index,
                          const Producer& interrupted) requires(!std::is_void_v<Interrupter>) {
    return Interrupter(*rings_[ring_of_[index]], interrupted);
  }

  template <Sink S>
  std::size_t consume(unsigned ring, S& sink, std::size_t budget) {
    return rings_[ring]->consume(sink, budget);
  }

  std::size_t occupancy(unsigned ring) const { return rings_[ring]->occupancy(); }
  int wait_fd(unsigned ring) const { return rings_[ring]->wait_fd(); }
  bool ready_to_wait(unsigned ring) { return rings_[ring]->ready_to_wait(); }

  std::uint64_t overwritten() const {
    return sum([](const Ring& ring) { return ring.overwritten(); });
  }
  std::optional<std::uint64_t> counted_drops() const requires requires(const Ring& ring) {
    ring.counted_drops();
  }
  {
    if (!rings_.front()->counted_drops()) return std::nullopt;
    return sum([](const Ring& ring) { return *ring.counted_drops(); });
  }
  std::size_t footprint() const {
    return sum([](const Ring& ring) { return ring.footprint(); });
  }

  std::string describe() const {
    std::string text;
    for (std::size_t r = 0; r < rings_.size(); ++r) {
      text += "ring " + std::to_string(r) + ": " + rings_[r]->describe() + "; ";
    }
    return text;
  }

 private:
  template <class Count>
  std::uint64_t sum(Count count) const {
    return std::transform_reduce(rings_.begin(), rings_.end(), std::uint64_t{0}, std::plus<>{},
                                 [&](const auto& ring) { return count(*ring); });
  }

  std::vector<unsigned> ring_of_;
  std::vector<std::unique_ptr<Ring>> rings_;
};

}  // namespace ringbench
