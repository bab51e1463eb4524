#include "planner/closed_forms.hpp"

#include <algorithm>
#include <cmath>

namespace ringbench::planner {
namespace {

// That a record waits no longer than `services`.
double waits_at_most(double services, double busy) {
  double sum = 0;
  for (double k = 0; k <= services; ++k) {
    const auto before = busy * (services - k);
    const auto term = std::exp(before - std::lgamma(k + 1) + (k > 0 ? k * std::log(before) : 0));
    sum += std::fmod(k, 2) == 0 ? term : -term;
  }
  return (1 - busy) * sum;
}

}  // namespace

double burst_loss_per_cpu(double k, double rate, double on_s, double drain, double each) {
  const auto sent = rate * on_s;
  if (sent <= 0) return 0;
  return std::max(0.0, 1 - (std::min(drain / k, rate) * on_s + each) / sent);
}

double burst_loss_shared(double k, double rate, double on_s, double drain, double all) {
  const auto sent = k * rate * on_s;
  if (sent <= 0) return 0;
  return std::max(0.0, 1 - (drain * on_s + all) / sent);
}

double overload_loss(double offered, double drain) {
  return offered > 0 ? std::max(0.0, 1 - drain / offered) : 0;
}

TurnOrder order_of_turns(double k, double n) {
  if (k < 1 || n <= 0) return {};
  double in_order = n;
  for (double i = 1; i < k; ++i) in_order += -std::expm1(-i * n) / i;
  TurnOrder order;
  order.reordered_ratio = 1 - in_order / (k * n);
  order.extent_mean = k > 1 ? n * k / 2 : 0;
  order.held_mean = (k - 1) * n / 2;
  order.held_peak = (k - 1) * n;
  return order;
}

double wait_in_queue(double quantile, double busy, double service) {
  constexpr double kLongest = 20;
  if (busy >= 1 || quantile <= 1 - busy) return 0;
  const auto beyond = 1 - waits_at_most(kLongest, busy);
  if (1 - quantile < beyond) {
    const auto falls = std::log((1 - waits_at_most(kLongest - 1, busy)) / beyond);
    return (kLongest + std::log(beyond / (1 - quantile)) / falls) * service;
  }
  double low = 0, high = kLongest;
  while (high - low > 1e-6) {
    const auto middle = (low + high) / 2;
    (waits_at_most(middle, busy) < quantile ? low : high) = middle;
  }
  return high * service;
}

double watermark_delay(double interval, double wait) {
  return interval / 2 + wait;
}

}  // namespace ringbench::planner
