#include "bench/trial/fairness.hpp"

#include <algorithm>
#include <numeric>
#include <vector>

namespace ringbench {
namespace {

template <class Value>
std::vector<double> by_producer(const TrialResult& result, Value value) {
  std::vector<double> values;
  for (const auto& producer : result.producers) {
    if (producer.window_attempted > 0) values.push_back(value(producer));
  }
  return values;
}

double drop_fraction(const ProducerFacts& producer) {
  return static_cast<double>(producer.window_dropped) /
         static_cast<double>(producer.window_attempted);
}
double accepted(const ProducerFacts& producer) {
  return static_cast<double>(producer.window_attempted - producer.window_dropped);
}
double accepted_share(const ProducerFacts& producer) {
  return accepted(producer) / static_cast<double>(producer.window_attempted);
}

}  // namespace

std::optional<double> jain_index(const TrialResult& result) {
  const auto x = by_producer(result, result.saturated ? accepted : accepted_share);
  const double sum = std::accumulate(x.begin(), x.end(), 0.0);
  const double squares = std::inner_product(x.begin(), x.end(), x.begin(), 0.0);
  if (x.size() < 2 || sum == 0) return std::nullopt;
  return sum * sum / (static_cast<double>(x.size()) * squares);
}

std::optional<double> worst_drop_fraction(const TrialResult& result) {
  const auto dropped = by_producer(result, drop_fraction);
  if (dropped.empty()) return std::nullopt;
  return *std::ranges::max_element(dropped);
}

}  // namespace ringbench
