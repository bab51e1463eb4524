// What the producers of chains share: a queue from each to the next, and how many chains are under
// way.
#pragma once

#include <algorithm>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace ringbench {

// An event that its cause allows.
struct Baton {
  std::uint64_t chain = 0;
  std::uint64_t due = 0;  // ticks
  std::uint32_t step = 0;
};

// From one thread to one other.
class BatonQueue {
 public:
  // `room` is a power of two.
  explicit BatonQueue(std::size_t room) : slots_(room) {}

  // By the giver. False: it is full.
  bool push(const Baton& baton) {
    const auto tail = tail_.load(std::memory_order_relaxed);
    // Pairs with the release in pop(): the slot may be written again.
    if (tail - head_.load(std::memory_order_acquire) == slots_.size()) return false;
    slots_[tail & (slots_.size() - 1)] = baton;
    // Pairs with the acquire in front(): the baton is whole, and the event before it is committed.
    tail_.store(tail + 1, std::memory_order_release);
    return true;
  }
  // By the taker. nullptr: it is empty.
  const Baton* front() const {
    const auto head = head_.load(std::memory_order_relaxed);
    // Pairs with the release in push().
    if (tail_.load(std::memory_order_acquire) == head) return nullptr;
    return &slots_[head & (slots_.size() - 1)];
  }
  void pop() {
    // Pairs with the acquire in push(): the baton has been read.
    head_.store(head_.load(std::memory_order_relaxed) + 1, std::memory_order_release);
  }

 private:
  std::vector<Baton> slots_;
  alignas(64) std::atomic<std::uint64_t> head_{0};
  alignas(64) std::atomic<std::uint64_t> tail_{0};
};

class ChainRelay {
 public:
  // `chains`: that the trial may start in all.
  ChainRelay(std::size_t producers, std::size_t chains) {
    const auto room = std::bit_ceil(std::clamp<std::size_t>(chains, 1, kMostWaiting));
    for (std::size_t p = 0; p < producers; ++p) {
      queues_.push_back(std::make_unique<BatonQueue>(room));
      counts_.push_back(std::make_unique<Counts>());
    }
  }

  BatonQueue& to(std::size_t producer) { return *queues_[producer]; }
  BatonQueue& after(std::size_t producer) { return to((producer + 1) % queues_.size()); }

  // The next place in the order of all events, whoever makes them: an addition to a line that all
  // producers write, and part of what an event of a chain costs.
  std::uint64_t next_place() { return place_.fetch_add(1, std::memory_order_relaxed); }

  // Called by the producer itself, with its own counts.
  void note_ended(std::size_t producer, std::uint64_t ended) {
    counts_[producer]->ended.store(ended, std::memory_order_relaxed);
  }
  // It will start no more.
  void close(std::size_t producer, std::uint64_t started) {
    counts_[producer]->started = started;
    // Pairs with the acquire in is_over(): the number is final.
    counts_[producer]->closed.store(true, std::memory_order_release);
  }
  // Every chain that was started has ended, and nobody starts another.
  bool is_over() const {
    std::uint64_t under_way = 0;
    for (const auto& counts : counts_) {
      if (!counts->closed.load(std::memory_order_acquire)) return false;
      under_way += counts->started - counts->ended.load(std::memory_order_relaxed);
    }
    return under_way == 0;
  }

 private:
  // Batons in one queue: more wait only where producers cannot keep up by far.
  static constexpr std::size_t kMostWaiting = 1 << 16;
  struct alignas(64) Counts {
    std::atomic<std::uint64_t> ended{0};
    std::uint64_t started = 0;
    std::atomic<bool> closed{false};
  };

  std::vector<std::unique_ptr<BatonQueue>> queues_;  // by taker
  std::vector<std::unique_ptr<Counts>> counts_;
  alignas(64) std::atomic<std::uint64_t> place_{0};
};

}  // namespace ringbench
