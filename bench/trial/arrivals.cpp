#include "bench/trial/arrivals.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>

namespace ringbench {
namespace {

using Times = std::vector<std::uint64_t>;
using Random = std::mt19937_64;

// The standard's distributions may differ between libraries; this one is the same everywhere.
double uniform(Random& random) {
  return static_cast<double>(random() >> 11) * 0x1p-53;
}
double exponential(Random& random, double mean) {
  return -mean * std::log1p(-uniform(random));
}

// With a random phase, so that on average there are exactly (to - from) / gap events.
void append_constant(Times& times, double from, double to, double gap, Random& random) {
  for (double due = from + uniform(random) * gap; due < to; due += gap) {
    times.push_back(static_cast<std::uint64_t>(due));
  }
}

Times constant(double length, double gap, Random& random) {
  Times times;
  times.reserve(static_cast<std::size_t>(length / gap) + 1);
  append_constant(times, 0, length, gap, random);
  return times;
}

Times poisson(double length, double gap, Random& random) {
  Times times;
  for (double due = exponential(random, gap); due < length; due += exponential(random, gap)) {
    times.push_back(static_cast<std::uint64_t>(due));
  }
  return times;
}

// The first `width` of `order` become a random choice without repetition (Fisher and Yates).
void choose(std::vector<std::size_t>& order, std::size_t width, Random& random) {
  for (std::size_t i = 0; i < width; ++i) {
    std::swap(order[i], order[i + static_cast<std::size_t>(random() % (order.size() - i))]);
  }
}

std::vector<Times> bursty(const Cell& cell, double length, double tick_hz, Random& random) {
  const double on = cell.burst_on_us * 1e-6 * tick_hz;
  const double gap = tick_hz / cell.rate;
  const double between = cell.burst_every_us * 1e-6 * tick_hz *
                         static_cast<double>(cell.burst_width) /
                         static_cast<double>(cell.producers);
  std::vector<Times> times(cell.producers);
  std::vector<double> sent_until(cell.producers, 0);
  std::vector<std::size_t> order(cell.producers);
  std::iota(order.begin(), order.end(), std::size_t{0});
  // From one burst before the start, so that the load at the start is what it is later.
  for (double at = exponential(random, between) - on; at < length;
       at += exponential(random, between)) {
    choose(order, cell.burst_width, random);
    for (std::size_t i = 0; i < cell.burst_width; ++i) {
      double& until = sent_until[order[i]];
      append_constant(times[order[i]], std::max(at, until), std::min(at + on, length), gap, random);
      until = std::max(until, at + on);
    }
  }
  return times;
}

}  // namespace

std::vector<Times> arrivals(const Cell& cell, std::uint64_t length_ticks, double tick_hz,
                            std::uint64_t seed) {
  const auto length = static_cast<double>(length_ticks);
  Random random(seed);
  if (cell.bursty()) return bursty(cell, length, tick_hz, random);
  const double gap = tick_hz / cell.rate;
  std::vector<Times> times;
  for (std::uint64_t p = 0; p < cell.producers; ++p) {
    times.push_back(cell.arrival == "poisson" ? poisson(length, gap, random)
                                              : constant(length, gap, random));
  }
  return times;
}

double offered_rate(const Cell& cell) {
  const double all = cell.rate * static_cast<double>(cell.producers);
  if (!cell.bursty()) return all;
  return all * -std::expm1(-cell.burst_on_us / cell.burst_every_us);
}

}  // namespace ringbench
