// When the records came that a ring holds: pieces of constant rate, the oldest in front.
#pragma once

#include <cstddef>
#include <limits>
#include <vector>

namespace ringbench::planner {

// Part of a ring's flow that was read at a constant rate and had come at a constant rate: times of
// reading, stamps, how many records.
struct Delivery {
  unsigned ring;
  double read_from, read_to;
  double stamp_from, stamp_to;
  double records;
};

class StampCurve {
 public:
  // Nothing is held; records come at `rate` from `now` on.
  void start(double now, double rate) {
    pieces_.assign(1, {now, rate});
    gaps_.clear();
    head_ = next_gap_ = 0;
    stamp_ = now;
    taken_ = 0;
  }
  // From `now` on, when `held` records are held, records come at `rate`.
  void bend(double now, double rate, double held) {
    if (pieces_.back().rate == rate) return;
    if (pieces_.back().rate == 0 && rate > 0 && held > 0) gaps_.push_back({taken_ + held, now});
    if (pieces_.back().begin == now) {
      pieces_.back().rate = rate;
    } else {
      pieces_.push_back({now, rate});
    }
  }
  // Records up to the next stretch of time in which none came.
  double before_gap() const {
    return next_gap_ < gaps_.size() ? gaps_[next_gap_].records - taken_
                                    : std::numeric_limits<double>::infinity();
  }
  void pass_gap() {
    const auto end = gaps_[next_gap_++].end;
    if (stamp_ >= end) return;
    while (pieces_[head_].begin < end) ++head_;
    stamp_ = end;
  }

  // Reads at `rate` between two times, and appends what that was.
  void take(unsigned ring, double rate, double from, double to, std::vector<Delivery>& out) {
    const auto wanted = rate * (to - from);
    double done = 0;
    for (;;) {
      const bool last = head_ + 1 == pieces_.size();
      const auto& piece = pieces_[head_];
      const auto end = last ? to : pieces_[head_ + 1].begin;
      const auto there = piece.rate * (end - stamp_);
      const auto rest = wanted - done;
      if (last || there >= rest) {
        const auto stamp = piece.rate > 0 ? stamp_ + rest / piece.rate : stamp_;
        append(out, {ring, from + done / rate, to, stamp_, stamp < end ? stamp : end, rest});
        break;
      }
      if (there > 0) {
        const auto begin = from + done / rate;
        done += there;
        append(out, {ring, begin, from + done / rate, stamp_, end, there});
      }
      stamp_ = end;
      ++head_;
    }
    taken_ += wanted;
    forget();
  }

 private:
  struct Piece {
    double begin, rate;
  };
  struct Gap {
    double records;  // that came since the start and before it
    double end;      // time
  };

  void append(std::vector<Delivery>& out, const Delivery& delivery) {
    stamp_ = delivery.stamp_to;
    out.push_back(delivery);
  }

  // Pieces that have been read, once they are many.
  void forget() {
    if (head_ < 64 || head_ * 2 < pieces_.size()) return;
    pieces_.erase(pieces_.begin(), pieces_.begin() + static_cast<std::ptrdiff_t>(head_));
    gaps_.erase(gaps_.begin(), gaps_.begin() + static_cast<std::ptrdiff_t>(next_gap_));
    head_ = next_gap_ = 0;
  }

  std::vector<Piece> pieces_{{0, 0}};
  std::size_t head_ = 0;  // the piece of the oldest record
  double stamp_ = 0;      // of the oldest record
  double taken_ = 0;      // records, since the start
  std::vector<Gap> gaps_;
  std::size_t next_gap_ = 0;
};

}  // namespace ringbench::planner
