#include "bench/calibration/alone.hpp"

#include <deque>
#include <utility>
#include <vector>

#include "bench/calibration/calibrated_ring.hpp"
#include "bench/calibration/full_ring.hpp"
#include "bench/limits/pinned_threads.hpp"
#include "bench/limits/slices.hpp"
#include "topology/clock.hpp"

namespace ringbench::calibration {
namespace {

// Batches, though the time may be over: a thread that has lost its CPU for all of it goes on.
constexpr std::size_t kFewest = 5;

// `batch(ring, producer)`: does kBatch of something and returns the ticks they took.
template <class Batch>
std::optional<double> in_batches(const Alone& how, Batch batch) {
  std::vector<double> found;
  run_pinned({how.cpu}, 0, [&](std::size_t, std::uint64_t start) {
    Ring ring = make_ring(kRingBytes);
    Producer producer = ring.producer(0);
    batch(ring, producer);  // brings the lines here
    while (found.size() < kFewest || ticks() < start + how.for_ticks) {
      const auto taken = batch(ring, producer);
      found.push_back((static_cast<double>(taken) - static_cast<double>(how.timer_pair)) /
                      static_cast<double>(kBatch));
    }
  });
  return median_of_enough(std::move(found));
}

void clear(Ring& ring) {
  Discard discard;
  ring.consume(0, discard, 0);
}

struct Held {
  explicit Held(Producer& producer) : reservation(producer.reserve(kRecordSize)) {
    require_room(static_cast<bool>(reservation));
  }
  Reservation<Producer> reservation;
};

}  // namespace

std::optional<double> reserve_and_commit(const Alone& how) {
  return in_batches(how, [](Ring& ring, Producer& producer) {
    const auto begin = begin_timing();
    for (std::uint64_t i = 0; i < kBatch; ++i) produce(producer);
    const auto end = end_timing();
    clear(ring);
    return end - begin;
  });
}

std::optional<double> commit(const Alone& how) {
  std::deque<Held> held;
  return in_batches(how, [&held](Ring& ring, Producer& producer) {
    for (std::uint64_t i = 0; i < kBatch; ++i) held.emplace_back(producer);
    const auto begin = begin_timing();
    for (Held& one : held) one.reservation.commit();
    const auto end = end_timing();
    held.clear();
    clear(ring);
    return end - begin;
  });
}

std::optional<double> empty_poll(const Alone& how) {
  return in_batches(how, [](Ring& ring, Producer&) {
    Discard discard;
    std::uint64_t seen = 0;
    const auto begin = begin_timing();
    for (std::uint64_t i = 0; i < kBatch; ++i) {
      seen += ring.occupancy(0);
      const auto before = ticks();
      seen += ring.consume(0, discard, 0);
      seen += ticks() - before;
    }
    const auto end = end_timing();
    asm volatile("" : : "r"(seen));  // or the compiler could leave the looks out
    return end - begin;
  });
}

std::optional<double> drain(const Alone& how) {
  std::vector<double> found;
  run_pinned({how.cpu}, 0, [&](std::size_t, std::uint64_t start) {
    FullRing ring(how.timer_pair);
    while (ring.ticks_a_record().size() < kFewest || ticks() < start + how.for_ticks) {
      ring.fill();
      ring.drain();
    }
    found = ring.ticks_a_record();
  });
  return median_of_enough(std::move(found));
}

}  // namespace ringbench::calibration
