// Packet reordering metrics of RFC 4737, on records and their stamps.
//
// In the RFC a packet carries a sequence number s from its source and arrives in some order; here a
// record carries the stamp of its reserve and is delivered in some order. Stamps from two CPUs are
// comparable only up to the uncertainty of their clocks, so one record is `after` another only if
// its stamp is more than the tie window greater; all the metrics below use that relation where the
// RFC compares sequence numbers.
//
// Lost records carry no stamp to anybody and are not among the delivered; the RFC's metrics do not
// count them either (a missing number is no reordering, section 3.3). Nothing is delivered twice:
// the receiver fails the trial.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "bench/trial/delivery_log.hpp"
#include "bench/trial/histogram.hpp"

namespace ringbench {

// Records [begin, end) of the delivered sequence.
struct Stretch {
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
  friend bool operator==(const Stretch&, const Stretch&) = default;
};

// Each histogram has one value for each reordered record, but for those of `n_reordering`.
struct Reordering {
  std::uint64_t records = 0;
  std::uint64_t reordered = 0;  // section 3.3, Type-P-Reordered
  Histogram extent;             // section 4.2, in records
  Histogram late_ticks;         // section 4.3, late time offset
  // Section 4.6, records in order between two reordered ones, and before the first: a run ends with
  // a reordered record, so the records after the last one are of no run, and a run may be empty.
  Histogram free_run;
  // Section 5.3: the largest n for which a record is n-reordered. A reordered record whose
  // predecessor is not after it is n-reordered for no n, and has no value.
  Histogram n_reordering;

  // Where the reordering is: disjoint, ascending. The order of any two records that do not lie in
  // one stretch is right.
  std::vector<Stretch> stretches;

  // Section 4.1. 0 for no records.
  double ratio() const {
    return records == 0 ? 0 : static_cast<double>(reordered) / static_cast<double>(records);
  }
};

// `delivered`: in order of delivery. A record i is reordered if an earlier one is after it. With j
// the earliest such record its extent is i - j, and its late time offset the time from the delivery
// of j to its own. It is n-reordered if the n records just before it are all after it.
// `tie_window` in ticks. O(n log n) at worst; O(n) for what is in order, in n/8 bytes and up to 8
// more for each record of the longest stretch.
Reordering reordering(std::span<const Delivery> delivered, std::uint64_t tie_window);

}  // namespace ringbench
