// The kernel's perf buffer: bpf_perf_event_output into the event of the producer's CPU
// (kernel/trace/bpf_trace.c, kernel/events/ring_buffer.c).
//
// Our own reader and libbpf's use the same pages: struct perf_event_mmap_page, then the data, once,
// so a record that wraps is put together in a copy.
#pragma once

#include <fmt/format.h>
#include <linux/perf_event.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "impls/double_mapping.hpp"
#include "impls/kernel/libbpf.hpp"
#include "impls/kernel/options.hpp"
#include "impls/kernel/process_memory.hpp"
#include "impls/kernel/producers.hpp"
#include "impls/transport.hpp"

namespace ringbench::kernel_perfbuf {

inline constexpr std::array<std::string_view, 4> kNotifyNames{"watermark", "always", "never",
                                                              "sampled"};
inline constexpr OptionSpec kNotify{
    .key = "notify",
    .summary =
        "when a record wakes the consumer; watermark: once so many bytes were written; the kernel "
        "also wakes once in half a buffer, or with never, in a whole one",
    .fallback = "watermark",
    .allowed = kNotifyNames};
inline constexpr OptionSpec kWatermark{
    .key = "watermark_bytes",
    .summary = "with notify = watermark: bytes between wake-ups; 0: half the buffer",
    .fallback = "0",
    .min = 0,
    .max = UINT32_MAX,
    .when = {{{"notify", {"watermark"}}}}};

// One CPU's buffer, as its consumer sees it.
class Buffer {
 public:
  Buffer(std::unique_ptr<kernel::LibbpfPerfBuffer> opened, std::uint32_t record_size,
         bool by_library)
      : opened_(std::move(opened)),
        by_library_(by_library),
        record_size_(record_size),
        wait_fd_(by_library ? opened_->epoll_fd() : opened_->take_event_fd()),
        page_(reinterpret_cast<perf_event_mmap_page*>(opened_->pages().data())),
        data_(opened_->pages().subspan(page_size())),
        copy_(UINT16_MAX) {}

  template <Sink S>
  std::size_t consume(S& sink, std::size_t budget) {
    std::size_t delivered = 0;
    if (by_library_) {
      opened_->consume(
          [&](std::span<const std::byte> record) { delivered += deliver(record.data(), sink); });
      return delivered;
    }
    const std::size_t limit = budget == 0 ? SIZE_MAX : budget;
    auto tail = page_->data_tail;  // ours
    // Pairs with the barrier before the store of data_head in perf_output_put_handle: records up to
    // here are whole.
    const auto head = __atomic_load_n(&page_->data_head, __ATOMIC_ACQUIRE);
    while (tail != head && delivered < limit) {
      const auto* const record = whole(tail);
      tail += header_of(record).size;
      delivered += deliver(record, sink);
    }
    // Pairs with the control dependency in __perf_output_begin: hands the memory back.
    __atomic_store_n(&page_->data_tail, tail, __ATOMIC_RELEASE);
    return delivered;
  }

  std::size_t occupancy() const {
    return __atomic_load_n(&page_->data_head, __ATOMIC_ACQUIRE) -
           __atomic_load_n(&page_->data_tail, __ATOMIC_ACQUIRE);
  }
  int wait_fd() const { return wait_fd_; }
  std::int64_t lost() const { return opened_->lost(); }
  std::size_t footprint() const { return opened_->pages().size(); }
  std::string describe() const {
    return fmt::format("data_head {}, data_tail {}", page_->data_head, page_->data_tail);
  }

 private:
  static perf_event_header header_of(const std::byte* record) {
    perf_event_header header{};
    std::memcpy(&header, record, sizeof header);
    return header;
  }

  // The record at a position, in one piece. A header never wraps: all sizes are multiples of 8.
  const std::byte* whole(std::uint64_t pos) {
    const auto at = pos & (data_.size() - 1);
    const std::size_t size = header_of(data_.data() + at).size;
    const auto first = std::min<std::size_t>(size, data_.size() - at);
    if (first == size) return data_.data() + at;
    std::memcpy(copy_.data(), data_.data() + at, first);
    std::memcpy(copy_.data() + first, data_.data(), size - first);
    return copy_.data();
  }

  // Returns how many samples that was. A sample is the header, a 32-bit size and the payload; the
  // kernel pads the payload so that the record is a multiple of 8 bytes, and counts the padding.
  template <Sink S>
  std::size_t deliver(const std::byte* record, S& sink) const {
    const auto header = header_of(record);
    if (header.type == PERF_RECORD_LOST) {
      std::uint64_t count = 0;  // after the header and the event's id
      std::memcpy(&count, record + sizeof header + sizeof(std::uint64_t), sizeof count);
      sink.lost(count);
      return 0;
    }
    if (header.type != PERF_RECORD_SAMPLE) return 0;
    std::uint32_t raw_size = 0;
    std::memcpy(&raw_size, record + sizeof header, sizeof raw_size);
    const std::uint32_t padded = (record_size_ + 4 + 7) / 8 * 8 - 4;
    sink.record(
        {record + sizeof header + sizeof raw_size, raw_size == padded ? record_size_ : raw_size});
    return 1;
  }

