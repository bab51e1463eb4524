// When each record was made and when it was delivered: memory for a whole trial, there before it
// starts, because a page fault in the measured window would be a disturbance of our own.
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

class DeliveryLog {
 public:
  // In huge pages where the kernel has them to give (madvise(2), MADV_HUGEPAGE): they are there
  // several times sooner. Touched by the calling thread, so it decides on the node. Throws
  // std::system_error when there is no memory.
  explicit DeliveryLog(std::size_t capacity);
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
