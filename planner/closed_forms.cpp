#include "planner/closed_forms.hpp"

#include <algorithm>
#include <cmath>

namespace ringbench::planner {

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

double watermark_delay(double interval, double wait) {
  return interval / 2 + wait;
}

}  // namespace ringbench::planner
