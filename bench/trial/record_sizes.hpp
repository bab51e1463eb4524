// How large each record of each producer is: known before the trial to the producer, which asks for
// so many bytes, and to the receiver, which checks that it got as many.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "bench/config/cell.hpp"

namespace ringbench {

// A record's size follows from its producer and its sequence number. One size for all needs no
// table. Otherwise each producer has one, a power of two long, for the sequence numbers modulo its
// length: that must divide the modulus of every record in it (sequence_modulus() in
// impls/payload.hpp), so that the number a record carries finds the same entry as the full
// one.
class RecordSizes {
 public:
  using Table = std::vector<std::uint16_t>;  // bytes

  RecordSizes(std::size_t size)  // NOLINT(google-explicit-constructor): one size is a plain number
      : fixed_(size), smallest_(size) {}
  // One table for each producer, in their order.
  explicit RecordSizes(std::vector<Table> tables);

  std::size_t of(std::uint32_t producer, std::uint64_t sequence) const {
    if (tables_ == nullptr) return fixed_;
    const Table& table = (*tables_)[producer];
    return table[sequence & (table.size() - 1)];
  }
  // Empty: every record has the one size. Valid as long as this object or a copy of it.
  std::span<const std::uint16_t> table(std::uint32_t producer) const {
    return tables_ == nullptr ? std::span<const std::uint16_t>{} : (*tables_)[producer];
  }
  std::size_t smallest() const { return smallest_; }  // of any producer

 private:
  std::size_t fixed_ = 0;
  std::size_t smallest_ = 0;
  std::shared_ptr<const std::vector<Table>> tables_;  // copies share it
};

// Entries of a table that a distribution fills: the sizes at as many evenly spaced quantiles, so
// that every table holds exactly the distribution, each producer in a random order of its own.
// 8 KiB: it must leave the L1 cache to the records.
inline constexpr std::size_t kSizeTable = 4096;

// Of a resolved cell for a trial of so many ticks. The same cell and seed give the same sizes
// everywhere. With a trace that has sizes, each event's own.
RecordSizes record_sizes(const Cell& cell, std::uint64_t length_ticks, double tick_hz,
                         std::uint64_t seed);

}  // namespace ringbench