  std::unique_ptr<kernel::LibbpfPerfBuffer> opened_;
  bool by_library_;
  std::uint32_t record_size_;
  int wait_fd_;
  perf_event_mmap_page* page_;
  std::span<std::byte> data_;
  std::vector<std::byte> copy_;
};

template <class P>
class KernelPerfbuf {
 public:
  using Producer = P;

  KernelPerfbuf(const Geometry& geometry, const Options& options)
      : loaded_(kernel::load_kernel_perfbuf(geometry, options)),
        rings_below_(option(options, kNotify) == "always" ? 1 : SIZE_MAX) {
    const bool by_library = option(options, kernel::kReader) == "libbpf";
    for (unsigned r = 0; r < geometry.rings; ++r) {
      kernel::PerfBufferPlan plan{.map_fd = loaded_.map_fds[r],
                                  .key = r,
                                  .cpu = geometry.cpus[r],
                                  .pages = geometry.ring_bytes / page_size()};
      choose_wakeup(options, plan);
      buffers_.emplace_back(kernel::make_perf_buffer(plan), geometry.events.size, by_library);
    }
  }

  Producer producer(unsigned index) { return {loaded_.program, index}; }
  template <Sink S>
  std::size_t consume(unsigned ring, S& sink, std::size_t budget) {
    return buffers_[ring].consume(sink, budget);
  }
  std::size_t occupancy(unsigned ring) const { return buffers_[ring].occupancy(); }
  int wait_fd(unsigned ring) const { return buffers_[ring].wait_fd(); }
  // Below its watermark or count the buffer wakes nobody: a consumer sleeps over data that is
  // there, and bounds its sleep.
  bool ready_to_wait(unsigned ring) { return occupancy(ring) < rings_below_; }
  std::uint64_t overwritten() const { return 0; }
  std::size_t footprint() const {
    std::size_t sum = 0;
    for (const auto& buffer : buffers_) sum += buffer.footprint();
    return sum;
  }
  MappedMemory mapped() const { return kernel::mapped_as("anon_inode:[perf_event]"); }
  // A perf buffer's pages are mapped by frame number: move_pages(2) does not find them.
  std::span<std::byte> pages(unsigned /*ring*/) const { return {}; }
  std::string describe() const {
    std::string text;
    for (std::size_t r = 0; r < buffers_.size(); ++r) {
      text += fmt::format("buffer {}: {}; ", r, buffers_[r].describe());
    }
    return text;
  }
  // The records that an event lost, by the kernel's count, against what the program was refused.
  std::string audit() const {
    for (std::size_t p = 0; p < buffers_.size(); ++p) {
      const auto lost = buffers_[p].lost();
      const auto refused = loaded_.program.states[p].drop_no_space;
      if (lost >= 0 && static_cast<std::uint64_t>(lost) != refused) {
        return fmt::format(
            "producer {}: bpf_perf_event_output said ENOSPC {} times, but its event lost {} "
            "records",
            p, refused, lost);
      }
    }
    return kernel::audit(loaded_.program);
  }

 private:
  static void choose_wakeup(const Options& options, kernel::PerfBufferPlan& plan) {
    const auto& word = option(options, kNotify);
    if (word == "always") plan.wakeup_events = 1;
    if (word == "never") plan.wakeup_bytes = UINT32_MAX;  // the kernel takes the whole buffer's
    if (word == "sampled") {
      plan.wakeup_events = static_cast<std::uint32_t>(number(options, kNotifyEvery));
    }
    if (word == "watermark") {
      plan.wakeup_bytes = static_cast<std::uint32_t>(number(options, kWatermark));
    }
  }

  kernel::Loaded loaded_;
  std::size_t rings_below_;  // bytes: with so many unread, a sleeper may not be woken
  std::vector<Buffer> buffers_;
};

inline constexpr std::array kOptions{kernel::kDriver, kernel::kBatch, kernel::kSource, kNotify,
                                     kNotifyEvery,    kWatermark,     kernel::kReader};

inline constexpr Row row =
    kernel::make_row("kernel_perfbuf", "the kernel's perf buffer, one for each producer's CPU",
                     Layout::per_producer, kOptions);

template <class Visitor>
decltype(auto) with_variant(const Options& options, Visitor&& visitor) {
  return kernel::with_producer<KernelPerfbuf>(options, visitor);
}

}  // namespace ringbench::kernel_perfbuf
