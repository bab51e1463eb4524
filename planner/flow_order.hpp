// The order of what is delivered, as planner/flow.hpp says.
#pragma once

#include <cstdint>
#include <span>
#include <unordered_map>
#include <vector>

#include "planner/flow_history.hpp"
#include "planner/spread_histogram.hpp"
#include "planner/stamp_curve.hpp"

namespace ringbench::planner {

// A stretch of time in which no rate changes.
struct FlowStep {
  double from = 0, to = 0;
  double delivered_before = 0;
  double passing_rate = 0;  // records/s of rings that hold nothing and are read as they fill
  double rate = 0;          // records/s delivered in all
  bool goes_on = false;     // the rates are those of the step before
  double seconds() const { return to - from; }
};

// What passes through the rings of one thread that hold nothing.
struct Passing {
  double rate = 0;     // records/s
  unsigned rings = 0;  // that something comes to
  double sweep_s = 0;  // from a look at one of them to the next
};

class FlowOrder {
 public:
  FlowOrder(unsigned rings, unsigned threads) : cursors_(rings), tied_(threads) {}

  // `deliveries`: of the rings that hold something, those of a ring together and ascending;
  // `turns`: of each thread, records a turn.
  void account(const FlowStep& step, std::span<const Delivery> deliveries,
               std::span<const double> turns);
  void account_passing(const Passing& passing, double seconds);
  void start_ring(unsigned ring) { cursors_[ring] = history_.last(); }
  // `rings`: that hold something; `also`: another point that is still needed.
  void forget(std::span<const unsigned> rings, std::uint64_t also);

  const FlowHistory& history() const { return history_; }
  double reordered() const { return reordered_; }
  const SpreadHistogram& extents() const { return extents_; }

 private:
  struct Tie {
    unsigned rings = 0, last_ring = 0;
    double in_order = 0;  // records
  };

  void advance_newest(const FlowStep& step, std::span<const Delivery> deliveries);
  void follow(const FlowStep& step, const Delivery& delivery);
  double newest_at(double time);
  double newest_until(double time);
  double lagging_fraction(double lag_from, double lag_to) const;
  void account_lag(const FlowStep& step, const Delivery& delivery, double records);
  void account_turns(double records, unsigned rings, double turn);
  double turn_ratio(unsigned rings, double turn);

  FlowHistory history_;
  std::uint64_t step_begin_ = 0;        // point of the history
  std::uint64_t now_ = 0;               // cursor within the step
  double density_ = 0;                  // records a second of stamps, where the newest is
  std::vector<std::uint64_t> cursors_;  // of each ring, where its oldest stamp was reached
  std::vector<Tie> tied_;               // of each thread
  double reordered_ = 0;
  SpreadHistogram extents_;
  std::unordered_map<std::uint64_t, double> ratios_;
};

}  // namespace ringbench::planner
