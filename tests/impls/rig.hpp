// A transport with its producers and its consumer in one thread, and a record of what went in and
// came out.
#pragma once

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "tests/impls/payload.hpp"
#include "tests/impls/subject.hpp"
#include "tests/impls/variants.hpp"

namespace ringbench::conformance {

using Payload = std::vector<std::byte>;

// One thing that a sink was given: a record, or a count of records that were lost.
struct Delivery {
  Payload payload;
  std::uint64_t lost = 0;
};

class Inbox final : public Receiver {
 public:
  void record(std::span<const std::byte> payload) override {
    items.push_back({{payload.begin(), payload.end()}, 0});
    if (on_record) on_record();
  }
  void lost(std::uint64_t count) override { items.push_back({{}, count}); }

  std::vector<Payload> records(std::size_t first = 0) const;  // of items from `first` on
  std::uint64_t lost_in_all() const;

  std::vector<Delivery> items;
  std::function<void()> on_record;  // called from within the sink
};

class Rig {
 public:
  Rig(const Row& row, const Options& options, std::size_t ring_bytes, unsigned producers = 1,
      bool waits = false);
  Rig(const Geometry& geometry, const Row& row, const Options& options);

  // Commits a record with a payload of its own; empty if it was refused.
  std::optional<Payload> emit(unsigned producer, std::uint32_t size);
  std::vector<Payload> emit(unsigned producer, std::uint32_t size, std::size_t count);
  // Commits records until one is refused or `limit` were not; says how many were not.
  std::size_t emit_until_refused(unsigned producer, std::uint32_t size, std::size_t limit);
  std::unique_ptr<OpenRecord> reserve(unsigned producer, std::uint32_t size) {
    return writers[producer]->reserve(size);
  }

  std::size_t consume(unsigned ring, std::size_t budget = 0) {
    return subject->consume(ring, inbox, budget);
  }
  // Consumes every ring until nothing comes; gives what came.
  std::vector<Payload> drain();

  std::uint64_t drops(unsigned producer, Drop cause) const {
    return writers[producer]->tally().drops[static_cast<std::size_t>(cause)];
  }
  std::uint64_t notifications() const;
  bool rang(unsigned ring) const;  // wait_fd(ring) is readable

  Geometry geometry;
  std::unique_ptr<Subject> subject;
  std::vector<std::unique_ptr<Writer>> writers;
  Inbox inbox;

 private:
  std::vector<std::uint32_t> sequence_;
};

// Whether `delivered` are `sent`, in the same order.
testing::AssertionResult arrived(const std::vector<Payload>& delivered,
                                 const std::vector<Payload>& sent);

// The largest payload that is not refused as too big.
std::uint32_t largest_payload(const Variant& variant, std::size_t ring_bytes);

}  // namespace ringbench::conformance
