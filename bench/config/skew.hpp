// How unevenly the producers of a cell share what they send together.
#pragma once

#include <vector>

#include "bench/config/cell.hpp"

namespace ringbench {

// Each producer's share of the rate of them all; the sum is 1. moving_hot: while producer 0 is the
// hot one.
//
// zipf: producer n, from 1, in proportion to 1/n^skew_exponent. one_hot, moving_hot: hot_share for
// one, and the rest evenly for the others.
std::vector<double> shares_of(const Cell& cell);

}  // namespace ringbench
