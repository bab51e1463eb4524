// One buffer for each producer (a producer stands for a CPU), with the semantics of the kernel's
// perf ring buffer (kernel/events/ring_buffer.c, include/uapi/linux/perf_event.h): nothing shared
// between producers, a refused record is counted, and a LOST record with the count stands in front
// of the next one that fits.
//
// A sample is perf_event_header, a 32-bit size and the payload, padded to 8 bytes: 24 bytes for a
// payload of 8. The head is plain and private; data_head is published with release when a record is
// whole; data_tail is the consumer's. Positions grow for ever and are masked on use:
//
//     data_tail <= data_head <= head <= data_tail + size - 1
//
// Overwrite mode is perf's backward writing: the head moves down from zero, no tail is looked at,
// and the consumer pauses the buffer, reads from the head upwards (newest first) and resumes it.
// Records refused while it is paused are drops by `lock_busy`, and stand in the next LOST record
// like any other.
//
// Deliberately unlike the kernel: the data pages are mapped twice, so that reserve can give
// contiguous memory; the size field holds the payload's own length, without the padding; a
// discarded record leaves nothing on the buffer, as its head was never published; and where several
// producers share a buffer (hybrid), they hold a lock from reserve to commit, in the place of the
// preemption that the kernel disables.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <new>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "impls/doorbell.hpp"
#include "impls/double_mapping.hpp"
#include "impls/locks.hpp"
#include "impls/notify.hpp"
#include "impls/ring_set.hpp"
#include "impls/transport.hpp"

namespace ringbench::perfbuf {

// struct perf_event_header.
struct Header {
  std::uint32_t type;
  std::uint16_t misc;
  std::uint16_t size;  // of the whole record
};
static_assert(sizeof(Header) == 8);

inline constexpr std::uint32_t kDiscarded = 0;  // of no meaning to perf, which has no discard
inline constexpr std::uint32_t kLost = 2;       // PERF_RECORD_LOST: header, id, count
inline constexpr std::uint32_t kSample =
    9;  // PERF_RECORD_SAMPLE: header, u32 size, payload, padding
inline constexpr std::size_t kLostBytes = sizeof(Header) + 2 * sizeof(std::uint64_t);
inline constexpr std::size_t kPayloadAt = sizeof(Header) + sizeof(std::uint32_t);

constexpr std::uint64_t record_bytes(std::uint32_t size) {
  return sizeof(Header) + (sizeof(std::uint32_t) + std::uint64_t{size} + 7) / 8 * 8;
}

inline constexpr OptionSpec kWatermark{
    .key = "watermark_bytes",
    .summary = "with notify = watermark: bytes between wake-ups; 0: half the buffer",
    .fallback = "0",
    .min = 0,
    .max = std::uint64_t{1} << 40,
    .when = {{{"notify", {"watermark", "native"}}, {"base", {"perfbuf"}}}}};

// The two positions that producer and consumer exchange, side by side as in struct
// perf_event_mmap_page.
struct UserPage {
  std::atomic<std::uint64_t> data_head{0};
  std::atomic<std::uint64_t> data_tail{0};
};

template <class Lock, bool Overwrite>
class Buffer {
 public:
  class Producer {
   public:
    explicit Producer(Buffer& buffer) : buffer_(&buffer), wakeup_(buffer.notify_) {}

    Reservation<Producer> reserve(std::uint32_t size) {
      const auto bytes = record_bytes(size);
      if (bytes > std::numeric_limits<std::uint16_t>::max() || bytes > buffer_->mask_) {
        return {*this, Drop::too_big};
      }
      std::byte* const payload = buffer_->reserve(size, static_cast<std::uint16_t>(bytes), node_);
      if (payload == nullptr) return {*this, Overwrite ? Drop::lock_busy : Drop::no_space};
      return {*this, payload, size};
    }
    void commit(std::byte* /*payload*/, std::uint32_t /*size*/) {
      tally.notifications += buffer_->publish(wakeup_.next(), node_) ? 1 : 0;
    }
    void discard(std::byte* /*payload*/, std::uint32_t size) {
      buffer_->retract(record_bytes(size), node_);
    }

    Tally tally;

   private:
    Buffer* buffer_;
    WakeupChoice wakeup_;
    [[no_unique_address]] typename Lock::Node node_{};
  };

  Buffer(const RingSettings& settings, const Options& options)
      : notify_(options),
        doorbell_(settings.listening),
        mapping_(page_size(), settings.bytes),
        data_(mapping_.data()),
        mask_(settings.bytes - 1),
        watermark_(number(options, kWatermark)) {
    if (watermark_ == 0) watermark_ = settings.bytes / 2;
    settings.bind(mapping_.pages());
    mapping_.touch();
    user_ = new (mapping_.control()) UserPage;
    if constexpr (Overwrite) snapshot_.reserve(settings.bytes / record_bytes(0));
  }

