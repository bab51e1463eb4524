// What a producer's events are made like, as constants of its loops: what a cell does not ask for
// costs nothing.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "impls/payload.hpp"

namespace ringbench {

// At most one of the last four: each changes what an event costs, and is told from the plain one.
struct EventKind {
  bool stamped = true;
  bool mixed = false;     // sizes differ, and stand in ProducerPlan::sizes
  bool scratch = false;   // the payload is made before the reserve, and copied after it
  bool abandons = false;  // some events are given up
  bool counted = false;   // a record carries a number from ProducerPlan::counter
};

// Where each event is timed, it looks up its size, and always has its stamp.
template <EventKind Kind>
inline constexpr EventKind kTimed{
    .scratch = Kind.scratch, .abandons = Kind.abandons, .counted = Kind.counted};

template <bool Stamped, class Visit>
void with_stamped_kind(const EventKind& kind, const Visit& visit) {
  if (kind.mixed) return visit.template operator()<EventKind{.stamped = Stamped, .mixed = true}>();
  if (kind.scratch)
    return visit.template operator()<EventKind{.stamped = Stamped, .scratch = true}>();
  if (kind.abandons)
    return visit.template operator()<EventKind{.stamped = Stamped, .abandons = true}>();
  if (kind.counted)
    return visit.template operator()<EventKind{.stamped = Stamped, .counted = true}>();
  visit.template operator()<EventKind{.stamped = Stamped}>();
}
// Calls `visit` with the kind as a constant.
template <class Visit>
void with_kind(const EventKind& kind, const Visit& visit) {
  kind.stamped ? with_stamped_kind<true>(kind, visit) : with_stamped_kind<false>(kind, visit);
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
  } else if constexpr (Kind.counted) {
    write_counted_payload(to, size, event);
  } else {
    write_payload(to, size, event, stamps);
  }
}
// What the shared addition takes belongs to the event and to no call: it stands between the stamp
// and the reserve, and where the reserve alone is timed, before its timer.
template <EventKind Kind>
std::uint64_t take_number(std::atomic<std::uint64_t>* counter) {
  if constexpr (!Kind.counted) return 0;
  return counter->fetch_add(1, std::memory_order_relaxed);
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
