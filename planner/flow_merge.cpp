#include "planner/flow_merge.hpp"

#include <algorithm>
#include <limits>

namespace ringbench::planner {
namespace {

double between(double a, double b, double part) {
  return a + (b - a) * part;
}

double mean_read(const Delivery& delivery) {
  return (delivery.read_from + delivery.read_to) / 2;
}

// Cuts off what is stamped up to `stamp`.
Delivery cut(Delivery& delivery, double stamp) {
  const auto span = delivery.stamp_to - delivery.stamp_from;
  const auto part = span > 0 ? (stamp - delivery.stamp_from) / span : 1;
  auto first = delivery;
  if (part >= 1) {
    delivery.records = 0;
    return first;
  }
  first.read_to = delivery.read_from = between(delivery.read_from, delivery.read_to, part);
  first.stamp_to = delivery.stamp_from = stamp;
  first.records *= part;
  delivery.records -= first.records;
  return first;
}

}  // namespace

double FlowMerge::next(double now, bool goes_on, const FlowHistory& history) {
  seek(now, history);
  if (now < wait_) return wait_;  // nothing may go before
  // A line that goes on has no end yet.
  const auto last = history.last() - (goes_on && history.last() > 0 ? 1 : 0);
  if (cursor_ >= last) return std::numeric_limits<double>::infinity();
  const auto due = history.at(cursor_ + 1).time + wait_;
  return due > now ? due : std::numeric_limits<double>::infinity();
}

// A little later than asked, so that a point that is due by rounding is passed.
void FlowMerge::seek(double now, const FlowHistory& history) {
  history.seek_time(cursor_, (now - wait_) * (1 + 1e-15) + 1e-15);
}

double FlowMerge::newest_then(double now, const FlowHistory& history) {
  seek(now, history);
  return history.newest_at_time(cursor_, now - wait_);
}

void FlowMerge::account(const FlowStep& step, std::span<const Delivery> deliveries, bool awake,
                        const FlowHistory& history) {
  const auto before = gone_;
  auto begin = history.last();
  while (begin > history.begin() && history.at(begin).time > step.from) --begin;
  const auto at_begin = std::max(
      {before, newest_then(step.from, history), history.newest_at_time(begin, step.from) - wait_});
  const auto at_end =
      std::max({at_begin, newest_then(step.to, history), history.back().newest - wait_});
  step_end_ = step.to;
  area_ = held_ * step.seconds();
  if (awake) release(before, at_begin, step.from, step.from);
  const auto passing = step.passing_rate * step.seconds();
  for (const auto& delivery : deliveries) take(delivery);
  if (passing > 0)
    take({static_cast<unsigned>(held_of_.size() - 1), step.from, step.to, step.from, step.to,
          passing});
  if (awake) {
    release(at_begin, at_end, step.from, step.to);
    gone_ = at_end;
  }
  held_seconds_ += area_;
  peak_ = std::max({peak_, held_, area_ / step.seconds()});
}

void FlowMerge::take(const Delivery& delivery) {
  if (delivery.records <= 0) return;
  held_of_[delivery.ring].push_back(delivery);
  held_ += delivery.records;
  area_ += delivery.records * (step_end_ - mean_read(delivery));
}

// What is stamped up to `stamp_to` goes: between two times what is stamped between the two stamps,
// what is older at the first of them.
void FlowMerge::release(double stamp_from, double stamp_to, double from, double to) {
  for (auto& held : held_of_) {
    while (!held.empty() && held.front().stamp_from <= stamp_to) {
      auto& oldest = held.front();
      if (oldest.stamp_from < stamp_from) let_go(cut(oldest, stamp_from), from, from);
      if (oldest.records > 0 && oldest.stamp_from <= stamp_to) {
        const auto span = stamp_to - stamp_from;
        const auto time = [&](double stamp) {
          return span > 0 ? between(from, to, (stamp - stamp_from) / span) : to;
        };
        const auto part = cut(oldest, stamp_to);
        let_go(part, time(part.stamp_from), time(part.stamp_to));
      }
      if (oldest.records > 0) break;
      held.pop_front();
    }
  }
}

// At times that run evenly from one to the other; who was read only after it is late and does not
// wait.
void FlowMerge::let_go(const Delivery& part, double from, double to) {
  const auto low = std::min(from - part.read_from, to - part.read_to);
  const auto high = std::max(from - part.read_from, to - part.read_to);
  const auto waiting = low >= 0 ? 1 : high > 0 ? high / (high - low) : 0;
  const auto wait = low >= 0 ? (low + high) / 2 : waiting * high / 2;
  held_ -= part.records;
  area_ -= part.records * (step_end_ - mean_read(part) - wait);
  if (low < -1e-12) late_ += part.records * (1 - waiting);
}

}  // namespace ringbench::planner
