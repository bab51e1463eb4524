// Our own reader of a BPF ring buffer, over its pages (kernel/bpf/ringbuf.c,
// ringbuf_map_mmap_user): the consumer's position, which is ours to write; then, not writable, the
// producers' positions and the data, twice in a row, so that a record never wraps.
#pragma once

#include <fmt/format.h>
#include <linux/bpf.h>
#include <sys/mman.h>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "impls/double_mapping.hpp"
#include "impls/kernel/program.hpp"
#include "impls/transport.hpp"

namespace ringbench::kernel {

class MappedRing {
 public:
  // `reads`: also the data; without, only the positions are mapped.
  MappedRing(int map_fd, std::size_t bytes, bool reads)
      : consumer_page_(map_fd, page_size(), PROT_READ | PROT_WRITE, 0,
                       "the consumer's position of a BPF ring buffer"),
        producer_pages_(map_fd, page_size() + (reads ? 2 * bytes : 0), PROT_READ, page_size(),
                        "the data of a BPF ring buffer"),
        mask_(bytes - 1) {}

  // Stops at a record that is still being written, and after `budget` records.
  template <Sink S>
  std::size_t consume(S& sink, std::size_t budget) {
    const std::size_t limit = budget == 0 ? SIZE_MAX : budget;
    std::size_t delivered = 0;
    auto pos = std::max(load(consumer_pos()), load(overwrite_pos()));
    // Pairs with the release of producer_pos in __bpf_ringbuf_reserve: the headers up to there say
    // busy at least.
    for (auto end = load(producer_pos()); delivered < limit; end = load(producer_pos())) {
      if (pos >= end) break;
      for (; pos < end && delivered < limit;) {
        const auto* const header = reinterpret_cast<const std::uint32_t*>(data() + (pos & mask_));
        // Pairs with the exchange in bpf_ringbuf_commit: the payload is whole.
        const auto len = __atomic_load_n(header, __ATOMIC_ACQUIRE);
        if ((len & BPF_RINGBUF_BUSY_BIT) != 0) return delivered;
        const std::uint32_t size = len & ~BPF_RINGBUF_DISCARD_BIT;
        if ((len & BPF_RINGBUF_DISCARD_BIT) == 0) {
          sink.record(std::span{data() + (pos & mask_) + BPF_RINGBUF_HDR_SZ, size});
          ++delivered;
        }
        pos += (std::uint64_t{size} + BPF_RINGBUF_HDR_SZ + 7) / 8 * 8;
        // Pairs with the acquire of consumer_pos in __bpf_ringbuf_reserve: hands the memory back.
        __atomic_store_n(consumer_pos(), pos, __ATOMIC_RELEASE);
      }
    }
    return delivered;
  }

  std::size_t occupancy() const {
    return load(producer_pos()) - std::max(load(consumer_pos()), load(overwrite_pos()));
  }

  // The commit that ends an empty ring compares its position with the consumer's, after a full
  // barrier (the exchange). The fence keeps our store of that position before our look at the ring,
  // so one of the two sees the other.
  bool ready_to_wait() const {
    std::atomic_thread_fence(std::memory_order_seq_cst);
    const auto pos = load(consumer_pos());
    if (pos >= load(producer_pos())) return true;
    if (producer_pages_.pages().size() <= page_size()) return false;
    const auto* const header = reinterpret_cast<const std::uint32_t*>(data() + (pos & mask_));
    return (__atomic_load_n(header, __ATOMIC_ACQUIRE) & BPF_RINGBUF_BUSY_BIT) != 0;
  }

  // The producers' positions and the data, as they are mapped.
  std::span<std::byte> pages() const { return producer_pages_.pages(); }

  std::string describe() const {
    return fmt::format("consumer_pos {}, producer_pos {}", load(consumer_pos()),
                       load(producer_pos()));
  }

 private:
  static std::uint64_t load(const std::uint64_t* position) {
    return __atomic_load_n(position, __ATOMIC_ACQUIRE);
  }
  std::uint64_t* consumer_pos() const {
    return reinterpret_cast<std::uint64_t*>(consumer_page_.data());
  }
  const std::uint64_t* producer_pos() const {
    return reinterpret_cast<const std::uint64_t*>(producer_pages_.data());
  }
  // The third word (struct bpf_ringbuf); 0 in a ring that does not overwrite, and before
  // Linux 6.19.
  const std::uint64_t* overwrite_pos() const { return producer_pos() + 2; }
  const std::byte* data() const { return producer_pages_.data() + page_size(); }

  Mapping consumer_page_;
  Mapping producer_pages_;
  std::uint64_t mask_;
};

}  // namespace ringbench::kernel