  // Stops at the head read on entry and frees the space of all records at the end, as libbpf's
  // perf_event_read_simple does.
  template <Sink S>
  std::size_t consume(S& sink, std::size_t budget) {
    const std::size_t limit = budget == 0 ? SIZE_MAX : budget;
    if constexpr (Overwrite) {
      return read_snapshot(sink, limit);
    } else {
      // Pairs with the release in publish(): records up to here are whole.
      const auto head = user_->data_head.load(std::memory_order_acquire);
      auto tail = user_->data_tail.load(std::memory_order_relaxed);
      std::size_t delivered = 0;
      while (tail != head && delivered < limit) {
        delivered += deliver(tail, sink);
        tail += header(tail)->size;
      }
      // Pairs with the acquire in reserve(): from here the producer may overwrite what was read.
      user_->data_tail.store(tail, std::memory_order_release);
      return delivered;
    }
  }

  std::size_t occupancy() const {
    const auto head = user_->data_head.load(std::memory_order_relaxed);
    const auto tail = user_->data_tail.load(std::memory_order_relaxed);
    if constexpr (Overwrite) return std::min(tail - head, mask_ + 1);
    return head - tail;
  }

  int wait_fd() const { return doorbell_.fd(); }

  // Below its watermark or count the buffer notifies nobody: a consumer sleeps over data that is
  // there, and bounds its sleep. Nothing to fence: a wake-up is decided by the producer's own count
  // alone.
  bool ready_to_wait() { return occupancy() == 0 || notify_.wakeup != Wakeup::force; }

  std::uint64_t overwritten() const {
    if constexpr (!Overwrite) return 0;
    return published_ - consumed_;
  }

  std::size_t footprint() const {
    return mapping_.pages().size() + snapshot_.capacity() * sizeof(std::uint64_t);
  }

  std::string describe() const {
    return fmt::format("lock {}, data_head {}, data_tail {}", lock_.locked() ? "held" : "free",
                       user_->data_head.load(std::memory_order_relaxed),
                       user_->data_tail.load(std::memory_order_relaxed));
  }

 private:
  Header* header(std::uint64_t pos) const {
    return reinterpret_cast<Header*>(data_ + (pos & mask_));
  }

  // __perf_output_begin. Returns nullptr when there is no space, or while the buffer is paused.
  // Holds the lock (if there is one) until publish() or retract().
  std::byte* reserve(std::uint32_t size, std::uint16_t bytes, typename Lock::Node& node) {
    lock_.lock(node);
    const std::uint64_t needed = bytes + (lost_ != 0 ? kLostBytes : 0);
    if (!may_write(needed)) {
      ++lost_;
      lock_.unlock(node);
      return nullptr;
    }
    if (lost_ != 0) write_lost();
    const auto pos = claim(bytes);
    *header(pos) = Header{kSample, 0, bytes};
    std::byte* const raw = data_ + (pos & mask_) + sizeof(Header);
    std::memcpy(raw, &size, sizeof size);
    return raw + sizeof size;
  }

  bool may_write(std::uint64_t bytes) {
    if constexpr (Overwrite) {
      // With the exchange in read_snapshot(): either the consumer sees this writer, or the writer
      // sees the pause. The acquire pairs with the release that ends the pause.
      writing_.exchange(true, std::memory_order_seq_cst);
      if (!paused_.load(std::memory_order_seq_cst)) return true;
      writing_.store(false, std::memory_order_release);
      return false;
    } else {
      // Pairs with the release in consume(): the licence to overwrite what was read.
      const auto tail = user_->data_tail.load(std::memory_order_acquire);
      return bytes <= mask_ - (head_ - tail);
    }
  }

  // Takes `bytes` at the head and returns where they begin.
  std::uint64_t claim(std::uint64_t bytes) {
    if constexpr (Overwrite) return head_ -= bytes;
    const auto pos = head_;
    head_ += bytes;
    return pos;
  }

  void write_lost() {
    const auto pos = claim(kLostBytes);
    *header(pos) = Header{kLost, 0, static_cast<std::uint16_t>(kLostBytes)};
    const std::array<std::uint64_t, 2> id_and_count{0, lost_};
    std::memcpy(data_ + (pos & mask_) + sizeof(Header), id_and_count.data(), sizeof id_and_count);
    lost_ = 0;
  }

  // perf_output_put_handle. Returns whether the consumer was notified.
  bool publish(Wakeup wakeup, typename Lock::Node& node) {
    if constexpr (Overwrite) ++published_;
    // Pairs with the acquire in consume() or read_snapshot(): the record is whole.
    user_->data_head.store(head_, std::memory_order_release);
    const bool notify = wakeup == Wakeup::force || (wakeup == Wakeup::rule && crossed_watermark());
    release(node);
    if (notify) doorbell_.ring();
    return notify;
  }

