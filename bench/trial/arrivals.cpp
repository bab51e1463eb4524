#include "bench/trial/arrivals.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>

#include "bench/config/skew.hpp"
#include "bench/trial/trace_replay.hpp"

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

// While producer h is the hot one, producer p has the share of producer p - h. `measure` is what is
// left until the next event, in expected events: the time the phases take follows from it.
Times moving_hot(const Cell& cell, double length, double tick_hz, std::uint64_t producer,
                 Random& random) {
  const auto shares = shares_of(cell);
  const double all = cell.rate * static_cast<double>(cell.producers) / tick_hz;
  const double phase = cell.hot_every_ms * 1e-3 * tick_hz;
  const bool is_poisson = cell.arrival == "poisson";
  Times times;
  double measure = is_poisson ? exponential(random, 1) : uniform(random);
  for (std::uint64_t hot = 0; static_cast<double>(hot) * phase < length; ++hot) {
    const auto n = cell.producers;
    const double rate = all * shares[(producer + n - hot % n) % n];
    double at = static_cast<double>(hot) * phase;
    const double end = std::min(static_cast<double>(hot + 1) * phase, length);
    while (at + measure / rate < end) {
      at += measure / rate;
      times.push_back(static_cast<std::uint64_t>(at));
      measure = is_poisson ? exponential(random, 1) : 1;
    }
    measure = std::max(0.0, measure - (end - at) * rate);
  }
  return times;
}

std::vector<Times> traced(const Cell& cell, double length, double tick_hz) {
  std::vector<Times> times(cell.producers);
  replay(*cell.trace, cell.producers, length, tick_hz,
         [&](std::uint64_t producer, std::uint64_t due, std::uint16_t /*size*/) {
           times[producer].push_back(due);
         });
  return times;
}

}  // namespace

std::vector<Times> arrivals(const Cell& cell, std::uint64_t length_ticks, double tick_hz,
                            std::uint64_t seed) {
  const auto length = static_cast<double>(length_ticks);
  if (cell.traced()) return traced(cell, length, tick_hz);
  Random random(seed);
  if (cell.bursty()) return bursty(cell, length, tick_hz, random);
  const double even_gap = tick_hz / cell.rate;
  const auto shares = shares_of(cell);
  std::vector<Times> times;
  for (std::uint64_t p = 0; p < cell.producers; ++p) {
    if (cell.skew == "moving_hot") {
      times.push_back(moving_hot(cell, length, tick_hz, p, random));
      continue;
    }
    const double gap = cell.skew == "even"
                           ? even_gap
                           : even_gap / (shares[p] * static_cast<double>(cell.producers));
    times.push_back(cell.arrival == "poisson" ? poisson(length, gap, random)
                                              : constant(length, gap, random));
  }
  return times;
}

double offered_rate(const Cell& cell, double window_ms) {
  if (cell.traced()) {
    const double begin_us = cell.warmup_ms * 1e3;
    const double end_us = begin_us + window_ms * 1e3;
    const auto events = cell.trace->events_before(end_us) - cell.trace->events_before(begin_us);
    return static_cast<double>(events) / (window_ms * 1e-3);
  }
  const double all = cell.rate * static_cast<double>(cell.producers);
  if (cell.chains()) return all * static_cast<double>(cell.chain_length);
  if (!cell.bursty()) return all;
  return all * -std::expm1(-cell.burst_on_us / cell.burst_every_us);
}

}  // namespace ringbench
