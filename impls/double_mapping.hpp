// Shared memory whose data pages are mapped twice in a row, so that a record that wraps around the
// end is contiguous: what bpf_ringbuf_area_alloc (kernel/bpf/ringbuf.c) does in the kernel.
#pragma once

#include <cstddef>
#include <span>

namespace ringbench {

// [control pages][data][the same data again]. Pages are zero and untouched.
class DoubleMapping {
 public:
  // Both sizes in bytes, multiples of the page size. Throws std::system_error.
  DoubleMapping(std::size_t control_bytes, std::size_t data_bytes);
  ~DoubleMapping();
  DoubleMapping(const DoubleMapping&) = delete;
  DoubleMapping& operator=(const DoubleMapping&) = delete;

  std::byte* control() const { return base_; }
  std::byte* data() const { return base_ + control_bytes_; }
  std::span<std::byte> pages() const { return {base_, control_bytes_ + data_bytes_}; }

  // Brings every page in, where it is bound or near the caller, so that nobody faults later. In one
  // call, because a fault for each page takes ten times as long.
  void touch() const;

 private:
  std::size_t control_bytes_;
  std::size_t data_bytes_;
  std::byte* base_;
};

std::size_t page_size();

}  // namespace ringbench
