// No transport at all: reserve gives the producer's own scratch memory, commit counts. What is left
// is the cost of the harness itself, the floor of every matrix. Each record overwrites the one
// before.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "impls/transport.hpp"

namespace ringbench::null {

inline constexpr std::size_t kScratchBytes = 65'536;

class Null {
 public:
  class Producer {
   public:
    Producer(std::atomic<std::uint64_t>& overwritten, std::byte* scratch)
        : overwritten_(&overwritten), scratch_(scratch) {}
    Producer(const Producer&) = delete;
    Producer& operator=(const Producer&) = delete;
    ~Producer() { overwritten_->fetch_add(tally.committed, std::memory_order_relaxed); }

    Reservation<Producer> reserve(std::uint32_t size) {
      if (size > kScratchBytes) return {*this, Drop::too_big};
      return {*this, scratch_, size};
    }
    void commit(std::byte* /*payload*/, std::uint32_t /*size*/) {}
    void discard(std::byte* /*payload*/, std::uint32_t /*size*/) {}

    Tally tally;

   private:
    std::atomic<std::uint64_t>* overwritten_;
    std::byte* scratch_;
  };

  Null(const Geometry& geometry, const Options& /*options*/) : scratch_(geometry.ring_of.size()) {}

  Producer producer(unsigned index) { return {overwritten_, scratch_[index].data()}; }

  template <Sink S>
  std::size_t consume(unsigned /*ring*/, S& /*sink*/, std::size_t /*budget*/) {
    return 0;
  }
  std::size_t occupancy(unsigned /*ring*/) const { return 0; }
  std::uint64_t overwritten() const { return overwritten_.load(std::memory_order_relaxed); }
  std::size_t footprint() const { return scratch_.size() * kScratchBytes; }
  std::string describe() const { return "nothing can block"; }

 private:
  struct alignas(64) Scratch : std::array<std::byte, kScratchBytes> {};
  std::atomic<std::uint64_t> overwritten_{0};
  std::vector<Scratch> scratch_;
};

inline constexpr Row row{.name = "null",
                         .summary = "scratch memory and a count: the floor of the harness",
                         .layout = Layout::none,
                         .options = {},
                         .unavailable = always_available,
                         .refuse = never_refused,
                         .atomics = no_atomics};

template <class Visitor>
decltype(auto) with_variant(const Options& /*options*/, Visitor&& visitor) {
  return visitor.template operator()<Null>();
}

}  // namespace ringbench::null
