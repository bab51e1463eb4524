// Whose turn it is in a simulation: the actor with the earliest time.
#pragma once

#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

namespace ringbench::planner {

// A binary heap with room for every actor, so that nothing is allocated later. An actor is in it
// once at most. Two with the same time come in an order that is the same in each run.
class ActorQueue {
 public:
  explicit ActorQueue(std::size_t actors) : heap_(actors + 3, kEnd) {}

  std::uint32_t first() const { return heap_[0].actor; }
  double first_time() const { return heap_[0].time; }  // infinite where nobody is in it
  // Of whoever comes after the first. The first may go on until then without being sorted in again,
  // as others can only be pushed with times later than its own.
  double next_time() const { return heap_[1].time < heap_[2].time ? heap_[1].time : heap_[2].time; }

  void push(double time, std::uint32_t actor) {
    std::size_t at = size_++;
    while (at > 0 && time < heap_[(at - 1) / 2].time) {
      heap_[at] = heap_[(at - 1) / 2];
      at = (at - 1) / 2;
    }
    heap_[at] = {time, actor};
  }
  void replace_first(double time) { sift_down({time, heap_[0].actor}); }
  void pop_first() {
    const Entry last = heap_[--size_];
    heap_[size_] = kEnd;
    if (size_ > 0) sift_down(last);
  }

 private:
  struct Entry {
    double time;
    std::uint32_t actor;
  };
  static constexpr Entry kEnd{std::numeric_limits<double>::infinity(), 0};

  // From the root; beyond the last entry lies kEnd, later than all.
  void sift_down(Entry entry) {
    std::size_t at = 0;
    while (true) {
      const std::size_t left = 2 * at + 1;
      if (left >= size_) break;
      const std::size_t child = left + (heap_[left + 1].time < heap_[left].time ? 1 : 0);
      if (entry.time <= heap_[child].time) break;
      heap_[at] = heap_[child];
      at = child;
    }
    heap_[at] = entry;
  }

  std::vector<Entry> heap_;
  std::size_t size_ = 0;
};

}  // namespace ringbench::planner
