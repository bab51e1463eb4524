// Reorder density (RD) and reorder buffer-occupancy density (RBD) of RFC 5236, on records and their
// stamps.
//
// The RFC numbers the packets that were sent 1, 2, ... (S) and those that arrive in order of
// arrival (receive index RI), and leaves out of RI what was lost. A packet's displacement is D = RI
// - S, negative when it came early; RD is the distribution of D. RBD is the distribution of the
// number of packets that an arrival leaves in a buffer which holds those that came before their
// turn.
//
// Records carry stamps, not numbers. S is the rank of a record in the one order of the delivered
// records that
//   - has a record before another that is after it (its stamp more than the tie window greater),
//     for every such pair, and
//   - of all orders that do so puts at each place, from the first on, the record that was delivered
//     earliest.
// The relation "after" has no cycles, so such an order exists; with unequal stamps and no tie
// window it is the order of the stamps; where no record is after a later one it is the order of
// delivery, so ties alone have RD {0: 1} and RBD {0: 1}. Rank by stamp would call a tie a
// displacement. Rank by running maximum, a record within the tie window taking the maximum's place,
// would displace two late records against one another though their stamps are a tie.
//
// What this makes of the RFC's rules for real networks: only delivered records are ranked, so S has
// no gaps, RI skips none, and nothing has to be declared lost; nothing is delivered twice (the
// receiver fails the trial), so there are no duplicates to ignore. The displacement threshold DT
// and the buffer-occupancy threshold BT, by which the RFC tells late from lost and bounds its
// memory, have nothing to decide and are unbounded: every delivered record is counted in both.
#pragma once

#include <cstdint>
#include <span>

#include "bench/trial/delivery_log.hpp"
#include "bench/trial/histogram.hpp"
#include "bench/trial/reordering.hpp"
#include "bench/trial/signed_histogram.hpp"

namespace ringbench {

// Counts (FD and FB in the RFC); divided by the number of records they are RD and RBD.
struct ReorderDensity {
  SignedHistogram displacement;
  Histogram buffer_occupancy;  // records, after each delivery
};

// `found`: of the same deliveries, fewer than 2^32, and tie window. O(n log n) in the records of
// each stretch that is out of order, in 12 bytes each; nothing is sorted outside of them.
ReorderDensity reorder_density(std::span<const Delivery> delivered, const Reordering& found,
                               std::uint64_t tie_window);

}  // namespace ringbench
