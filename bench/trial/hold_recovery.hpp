// What the pauses of a producer that kept its events back did to delivery.
#pragma once

#include <span>

#include "bench/trial/delivery_log.hpp"
#include "bench/trial/producer_log.hpp"
#include "bench/trial/trial_result.hpp"

namespace ringbench {

// `deliveries` in their order. A pause is recovered from when the first record that was stamped
// after its end, by whichever producer, is delivered: what piled up meanwhile comes before.
HoldFacts hold_facts(std::span<const Delivery> deliveries, std::span<const Pause> pauses,
                     double hz);

}  // namespace ringbench
