#include "topology/core_matching.hpp"

#include <set>

namespace ringbench {
namespace {

// Maximum bipartite matching by augmenting paths (Kuhn): a consumer that finds no free core asks
// the holders of its choices to move. A first-come assignment would refuse requests that can be
// met.
class Matching {
 public:
  Matching(const std::vector<std::vector<CoreChoice>>& choices, std::size_t cores)
      : choices_(choices), holder_(cores), core_of_(choices.size()) {}

  // Nobody who has a core loses it, though it may become another of at most this cost.
  void extend(unsigned highest_cost) {
    highest_cost_ = highest_cost;
    for (std::size_t consumer = 0; consumer < choices_.size(); ++consumer) {
      asked_.assign(holder_.size(), false);
      if (!core_of_[consumer]) seat(consumer);
    }
  }

  const std::vector<std::optional<std::size_t>>& cores() const { return core_of_; }

 private:
  bool seat(std::size_t consumer) {
    for (const CoreChoice& choice : choices_[consumer])
      if (choice.cost <= highest_cost_ && !holder_[choice.core]) return take(consumer, choice.core);
    for (const CoreChoice& choice : choices_[consumer]) {
      if (choice.cost > highest_cost_ || asked_[choice.core]) continue;
      asked_[choice.core] = true;
      if (seat(*holder_[choice.core])) return take(consumer, choice.core);
    }
    return false;
  }

  bool take(std::size_t consumer, std::size_t core) {
    holder_[core] = consumer;
    core_of_[consumer] = core;
    return true;
  }

  const std::vector<std::vector<CoreChoice>>& choices_;
  std::vector<std::optional<std::size_t>> holder_;   // of each core
  std::vector<std::optional<std::size_t>> core_of_;  // of each consumer
  std::vector<bool> asked_;
  unsigned highest_cost_ = 0;
};

}  // namespace

std::vector<std::optional<std::size_t>> match_cores(
    const std::vector<std::vector<CoreChoice>>& choices, std::size_t cores) {
  std::set<unsigned> costs;
  for (const auto& of_one : choices)
    for (const CoreChoice& choice : of_one) costs.insert(choice.cost);
  Matching matching(choices, cores);
  for (const unsigned cost : costs) matching.extend(cost);
  return matching.cores();
}

}  // namespace ringbench
