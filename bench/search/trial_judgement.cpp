#include "bench/search/trial_judgement.hpp"

#include <cmath>

#include "bench/trial/columns.hpp"
#include "bench/trial/sleeper.hpp"

namespace ringbench {
namespace {

// Records that may be on their way when the window opens or closes.
constexpr double kInFlight = 128;
// Of a Poisson count, in standard deviations.
constexpr double kSpread = 4;

bool was_offered(const Measured& trial, const Cell& cell, double tolerance) {
  const double due = trial.offered_rate.value_or(0) * trial.window_s.value_or(0);
  const double chance =
      cell.arrival == "poisson" ? kSpread * std::sqrt(due) : static_cast<double>(cell.producers);
  const bool enough = trial.window_attempted.value_or(0) + chance >= due * (1 - tolerance);
  const double late = trial.lag_ns_p50.value_or(0) * 1e-9;
  return enough && late <= tolerance * trial.window_s.value_or(0);
}

bool did_keep_up(const Measured& trial, const Cell& cell, double width) {
  if (!trial.delivered_rate) return true;  // there is nothing to deliver
  const double accepted = trial.window_attempted.value_or(0) - trial.window_dropped.value_or(0);
  const double delivered = *trial.delivered_rate * trial.window_s.value_or(0);
  // A consumer that sleeps may sleep that long over what it was not told of.
  const double asleep =
      cell.poll == "epoll" ? trial.offered_rate.value_or(0) * Sleeper::kPatienceMs / 1e3 : 0;
  return accepted - delivered <= accepted * width / 2 + kInFlight + asleep;
}

}  // namespace

Measured measured(const TrialResult& result) {
  Measured found{result.status, result.reason, {}, {}, {}, {}, {}, {}};
  if (result.producers.empty()) return found;
  const auto value = [&](std::string_view name) { return find_column(name).value(result); };
  found.window_s = value("window_s");
  found.window_attempted = value("window_attempted");
  found.window_dropped = value("window_dropped");
  found.offered_rate = value("offered_rate");
  found.delivered_rate = value("delivered_rate");
  found.lag_ns_p50 = value("lag_ns_p50");
  return found;
}

SearchTrial judged(const Measured& measured, const NextTrial& asked, const Cell& cell,
                   const SearchSettings& settings) {
  SearchTrial trial;
  trial.rate = asked.rate;
  trial.duration_ms = asked.duration_ms;
  trial.repetition = asked.repetition;
  trial.attempt = asked.attempt;
  trial.status = measured.status;
  trial.reason = measured.reason;
  trial.attempted = measured.window_attempted.value_or(0);
  trial.dropped = measured.window_dropped.value_or(0);
  trial.offered = was_offered(measured, cell, settings.offer_tolerance);
  trial.kept_up = did_keep_up(measured, cell, settings.width);
  return trial;
}

}  // namespace ringbench
