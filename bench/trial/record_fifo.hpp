// Copies of records, first in, first out. Its memory grows until it holds what there is to hold,
// and is then used again.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <vector>

namespace ringbench {

class RecordFifo {
 public:
  struct Label {
    std::uint64_t key = 0;
    std::uint64_t taken = 0;  // when it came in, in ticks
  };

  // Of bytes that are there, and touched, before they are needed.
  void reserve(std::size_t bytes) { bytes_.resize(std::max(bytes_.size(), bytes)); }

  bool empty() const { return begin_ == end_; }

  void push(const Label& label, std::span<const std::byte> payload) {
    const std::size_t need = bytes_of(payload.size());
    if (bytes_.size() - end_ < need) make_room(need);
    const Entry entry{label, payload.size()};
    std::memcpy(bytes_.data() + end_, &entry, sizeof entry);
    if (!payload.empty()) {
      std::memcpy(bytes_.data() + end_ + sizeof entry, payload.data(), payload.size());
    }
    end_ += need;
  }

  // Of one that is not empty. The payload stays until the next push.
  Label front() const { return first().label; }
  std::span<const std::byte> payload() const {
    return {bytes_.data() + begin_ + sizeof(Entry), first().size};
  }
  void pop() {
    begin_ += bytes_of(first().size);
    if (empty()) begin_ = end_ = 0;
  }

  std::size_t capacity() const { return bytes_.size(); }  // bytes

 private:
  struct Entry {
    Label label;
    std::size_t size;
  };

  static constexpr std::size_t bytes_of(std::size_t payload) {
    return sizeof(Entry) + (payload + 7) / 8 * 8;
  }

  Entry first() const {
    Entry entry;
    std::memcpy(&entry, bytes_.data() + begin_, sizeof entry);
    return entry;
  }

  // Moves what there is to the front, but only where that frees half, so that a byte is moved once
  // in the mean at most; otherwise grows.
  void make_room(std::size_t need) {
    const std::size_t live = end_ - begin_;
    if (live + need > bytes_.size() / 2) bytes_.resize(std::max(2 * bytes_.size(), 2 * need));
    std::memmove(bytes_.data(), bytes_.data() + begin_, live);
    begin_ = 0;
    end_ = live;
  }

  std::vector<std::byte> bytes_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

}  // namespace ringbench
