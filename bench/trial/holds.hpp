// When a producer keeps an event back between its reserve and its commit, as one does that loses
// its CPU there.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "bench/trial/producer_log.hpp"

namespace ringbench {

// A pause belongs to the first event that is due at or after each multiple of `every` from the
// start of the window. There is none that would not be over at the window's end.
class Holds {
 public:
  Holds(std::uint64_t length, std::uint64_t every) : length_(length), every_(every) {}

  void open_window(std::uint64_t begin, std::uint64_t end) {
    if (length_ == 0) return;
    begin_ = next_ = begin;
    end_ = end;
    pauses_.reserve((end - begin) / every_ + 1);
  }
  // Whether the event that is due then, and begins `now`, is to be kept back.
  bool takes(std::uint64_t due, std::uint64_t now) {
    if (length_ == 0 || end_ == 0 || due < next_ || now + length_ >= end_) return false;
    next_ = due + every_ - (due - begin_) % every_;
    return true;
  }
  std::uint64_t length() const { return length_; }
  void note(const Pause& pause) { pauses_.push_back(pause); }
  // Events due meanwhile are late by plan.
  bool explains(std::uint64_t due) const { return !pauses_.empty() && due <= pauses_.back().end; }
  std::vector<Pause> take() { return std::move(pauses_); }

 private:
  std::uint64_t length_;
  std::uint64_t every_;
  std::uint64_t begin_ = 0;
  std::uint64_t end_ = 0;  // 0: the window is not open
  std::uint64_t next_ = 0;
  std::vector<Pause> pauses_;
};

}  // namespace ringbench
