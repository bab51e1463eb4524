// From what a trial measured to what the search is told of it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "bench/config/cell.hpp"
#include "bench/config/search_settings.hpp"
#include "bench/search/rate_search.hpp"
#include "bench/trial/trial_result.hpp"

namespace ringbench {

// The metrics that count, as the columns of the store have them; nothing where it is NULL.
struct Measured {
  Status status = Status::ok;
  std::string reason;
  std::optional<double> window_s, window_attempted, window_dropped, offered_rate, delivered_rate,
      lag_ns_p50;
};

Measured measured(const TrialResult& result);

// Offered: in the window producers attempted as many events as were due, up to
// settings.offer_tolerance, and half of the events were late by no more than that share of the
// window. Kept up: consumers took what was accepted, but for half the goal width: at more than
// that the buffers fill up, and a longer trial of the same load would drop.
SearchTrial judged(const Measured& measured, const NextTrial& asked, const Cell& cell,
                   const SearchSettings& settings);

}  // namespace ringbench
