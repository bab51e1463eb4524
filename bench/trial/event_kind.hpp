// What a producer's events are made like, as constants of its loops: what a cell does not ask for
// costs nothing.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "impls/payload.hpp"

namespace ringbench {

struct EventKind {
  bool stamped = true;
  bool mixed = false;     // sizes differ, and stand in ProducerPlan::sizes
  bool scratch = false;   // the payload is made before the reserve, and copied after it
  bool abandons = false;  // some events are given up
};

// Where each event is timed, it looks up its size, and always has its stamp.
template <EventKind Kind>
inline constexpr EventKind kTimed{.scratch = Kind.scratch, .abandons = Kind.abandons};

// Calls `visit` with the kind that has these members.
template <bool... Known, class Visit>
void with_kind(const Visit& visit) {
  visit.template operator()<EventKind{Known...}>();
}
template <bool... Known, class Visit, class... Rest>
void with_kind(const Visit& visit, bool next, Rest... rest) {
  next ? with_kind<Known..., true>(visit, rest...) : with_kind<Known..., false>(visit, rest...);
}

// Before the reserve.
template <EventKind Kind>
void make_payload(std::byte* scratch, std::size_t size, const Event& event, bool stamps) {
  if constexpr (Kind.scratch) write_payload(scratch, size, event, stamps);
}
// After it.
template <EventKind Kind>
void fill_payload(std::byte* to, const std::byte* scratch, std::size_t size, const Event& event,
                  bool stamps) {
  if constexpr (Kind.scratch) {
    std::memcpy(to, scratch, size);
  } else {
    write_payload(to, size, event, stamps);
  }
}

// Which events are given up: the last of each `every`, refused ones counted in.
class Abandonment {
 public:
  explicit Abandonment(std::uint64_t every) : every_(every), next_(every - 1) {}
  // To be asked of each event in turn.
  template <EventKind Kind>
  bool takes(std::uint64_t sequence) {
    if constexpr (!Kind.abandons) return false;
    if (sequence != next_) return false;
    next_ += every_;
    return true;
  }

 private:
  std::uint64_t every_;
  std::uint64_t next_;
};

}  // namespace ringbench
