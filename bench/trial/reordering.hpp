// Packet reordering metrics of RFC 4737, on records and their stamps.
//
// In the RFC a packet carries a sequence number from its source and arrives in some order; here a
// record carries the stamp of its reserve and is delivered in some order. Stamps from two CPUs are
// comparable only up to the uncertainty of their clocks, so stamps no further apart than the tie
// window count as in order.
#pragma once

#include <cstdint>
#include <span>

#include "bench/trial/histogram.hpp"

namespace ringbench {

struct Reordering {
  std::uint64_t records = 0;
  std::uint64_t reordered = 0;  // RFC 4737, section 3.3: type-P-reordered
  Histogram extent;             // section 4.2, in records: one value for each reordered record

  // Section 4.1. 0 for no records.
  double ratio() const {
    return records == 0 ? 0 : static_cast<double>(reordered) / static_cast<double>(records);
  }
};

// `delivered`: stamps in order of delivery. A record is reordered if an earlier one has a stamp
// more than `tie_window` after its own; its extent is the distance back to the earliest such
// record.
Reordering reordering(std::span<const std::uint64_t> delivered, std::uint64_t tie_window);

}  // namespace ringbench
