// When each record was made and when it was delivered: memory for a whole trial. What is likely to
// be used is there before it starts, because a page fault in the measured window is a disturbance
// of our own; the rest, for a consumer faster than any seen, comes when it is needed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace ringbench {

// In ticks.
struct Delivery {
  std::uint64_t stamp;
  std::uint64_t delivered;
};

// In deliveries: the most there can be, and those that are likely.
struct LogRoom {
  LogRoom(std::size_t all) : most(all), likely(all) {}  // NOLINT(google-explicit-constructor)
  LogRoom(std::size_t most_of_all, std::size_t likely_of_all)
      : most(most_of_all), likely(likely_of_all) {}
  std::size_t most;
  std::size_t likely;
};

class DeliveryLog {
 public:
  // In huge pages where the kernel has them to give (madvise(2), MADV_HUGEPAGE): they are there
  // several times sooner. The likely ones are touched by the calling thread, so it decides on their
  // node. Throws std::system_error when there is no memory.
  explicit DeliveryLog(const LogRoom& room);
  ~DeliveryLog();
  DeliveryLog(const DeliveryLog&) = delete;
  DeliveryLog& operator=(const DeliveryLog&) = delete;

  void add(const Delivery& delivery) {
    if (size_ == capacity_) {
      ++omitted_;
    } else {
      entries_[size_++] = delivery;
    }
  }
  std::span<Delivery> entries() { return {entries_, size_}; }
  std::uint64_t omitted() const { return omitted_; }  // for want of room

 private:
  Delivery* entries_ = nullptr;
  std::size_t capacity_;
  std::size_t size_ = 0;
  std::uint64_t omitted_ = 0;
};

}  // namespace ringbench
