// A merge behind the consumers of a flow simulation, by the rule of bench/trial/merge_stage.hpp:
// what it lets go at a time is what is not newer than
//     the newest stamp that had been delivered `wait` ago, or
//     the newest stamp that has been delivered, less `wait`.
#pragma once

#include <cstdint>
#include <deque>
#include <span>
#include <vector>

#include "planner/flow_history.hpp"
#include "planner/flow_order.hpp"
#include "planner/stamp_curve.hpp"

namespace ringbench::planner {

class FlowMerge {
 public:
  // Negative `wait`: there is none.
  FlowMerge(double wait, unsigned rings) : wait_(wait), held_of_(rings + 1) {}

  bool exists() const { return wait_ >= 0; }
  // When the slope of what may go changes next; infinity: not before something else happens.
  // `goes_on`: the rates at `now` are those before.
  double next(double now, bool goes_on, const FlowHistory& history);
  // `awake`: somebody looks at what may go during the step.
  void account(const FlowStep& step, std::span<const Delivery> deliveries, bool awake,
               const FlowHistory& history);
  std::uint64_t cursor() const { return cursor_; }

  double held_seconds() const { return held_seconds_; }  // summed up over all records
  double held_peak() const { return peak_; }
  double late() const { return late_; }

 private:
  void seek(double now, const FlowHistory& history);
  // The newest stamp that had been delivered `wait` before.
  double newest_then(double now, const FlowHistory& history);
  void take(const Delivery& delivery);
  void release(double stamp_from, double stamp_to, double from, double to);
  void let_go(const Delivery& part, double from, double to);

  double wait_;
  std::uint64_t cursor_ = 0;                   // point of the history, `wait` ago
  double gone_ = 0;                            // the newest stamp that may go
  std::vector<std::deque<Delivery>> held_of_;  // each ring; at the end what passed through others
  double held_ = 0, held_seconds_ = 0, peak_ = 0, late_ = 0;  // records
  double step_end_ = 0, area_ = 0;  // of the step: its end, records times seconds held in it
};

}  // namespace ringbench::planner
