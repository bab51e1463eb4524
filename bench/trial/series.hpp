// How two counts of a thread went during a trial: some fifty points over its phases.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

namespace ringbench {

class Series {
 public:
  struct Point {
    std::uint64_t at;  // ticks
    std::uint64_t first;
    std::uint64_t second;
  };

  // Allocates, so before the trial; records nothing until begin().
  Series() { points_.reserve(kMostPoints); }

  // A point is due every `every` ticks from `start`.
  void begin(std::uint64_t start, std::uint64_t every) {
    next_ = start;
    every_ = every;
  }
  bool is_due(std::uint64_t now) const { return now >= next_; }
  void note(std::uint64_t now, std::uint64_t first, std::uint64_t second) {
    if (points_.size() == kMostPoints) {
      next_ = std::numeric_limits<std::uint64_t>::max();
      return;
    }
    points_.push_back({now, first, second});
    next_ = now + every_;
  }
  const std::vector<Point>& points() const { return points_; }

 private:
  static constexpr std::size_t kMostPoints =
      96;  // 48 up to the window's end, as many for the drain
  std::vector<Point> points_;
  std::uint64_t next_ = std::numeric_limits<std::uint64_t>::max();
  std::uint64_t every_ = 0;
};

// Points up to the end of the window.
inline constexpr std::uint64_t kPointsOfSeries = 48;

}  // namespace ringbench
