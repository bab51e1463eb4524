// Gaps on a thread's own clock: what an interrupt, another task or the hypervisor took from it.
//
// A thread that spins reads its clock every few nanoseconds, so any long gap is a hiccup. One that
// works between two readings cannot see the gap itself, only that the work took far longer than it
// usually does. Where the work may wait for other threads (a lock, a line that many write) that
// says nothing about the machine: such a thread must not be watched while it works.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>

namespace ringbench {

class Hiccups {
 public:
  // `threshold_ticks`: a gap is a hiccup if it is longer than this and than kUnusual times what the
  // work in it usually takes.
  explicit Hiccups(std::uint64_t threshold_ticks) : threshold_(threshold_ticks) {}

  // The gap up to `now` is nobody's: asleep, yielded, or not watched.
  void restart(std::uint64_t now) { last_ = now; }
  // Nothing but reading the clock since the last call.
  void spun(std::uint64_t now) {
    const auto gap = now - last_;
    last_ = now;
    if (gap > threshold_) [[unlikely]]
      note(gap, 0);
  }
  // `work` > 0 events, or other like pieces of work, since the last call.
  void worked(std::uint64_t now, std::uint64_t work) {
    const auto gap = static_cast<double>(now - last_);
    last_ = now;
    const double each = gap / static_cast<double>(work);
    if (gap > static_cast<double>(threshold_) && usual_ != 0 && each > kUnusual * usual_)
        [[unlikely]]
      note(static_cast<std::uint64_t>(gap),
           static_cast<std::uint64_t>(usual_ * static_cast<double>(work)));
    usual_ = usual_ == 0 ? each : usual_ + (std::min(each, 2 * usual_) - usual_) / 8;
  }
  // Forgets what was counted, not what is usual; counts what lies before `end`.
  void open_window(std::uint64_t end) {
    count_ = total_ = longest_ = 0;
    window_end_ = end;
  }

  std::uint64_t count() const { return count_; }
  std::uint64_t total_ticks() const { return total_; }  // beyond what the work takes
  std::uint64_t longest_ticks() const { return longest_; }

 private:
  static constexpr double kUnusual = 4;

  // Called when last_ is the end of the gap.
  [[gnu::noinline]] void note(std::uint64_t gap, std::uint64_t explained) {
    const auto late = last_ - std::min(last_, window_end_);
    const auto lost = gap - std::min(gap, explained + late);
    if (lost == 0) return;
    ++count_;
    total_ += lost;
    longest_ = std::max(longest_, lost);
  }

  std::uint64_t threshold_;
  std::uint64_t last_ = 0;
  double usual_ = 0;  // ticks of a piece of work, recent ones weighing most
  std::uint64_t count_ = 0;
  std::uint64_t total_ = 0;
  std::uint64_t longest_ = 0;
  std::uint64_t window_end_ = std::numeric_limits<std::uint64_t>::max();
};

}  // namespace ringbench
