#include "planner/flow_order.hpp"

#include <algorithm>
#include <cmath>

#include "planner/closed_forms.hpp"

namespace ringbench::planner {

void FlowOrder::account(const FlowStep& step, std::span<const Delivery> deliveries,
                        std::span<const double> turns) {
  advance_newest(step, deliveries);
  if (deliveries.empty()) return;
  for (auto& tie : tied_) tie = {};
  const auto threads = static_cast<unsigned>(tied_.size());
  now_ = step_begin_;
  for (const auto& delivery : deliveries) {
    if (now_ > step_begin_ && history_.at(now_).time > delivery.read_from) now_ = step_begin_;
    const auto from = std::max(0.0, newest_at(delivery.read_from) - delivery.stamp_from);
    const auto to = std::max(0.0, newest_until(delivery.read_to) - delivery.stamp_to);
    const auto lagging = delivery.records * lagging_fraction(from, to);
    history_.seek_stamp(cursors_[delivery.ring],
                        delivery.stamp_from);  // what is older is not asked for
    if (lagging > 0) account_lag(step, delivery, lagging);
    auto& tie = tied_[delivery.ring % threads];
    if (density_ * std::max(from, to) >= 1) continue;
    if (tie.rings == 0 || tie.last_ring != delivery.ring) ++tie.rings;
    tie.last_ring = delivery.ring;
    tie.in_order += delivery.records - lagging;
  }
  for (unsigned thread = 0; thread < threads; ++thread) {
    const auto& tie = tied_[thread];
    if (tie.rings > 1) account_turns(tie.in_order, tie.rings, turns[thread]);
  }
}

void FlowOrder::account_passing(const Passing& passing, double seconds) {
  if (passing.rings < 2 || passing.sweep_s <= 0) return;
  account_turns(passing.rate * seconds, passing.rings,
                passing.rate * passing.sweep_s / passing.rings);
}

// Draws the newest stamp over the step: what passes through is always the newest there is; else it
// is the ring's that gets furthest. The history's last point is where the step begins, and after it
// where it ends.
void FlowOrder::advance_newest(const FlowStep& step, std::span<const Delivery> deliveries) {
  const auto newest = history_.back().newest;
  const auto delivered = step.delivered_before + step.rate * step.seconds();
  step_begin_ = history_.last();
  if (step.passing_rate == 0 && !deliveries.empty()) {
    const auto& leader =
        *std::ranges::max_element(deliveries, {}, [](const auto& d) { return d.stamp_to; });
    for (const auto& delivery : deliveries)
      if (delivery.ring == leader.ring) follow(step, delivery);
    history_.add({step.to, history_.back().newest, delivered});
    return;
  }
  const bool passing = step.passing_rate > 0;
  if (passing) density_ = step.passing_rate;
  if (passing && newest < step.from) history_.add({step.from, step.from, step.delivered_before});
  const FlowHistory::Point end{step.to, passing ? step.to : newest, delivered};
  step.goes_on ? history_.prolong(end) : history_.add(end);
  step_begin_ = history_.last() - 1;
}

// The newest stamp goes along with one delivery, from where it passes what was newest before.
void FlowOrder::follow(const FlowStep& step, const Delivery& delivery) {
  const auto newest = history_.back().newest;
  if (delivery.stamp_to <= newest) return;
  auto from = delivery.read_from;
  const auto delivered = [&](double time) {
    return step.delivered_before + step.rate * (time - step.from);
  };
  const auto span = delivery.stamp_to - delivery.stamp_from;
  if (delivery.stamp_from < newest)
    from += (delivery.read_to - from) * (newest - delivery.stamp_from) / span;
  history_.add({from, newest, delivered(from)});
  if (delivery.stamp_from > newest) history_.add({from, delivery.stamp_from, delivered(from)});
  history_.add({delivery.read_to, delivery.stamp_to, delivered(delivery.read_to)});
  if (span > 0) density_ = delivery.records / span;
}

double FlowOrder::newest_at(double time) {
  history_.seek_time(now_, time);
  return history_.newest_at_time(now_, time);
}

// The same, but for a jump at that very time.
double FlowOrder::newest_until(double time) {
  while (now_ + 1 < history_.last() && history_.at(now_ + 1).time < time) ++now_;
  return history_.newest_at_time(now_, time);
}

// Mean of 1 - e^(-density lag) over lags that run evenly from one to the other.
double FlowOrder::lagging_fraction(double lag_from, double lag_to) const {
  const auto a = density_ * std::min(lag_from, lag_to), b = density_ * std::max(lag_from, lag_to);
  if (b <= 0) return 0;
  if (a > 40) return 1;
  if (b - a < 1e-6) return -std::expm1(-a);
  return 1 - (std::exp(-a) - std::exp(-b)) / (b - a);
}

// Records with the extents that their stamps give, piece by piece of the history in which those
// were first passed.
void FlowOrder::account_lag(const FlowStep& step, const Delivery& delivery, double records) {
  reordered_ += records;
  auto& cursor = cursors_[delivery.ring];
  const auto span = delivery.stamp_to - delivery.stamp_from;
  const auto extent = [&](double stamp, double part) {
    const auto time = delivery.read_from + part * (delivery.read_to - delivery.read_from);
    const auto delivered = step.delivered_before + step.rate * (time - step.from);
    return std::max(0.0, delivered - history_.delivered_at_stamp(cursor, stamp));
  };
  auto part = 0.0, before = extent(delivery.stamp_from, 0);
  while (cursor < history_.last() && history_.at(cursor + 1).newest < delivery.stamp_to) {
    const auto stamp = history_.at(cursor + 1).newest;
    const auto next = (stamp - delivery.stamp_from) / span;
    const auto here = extent(stamp, next);
    extents_.add(records * (next - part), before, here);
    part = next;
    history_.seek_stamp(++cursor, stamp);
    before = extent(stamp, next);
  }
  extents_.add(records * (1 - part), before, extent(delivery.stamp_to, 1));
}

void FlowOrder::account_turns(double records, unsigned rings, double turn) {
  const auto reordered = records * turn_ratio(rings, turn);
  reordered_ += reordered;
  extents_.add(reordered, 0, turn * rings);
}

// The sum in it is long and asked for at each step: kept for turns that are within 2 % of another.
double FlowOrder::turn_ratio(unsigned rings, double turn) {
  constexpr double kPerOctave = 16;
  const auto octave = std::round(std::log2(turn) * kPerOctave);
  const auto key =
      (std::uint64_t{rings} << 32) | static_cast<std::uint32_t>(static_cast<std::int32_t>(octave));
  const auto [at, added] = ratios_.try_emplace(key);
  if (added) at->second = order_of_turns(rings, std::exp2(octave / kPerOctave)).reordered_ratio;
  return at->second;
}

void FlowOrder::forget(std::span<const unsigned> rings, std::uint64_t also) {
  auto oldest = std::min(also, step_begin_);
  for (const auto ring : rings) oldest = std::min(oldest, cursors_[ring]);
  history_.forget_before(oldest);
}

}  // namespace ringbench::planner
