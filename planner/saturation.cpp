#include "planner/saturation.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <stdexcept>

namespace ringbench::planner {
namespace {

constexpr CodePath kCodePaths[] = {
#include "generated/code_paths.inc"
};

// The law's shape without lambda.
double shape(double n, double sigma, double kappa) {
  return n / (1 + sigma * (n - 1) + kappa * n * (n - 1));
}

struct Fit {
  ScalabilityLaw law;
  double misfit = 0;  // sum of squared relative residuals
};

// lambda enters linearly, so for given sigma and kappa the best one is known.
Fit with_best_lambda(std::span<const double> producers, std::span<const double> rates, double sigma,
                     double kappa) {
  double sum = 0, squares = 0;
  for (std::size_t i = 0; i < rates.size(); ++i) {
    const auto ratio = shape(producers[i], sigma, kappa) / rates[i];
    sum += ratio;
    squares += ratio * ratio;
  }
  const auto lambda = sum / squares;
  return {{lambda, sigma, kappa}, static_cast<double>(rates.size()) - lambda * sum};
}

// Steps along both axes while that helps, then steps half as long.
Fit descend(std::span<const double> producers, std::span<const double> rates, double sigma,
            double kappa) {
  auto best = with_best_lambda(producers, rates, sigma, kappa);
  for (double step = 0.25; step > 1e-9;) {
    const auto before = best.misfit;
    for (const auto& [along_sigma, along_kappa] : std::array<std::array<double, 2>, 8>{
             {{1, 0}, {-1, 0}, {0, 1}, {0, -1}, {1, -1}, {-1, 1}, {1, 1}, {-1, -1}}}) {
      const auto next = with_best_lambda(producers, rates,
                                         std::clamp(best.law.sigma + along_sigma * step, 0.0, 1.0),
                                         std::max(best.law.kappa + along_kappa * step, 0.0));
      if (next.misfit < best.misfit) best = next;
    }
    if (best.misfit >= before) step /= 2;
  }
  return best;
}

}  // namespace

std::span<const CodePath> code_paths() {
  return kCodePaths;
}

const CodePath* find_code_path(std::string_view name) {
  const auto found = std::ranges::find(kCodePaths, name, &CodePath::name);
  return found == std::end(kCodePaths) ? nullptr : found;
}

// The published rows from 8 producers on lie between 0.92 and 1.16 of what their path's K gives.
// Each path was measured on one machine only, so nothing shows how much K differs between machines:
// the rest of the interval is for that.
Uncertain saturation_error() {
  return {1, 0.8, 1.25};
}

double saturated_record_ns(double moves, double mean_latency_ns, double alone_ns,
                           double outside_lock_ns, double producers) {
  if (producers <= 1) return alone_ns;
  return std::max({moves * mean_latency_ns, alone_ns / producers, alone_ns - outside_lock_ns});
}

double ScalabilityLaw::rate(double n) const {
  return lambda * shape(n, sigma, kappa);
}

ScalabilityLaw fit_scalability_law(std::span<const double> producers,
                                   std::span<const double> rates) {
  if (producers.size() != rates.size() || producers.size() < 3) {
    throw std::invalid_argument(
        "the scalability law has three parameters: give at least three numbers of producers, and a "
        "rate for each");
  }
  const auto positive = [](double value) { return std::isfinite(value) && value > 0; };
  if (!std::ranges::all_of(producers, positive) || !std::ranges::all_of(rates, positive)) {
    throw std::invalid_argument(
        "the scalability law is fitted to positive numbers of producers and positive rates");
  }
  Fit best = descend(producers, rates, 0, 0);
  for (const double sigma : {0.0, 0.5, 1.0}) {
    for (const double kappa : {0.01, 0.1, 1.0}) {
      const auto other = descend(producers, rates, sigma, kappa);
      if (other.misfit < best.misfit) best = other;
    }
  }
  return best.law;
}

}  // namespace ringbench::planner
