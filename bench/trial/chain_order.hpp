// Order by cause: whether the records of a chain of events arrived as they happened, one because of
// the other.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "bench/trial/trial_result.hpp"
#include "impls/payload.hpp"

namespace ringbench {

struct DeliveredLink {
  Link link;
  std::uint64_t delivered = 0;  // ticks
};

struct ChainOrder {
  ChainFacts facts;
  // A chain whose shadow counter says that an effect came before its cause: then the counter, or
  // the program, is wrong. Empty: there is none.
  std::string contradiction;
};

// `links` in the order in which they were delivered; those of one chain may be of any consumer.
ChainOrder chain_order(const std::vector<DeliveredLink>& links);

}  // namespace ringbench
