// What has been delivered, and the newest stamp among it, over time: straight lines and jumps.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace ringbench::planner {

class FlowHistory {
 public:
  struct Point {
    double time, newest, delivered;  // all three never fall
  };

  // Points are numbered from the first there ever was.
  std::uint64_t begin() const { return dropped_; }
  std::uint64_t last() const { return dropped_ + points_.size() - 1; }
  const Point& at(std::uint64_t number) const {
    return points_[static_cast<std::size_t>(number - dropped_)];
  }
  const Point& back() const { return points_.back(); }

  void add(const Point& point) { points_.push_back(point); }
  // The line to the last point goes on to `point`.
  void prolong(const Point& point) { points_.back() = point; }
  // Nobody will ask for points before this one again. They go when they are half of all, so that a
  // point is moved once.
  void forget_before(std::uint64_t number) {
    if (2 * (number - dropped_) < points_.size()) return;
    points_.erase(points_.begin(),
                  points_.begin() + static_cast<std::ptrdiff_t>(number - dropped_));
    dropped_ = number;
  }

  // Moves `number` on to the last point whose newest stamp is below `stamp`.
  void seek_stamp(std::uint64_t& number, double stamp) const {
    while (number < last() && at(number + 1).newest < stamp) ++number;
  }
  // Moves `number` on to the last point before or at `time`, but not to the very last, which may
  // yet be prolonged.
  void seek_time(std::uint64_t& number, double time) const {
    while (number + 1 < last() && at(number + 1).time <= time) ++number;
  }
  // What had been delivered when `stamp` was first reached; `number` as seek_stamp leaves it.
  double delivered_at_stamp(std::uint64_t number, double stamp) const {
    const auto& a = at(number);
    if (number == last() || stamp <= a.newest) return a.delivered;
    const auto& b = at(number + 1);
    return a.delivered + (b.delivered - a.delivered) * (stamp - a.newest) / (b.newest - a.newest);
  }
  // The newest stamp at `time`; `number` as seek_time leaves it.
  double newest_at_time(std::uint64_t number, double time) const {
    const auto& a = at(number);
    if (number == last() || time <= a.time) return a.newest;
    const auto& b = at(number + 1);
    return a.newest + (b.newest - a.newest) * (time - a.time) / (b.time - a.time);
  }

 private:
  // Before the start, at 0, nothing has been delivered for ever.
  std::vector<Point> points_{{-1e300, 0, 0}, {0, 0, 0}};
  std::uint64_t dropped_ = 0;
};

}  // namespace ringbench::planner
