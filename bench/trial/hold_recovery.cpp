#include "bench/trial/hold_recovery.hpp"

#include <algorithm>

namespace ringbench {

HoldFacts hold_facts(std::span<const Delivery> deliveries, std::span<const Pause> pauses,
                     double hz) {
  HoldFacts facts;
  const auto us = [hz](std::uint64_t ticks) { return static_cast<double>(ticks) / hz * 1e6; };
  for (const auto& [begin, end] : pauses) {
    ++facts.holds;
    facts.longest_us = std::max(facts.longest_us, us(end - begin));
    const auto is_newer = [end = end](const Delivery& d) { return d.stamp > end; };
    const auto after = std::ranges::lower_bound(deliveries, end, {}, &Delivery::delivered);
    const auto first = std::find_if(after, deliveries.end(), is_newer);
    if (first != deliveries.end()) facts.recovery_us.push_back(us(first->delivered - end));
  }
  std::ranges::sort(facts.recovery_us);
  return facts;
}

}  // namespace ringbench
