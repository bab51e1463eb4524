// A transport whose events the kernel makes, with its producers and its consumer in one thread, and
// a record of what was sent and what came out.
#pragma once

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "impls/payload.hpp"
#include "tests/impls/subject.hpp"
#include "tests/impls/variants.hpp"

namespace ringbench::conformance {

// CPUs that this process may use.
const std::vector<unsigned>& allowed_cpus();

// This thread on one CPU, and back where it was at the end of the scope.
class Pinned {
 public:
  explicit Pinned(unsigned cpu);
  ~Pinned();
  Pinned(const Pinned&) = delete;
  Pinned& operator=(const Pinned&) = delete;

 private:
  std::vector<unsigned> before_;
};

struct Shape {
  std::uint32_t size = 8;  // of each payload
  std::size_t ring_bytes = 4096;
  unsigned producers = 1;
  bool stamps = false;
  StampLine line{};
};

Geometry geometry_of(const Variant& variant, const Shape& shape);

// Why a variant cannot carry that here; empty: it can.
std::string why_not(const Variant& variant, const Shape& shape = {}, bool bounded_drain = false);

// Bytes that a record takes in its buffer.
std::size_t record_bytes(const Variant& variant, std::uint32_t size);
// The largest payload that a ring can hold.
std::uint32_t largest_payload_of(const Variant& variant, std::size_t ring_bytes);

// A delivered record, or a count of lost ones.
struct Arrival {
  Event event;
  std::uint64_t lost = 0;
  friend bool operator==(const Arrival& a, const Arrival& b) {
    return a.event.producer == b.event.producer && a.event.sequence == b.event.sequence &&
           a.lost == b.lost;
  }
};

// Reads every payload; fails the test for one that is not as it was written.
class Reader final : public Receiver {
 public:
  explicit Reader(const Shape& shape) : shape_(shape) {}
  void record(std::span<const std::byte> payload) override;
  void lost(std::uint64_t count) override { arrivals.push_back({{}, count}); }

  // Sequence numbers of one producer, in the order of their delivery.
  std::vector<std::uint64_t> sequences(unsigned producer) const;
  std::uint64_t lost_in_all() const;
  std::size_t records() const;

  std::vector<Arrival> arrivals;

 private:
  Shape shape_;
};

class KernelRig {
 public:
  KernelRig(const Variant& variant, const Shape& shape);

  // Makes that many events on the producer's CPU, as many at a call as the producer takes. Fails
  // the test where the tally and refused() do not tell the same.
  void emit(unsigned producer, unsigned events);
  void emit_nothing(unsigned producer, unsigned events);
  std::size_t consume(unsigned ring, std::size_t budget = 0) {
    return subject->consume(ring, reader, budget);
  }
  void drain();

  std::uint64_t attempted(unsigned producer) const { return next_[producer]; }
  std::uint64_t drops(unsigned producer, Drop cause) const {
    return emitters[producer]->tally().drops[static_cast<std::size_t>(cause)];
  }
  // What was not refused, in order.
  const std::vector<std::uint64_t>& sent(unsigned producer) const { return sent_[producer]; }
  unsigned cpu(unsigned producer) const { return geometry.cpus[producer]; }

  Geometry geometry;
  Reader reader;
  std::unique_ptr<EmittedSubject> subject;
  std::vector<std::unique_ptr<Emitter>> emitters;

 private:
  void call(unsigned producer, unsigned events);

  std::vector<std::uint64_t> next_;
  std::vector<std::vector<std::uint64_t>> sent_;
};

// Every producer's records arrived, all that were not refused, in the order in which they were
// sent, and the counts balance. Drains.
void expect_all_arrived(KernelRig& rig);

}  // namespace ringbench::conformance
