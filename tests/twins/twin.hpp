// ringbuf that every 1024 reserves waits for a share of the time since it last did so, for the one
// producer that it has. `twin` waits for nothing.
#pragma once

#include <algorithm>
#include <cstdint>

#include "impls/ringbuf.hpp"
#include "topology/clock.hpp"

namespace ringbench::twin {

template <class Lock, unsigned Percent>
class Waiting : public Lock {
 public:
  void lock(typename Lock::Node& node) {
    if (++calls_ % kEvery == 0) wait();
    Lock::lock(node);
  }

 private:
  static constexpr std::uint64_t kEvery = 1'024;
  static constexpr std::uint64_t kLongest = 10'000'000;  // ticks: more was an interruption

  // The timing is fenced: the wait begins when all before it is done, so none of it is hidden.
  void wait() {
    const std::uint64_t now = begin_timing();
    const std::uint64_t until = now + std::min(now - last_, kLongest) * Percent / 100;
    do last_ = begin_timing();
    while (last_ < until);
  }

  std::uint64_t calls_ = 0;
  std::uint64_t last_ = begin_timing();
};

constexpr Row named(const char* name) {
  Row row = ringbuf::row;
  row.name = name;
  return row;
}

template <unsigned Percent, class Visitor>
decltype(auto) with_waiting(const Options& options, Visitor&& visitor) {
  using Lock = Waiting<McsLock, Percent>;
  if (overwrites(options)) {
    return visitor
        .template operator()<RingSet<ringbuf::Ring<Lock, ringbuf::Departure::overwrite>>>();
  }
  return visitor.template operator()<RingSet<ringbuf::Ring<Lock>>>();
}

inline constexpr Row row = named("twin");

template <class Visitor>
decltype(auto) with_variant(const Options& options, Visitor&& visitor) {
  return with_waiting<0>(options, std::forward<Visitor>(visitor));
}

}  // namespace ringbench::twin