  // Takes back a reservation. A LOST record written in front of it stays, and is published with the
  // next. In overwrite mode the oldest records are torn already, so the new one keeps its place and
  // is passed over.
  void retract([[maybe_unused]] std::uint64_t bytes, typename Lock::Node& node) {
    if constexpr (Overwrite) {
      header(head_)->type = kDiscarded;
      user_->data_head.store(head_, std::memory_order_release);
    } else {
      head_ -= bytes;
    }
    release(node);
  }

  void release(typename Lock::Node& node) {
    if constexpr (Overwrite) writing_.store(false, std::memory_order_release);
    lock_.unlock(node);
  }

  bool crossed_watermark() {
    const auto written = Overwrite ? -head_ : head_;
    if (written - woken_at_ <= watermark_) return false;
    woken_at_ += watermark_;
    return true;
  }

  // Returns how many samples that was: 1, or 0 for a LOST or a discarded record.
  template <Sink S>
  std::size_t deliver(std::uint64_t pos, S& sink) {
    const std::byte* const record = data_ + (pos & mask_);
    if (header(pos)->type == kDiscarded) return 0;
    if (header(pos)->type == kLost) {
      std::uint64_t count = 0;
      std::memcpy(&count, record + kLostBytes - sizeof count, sizeof count);
      sink.lost(count);
      return 0;
    }
    std::uint32_t size = 0;
    std::memcpy(&size, record + sizeof(Header), sizeof size);
    ++consumed_;
    sink.record(std::span{record + kPayloadAt, size});
    return 1;
  }

  // Overwrite mode: pauses the buffer, and delivers what is new since the last time, oldest first.
  // Gives up until the next poll while a writer is inside a record.
  template <Sink S>
  std::size_t read_snapshot(S& sink, std::size_t limit) {
    paused_.exchange(true, std::memory_order_seq_cst);
    std::size_t delivered = 0;
    if (!writing_.load(std::memory_order_seq_cst)) {
      find_new_records();
      for (; !snapshot_.empty() && delivered < limit; snapshot_.pop_back()) {
        delivered += deliver(snapshot_.back(), sink);
        user_->data_tail.store(snapshot_.back(), std::memory_order_relaxed);
      }
    }
    // Pairs with the load in may_write(): the pages may be written again.
    paused_.store(false, std::memory_order_release);
    return delivered;
  }

  // Positions of the records between the head and the last one read, newest first, as far as they
  // are whole: the oldest may be half overwritten (overwrite_rb_find_range, tools/lib/perf/mmap.c).
  void find_new_records() {
    snapshot_.clear();
    const auto head = user_->data_head.load(std::memory_order_acquire);
    const auto last_read = user_->data_tail.load(std::memory_order_relaxed);
    for (auto pos = head; pos != last_read;) {
      const auto next = pos + header(pos)->size;
      if (next - head > mask_ + 1) break;
      snapshot_.push_back(pos);
      pos = next;
    }
  }

  NotifyRule notify_;
  Doorbell doorbell_;
  DoubleMapping mapping_;
  UserPage* user_ = nullptr;
  std::byte* data_;
  std::uint64_t mask_;
  std::uint64_t watermark_;
  // The writers' own (struct perf_buffer): guarded by the lock, or written by one thread.
  alignas(64) Lock lock_;
  std::uint64_t head_ = 0;
  std::uint64_t lost_ = 0;
  std::uint64_t woken_at_ = 0;
  std::uint64_t published_ = 0;
  std::atomic<bool> writing_{false};
  alignas(64) std::atomic<bool> paused_{false};
  std::uint64_t consumed_ = 0;  // the consumer's own
  std::vector<std::uint64_t> snapshot_;
};

inline constexpr std::array<std::string_view, 4> kNotifyNames{"watermark", "always", "never",
                                                              "sampled"};
inline constexpr OptionSpec kNotify{
    .key = "notify",
    .summary = "when a commit wakes the consumer; watermark: once so many bytes were written",
    .fallback = "watermark",
    .allowed = kNotifyNames};
inline constexpr std::array kOptions{kNotify, kNotifyEvery, kWatermark, kOverwriteOption};

// The store of data_head; in overwrite mode also the exchange and the store of `writing_`.
inline Atomics atomics(const Options& options) {
  if (overwrites(options)) return {.xchg = 1, .release_store = 2};
  return {.release_store = 1};
}

inline constexpr Row row{
    .name = "perfbuf",
    .summary = "one buffer for each producer, no sharing, losses marked in place (perf buffer)",
    .layout = Layout::per_producer,
    .options = kOptions,
    .unavailable = always_available,
    .refuse = never_refused,
    .atomics = atomics};

template <class Visitor>
decltype(auto) with_variant(const Options& options, Visitor&& visitor) {
  if (overwrites(options)) return visitor.template operator()<RingSet<Buffer<NoLock, true>>>();
  return visitor.template operator()<RingSet<Buffer<NoLock, false>>>();
}

}  // namespace ringbench::perfbuf
