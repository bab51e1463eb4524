#include "bench/trial/chain_order.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>

namespace ringbench {
namespace {

// Steps of one chain in the order of their arrival.
using Arrivals = std::vector<Link>;

bool is_whole(const Arrivals& arrivals) {
  return arrivals.size() == arrivals.front().length;
}
bool ascends(const Arrivals& arrivals) {
  return std::ranges::is_sorted(arrivals, {}, &Link::step);
}
// In the order of the steps, which is that of the causes.
bool counter_contradicts(Arrivals arrivals) {
  std::ranges::sort(arrivals, {}, &Link::step);
  return !std::ranges::is_sorted(arrivals, {}, &Link::counter);
}

}  // namespace

ChainOrder chain_order(const std::vector<DeliveredLink>& links) {
  ChainOrder order;
  std::unordered_map<std::uint64_t, Arrivals> chains;
  std::uint64_t highest = 0;
  for (const auto& [link, delivered] : links) {
    chains[link.chain].push_back(link);
    if (order.facts.records++ > 0 && link.counter < highest) ++order.facts.counter_reordered;
    highest = std::max(highest, link.counter);
  }
  for (const auto& [chain, arrivals] : chains) {
    if (counter_contradicts(arrivals)) {
      order.contradiction =
          fmt::format("chain {}: by the shadow counter an effect happened before its cause", chain);
    }
    if (!is_whole(arrivals)) {
      ++order.facts.broken;
      continue;
    }
    ++order.facts.whole;
    order.facts.inverted += ascends(arrivals) ? 0 : 1;
  }
  return order;
}

}  // namespace ringbench
