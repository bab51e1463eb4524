// ringbuf, 3 % slower for the one producer that it has: every 1024 reserves it waits for 3 % of the
// time since it last did so, whatever they took.
#pragma once

#include <x86intrin.h>

#include <algorithm>
#include <cstdint>

#include "impls/ringbuf.hpp"

namespace ringbench::slower {

template <class Lock>
class Slowed : public Lock {
 public:
  void lock(typename Lock::Node& node) {
    if (++calls_ % kEvery == 0) wait();
    Lock::lock(node);
  }

 private:
  static constexpr std::uint64_t kEvery = 1'024;
  static constexpr std::uint64_t kLongest =
      10'000'000;  // ticks: what is longer was an interruption

  void wait() {
    const std::uint64_t now = __rdtsc();
    const std::uint64_t until = now + std::min(now - last_, kLongest) * 3 / 100;
    do last_ = __rdtsc();
    while (last_ < until);
  }

  std::uint64_t calls_ = 0;
  std::uint64_t last_ = __rdtsc();
};

inline constexpr Row row = [] {
  Row named = ringbuf::row;
  named.name = "slower";
  return named;
}();

template <class Visitor>
decltype(auto) with_variant(const Options& options, Visitor&& visitor) {
  using Lock = Slowed<McsLock>;
  if (overwrites(options)) {
    return visitor
        .template operator()<RingSet<ringbuf::Ring<Lock, ringbuf::Departure::overwrite>>>();
  }
  return visitor.template operator()<RingSet<ringbuf::Ring<Lock>>>();
}

}  // namespace ringbench::slower
