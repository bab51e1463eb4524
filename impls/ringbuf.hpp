// One ring shared by all producers, with the semantics of Linux's BPF ring buffer as of v6.19
// (kernel/bpf/ringbuf.c): reserve under a lock, commit by an atomic exchange.
//
// A record is an 8-byte header and the payload, round_up(size + 8, 8) bytes in all. Its life, and
// who draws each arrow:
//
//            reserve (producer, lock held)       commit / discard (producer, xchg)
//     free ---------------------------------> busy ------------------------------> committed
//       ^                                                                              |
//       '----- consume (consumer, consumer_pos) or overwrite (a producer, lock held) --'
//
// Positions grow for ever and are masked on use. In order, for a plain ring:
//
//     consumer_pos <= pending_pos <= producer_pos <= consumer_pos + size - 1
//
// pending_pos is the oldest record that is still busy, as far as the last reserve saw: no record
// may be laid over it, so one stuck producer blocks space as well as the consumer. Because a full
// ring and an empty one must differ, size - 1 bytes are usable.
//
// Deliberately unlike the kernel: notification writes an eventfd instead of queueing irq_work, and
// interrupts are not disabled, so the lock's holder can be preempted.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>
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

namespace ringbench::ringbuf {

// struct bpf_ringbuf_hdr.
struct Header {
  std::uint32_t len;  // payload bytes, and the two flags below
  std::uint32_t
      page_offset;  // pages from the start of the mapping: how the kernel finds the ring again
};
static_assert(sizeof(Header) == 8);

inline constexpr std::uint32_t kBusy = 1U << 31;
inline constexpr std::uint32_t kDiscarded = 1U << 30;
inline constexpr std::uint32_t kMaxSize = kDiscarded - 1;
inline constexpr std::size_t kPage = 4096;

constexpr std::uint64_t record_bytes(std::uint32_t len) {
  const std::uint64_t size = len & kMaxSize;
  return (size + sizeof(Header) + 7) / 8 * 8;
}

// The pages in front of the data: what producers fight for, what the consumer writes and what it
// reads lie on pages of their own.
template <class Lock>
struct Control {
  Lock lock;
  alignas(kPage) std::atomic<std::uint64_t> consumer_pos{0};
  alignas(kPage) std::atomic<std::uint64_t> producer_pos{0};  // this line: written under the lock
  std::atomic<std::uint64_t> pending_pos{0};
  std::atomic<std::uint64_t> overwrite_pos{0};
  std::atomic<std::uint64_t> passed{0};  // committed records that overwrite_pos has left behind
};

template <class Lock, bool Overwrite>
class Ring {
 public:
  class Producer {
   public:
    explicit Producer(Ring& ring) : ring_(&ring), wakeup_(ring.notify_) {}

    Reservation<Producer> reserve(std::uint32_t size) {
      const std::uint64_t bytes = record_bytes(size);
      if (size > kMaxSize || bytes > ring_->mask_) return {*this, Drop::too_big};
      std::byte* const payload = ring_->reserve(size, bytes, node_);
      if (payload == nullptr) return {*this, Drop::no_space};
      return {*this, payload, size};
    }
    void commit(std::byte* payload, std::uint32_t size) { publish(payload, size); }
    void discard(std::byte* payload, std::uint32_t size) { publish(payload, size | kDiscarded); }

    Tally tally;

   private:
    void publish(std::byte* payload, std::uint32_t len) {
      tally.notifications += ring_->publish(payload, len, wakeup_.next()) ? 1 : 0;
    }

    Ring* ring_;
    WakeupChoice wakeup_;
    [[no_unique_address]] typename Lock::Node node_{};
  };

  Ring(const RingSettings& settings, const Options& options)
      : notify_(options),
        doorbell_(settings.listening),
        mapping_(sizeof(Control<Lock>), settings.bytes),
        data_(mapping_.data()),
        mask_(settings.bytes - 1) {
    settings.bind(mapping_.pages());
    mapping_.touch();
    control_ = new (mapping_.control()) Control<Lock>;
    if constexpr (Overwrite) copy_.resize(settings.bytes);
  }

  // Hands records to the sink until it meets a busy one, the end, or `budget`; goes on while there
  // is new data, and frees each record as it is read (ringbuf_process_ring, libbpf).
  template <Sink S>
  std::size_t consume(S& sink, std::size_t budget) {
    const std::size_t limit = budget == 0 ? SIZE_MAX : budget;
    std::size_t delivered = 0;
    bool more = true;
    while (more) {
      more = false;
      // Pairs with the release in reserve(): headers up to here are written.
      const auto end = control_->producer_pos.load(std::memory_order_acquire);
      // Looked up once a record: only below `end` is there a header to read.
      for (auto pos = skip_overwritten(); delivered < limit && pos < end;
           pos = skip_overwritten()) {
        const Step step = consume_one(sink, pos);
        if (step == Step::busy) return delivered;
        if (step == Step::delivered) ++delivered;
        more = delivered < limit;
      }
    }
    return delivered;
  }

  std::size_t occupancy() const {
    const auto start = std::max(control_->consumer_pos.load(std::memory_order_relaxed),
                                control_->overwrite_pos.load(std::memory_order_relaxed));
    const auto end = control_->producer_pos.load(std::memory_order_relaxed);
    // Read one after the other while both may move.
    return end > start ? std::min(end - start, mask_ + 1) : 0;
  }

  int wait_fd() const { return doorbell_.fd(); }

  // Empty, or stopped at a busy record: the commit that ends either state compares its position
  // with consumer_pos and notifies. The fence keeps our store of consumer_pos before our look at
  // the ring; the exchange in publish() keeps that record before its look at consumer_pos. So one
  // of the two sees the other (Dekker), and no wake-up is lost. consumer_pos may lie behind, at a
  // record that is overwritten: it is moved to where the consumer stands.
  bool ready_to_wait() {
    const auto pos = skip_overwritten();
    control_->consumer_pos.store(pos, std::memory_order_release);
    std::atomic_thread_fence(std::memory_order_seq_cst);
    const bool nothing = pos >= control_->producer_pos.load(std::memory_order_acquire) ||
                         (look_at(pos) & kBusy) != 0;
    return nothing && !overtaken(pos);
  }

  // Every committed record is either behind overwrite_pos or still in the ring; those of both that
  // the consumer has not had are gone or left.
  std::uint64_t overwritten() const {
    if constexpr (!Overwrite) return 0;
    const auto read = control_->consumer_pos.load(std::memory_order_relaxed);
    std::uint64_t committed = control_->passed.load(std::memory_order_relaxed);
    std::uint64_t left = 0;
    const auto end = control_->producer_pos.load(std::memory_order_relaxed);
    for (auto pos = control_->overwrite_pos.load(std::memory_order_relaxed); pos < end;) {
      const auto len = length(pos).load(std::memory_order_acquire);
      const bool carries = (len & (kBusy | kDiscarded)) == 0;
      committed += carries ? 1 : 0;
      left += carries && pos >= read ? 1 : 0;
      pos += record_bytes(len);
    }
    return committed - consumed_ - left;
  }

  std::size_t footprint() const { return mapping_.pages().size() + copy_.size(); }

  std::string describe() const {
    const auto pending = control_->pending_pos.load(std::memory_order_relaxed);
    const auto end = control_->producer_pos.load(std::memory_order_relaxed);
    const bool busy =
        pending < end && (length(pending).load(std::memory_order_relaxed) & kBusy) != 0;
    return fmt::format("lock {}, consumer_pos {}, pending_pos {}{}, producer_pos {}",
                       control_->lock.locked() ? "held" : "free",
                       control_->consumer_pos.load(std::memory_order_relaxed), pending,
                       busy ? " (a record reserved there and never committed)" : "", end);
  }

 private:
  enum class Step : std::uint8_t { delivered, passed_over, busy };

  std::atomic_ref<std::uint32_t> length(std::uint64_t pos) const {
    return std::atomic_ref<std::uint32_t>(header(pos)->len);
  }
  Header* header(std::uint64_t pos) const {
    return reinterpret_cast<Header*>(data_ + (pos & mask_));
  }

  // __bpf_ringbuf_reserve. Returns nullptr when there is no space.
  std::byte* reserve(std::uint32_t size, std::uint64_t bytes, typename Lock::Node& node) {
    // Pairs with the release in consume_one(): from here the producer may write what was read.
    const auto consumed = control_->consumer_pos.load(std::memory_order_acquire);
    control_->lock.lock(node);
    const auto pos = control_->producer_pos.load(std::memory_order_relaxed);
    const auto end = pos + bytes;
    const auto oldest = Overwrite ? advance_pending(pos) : std::min(advance_pending(pos), consumed);
    if (end - oldest > mask_) {
      control_->lock.unlock(node);
      return nullptr;
    }
    if constexpr (Overwrite) give_way(end);
    Header* const record = header(pos);
    std::atomic_ref(record->len).store(size | kBusy, std::memory_order_relaxed);
    record->page_offset = static_cast<std::uint32_t>(
        static_cast<std::size_t>(reinterpret_cast<std::byte*>(record) - mapping_.control()) /
        kPage);
    // Pairs with the acquire in consume(): a header is seen before the position behind it.
    control_->producer_pos.store(end, std::memory_order_release);
    control_->lock.unlock(node);
    return reinterpret_cast<std::byte*>(record + 1);
  }

  // Moves pending_pos over committed records, up to the first busy one. Lock held.
  std::uint64_t advance_pending(std::uint64_t end) {
    const auto old = control_->pending_pos.load(std::memory_order_relaxed);
    auto pos = old;
    while (pos < end) {
      // Pairs with the exchange in publish(): in overwrite mode the record's writer is done with
      // its memory before a later record is laid over it.
      const auto len = length(pos).load(std::memory_order_acquire);
      if ((len & kBusy) != 0) break;
      pos += record_bytes(len);
    }
    if (pos != old) control_->pending_pos.store(pos, std::memory_order_relaxed);
    return pos;
  }

  // Moves overwrite_pos over the oldest records until one ending at `end` fits. Lock held. None of
  // them is busy: the check against pending_pos has passed. x86 keeps stores in order, so whoever
  // sees a byte of the new record also sees overwrite_pos beyond the old one.
  void give_way(std::uint64_t end) {
    auto pos = control_->overwrite_pos.load(std::memory_order_relaxed);
    std::uint64_t carried = 0;
    while (end - pos > mask_) {
      const auto len = length(pos).load(std::memory_order_relaxed);
      carried += (len & kDiscarded) == 0 ? 1 : 0;
      pos += record_bytes(len);
    }
    control_->passed.store(control_->passed.load(std::memory_order_relaxed) + carried,
                           std::memory_order_relaxed);
    control_->overwrite_pos.store(pos, std::memory_order_release);
  }

  // bpf_ringbuf_commit. Returns whether the consumer was notified.
  bool publish(std::byte* payload, std::uint32_t len, Wakeup wakeup) {
    Header* const record = reinterpret_cast<Header*>(payload) - 1;
    // Release pairs with the acquire in consume_one(): the payload is whole once the record is not
    // busy. The full barrier keeps it before the look at consumer_pos: see ready_to_wait().
    std::atomic_ref(record->len).exchange(len, std::memory_order_seq_cst);
    const auto at = static_cast<std::uint64_t>(reinterpret_cast<std::byte*>(record) - data_);
    const auto awaited = control_->consumer_pos.load(std::memory_order_seq_cst) & mask_;
    const bool notify = wakeup == Wakeup::force || (at == awaited && wakeup != Wakeup::suppress);
    if (notify) doorbell_.ring();
    return notify;
  }

  // Where the consumer stands, past records that are gone already.
  std::uint64_t skip_overwritten() const {
    const auto pos = control_->consumer_pos.load(std::memory_order_relaxed);
    if constexpr (!Overwrite) return pos;
    return std::max(pos, control_->overwrite_pos.load(std::memory_order_acquire));
  }

  template <Sink S>
  Step consume_one(S& sink, std::uint64_t pos) {
    // Pairs with the exchange in publish(): what follows the header is the whole payload.
    const auto len = look_at(pos);
    if (overtaken(pos)) return Step::passed_over;
    if ((len & kBusy) != 0) return Step::busy;
    const bool carries = (len & kDiscarded) == 0;
    if (carries) {
      std::span payload{reinterpret_cast<const std::byte*>(header(pos) + 1), len & kMaxSize};
      if constexpr (Overwrite) {
        copy_racing(payload);
        if (overtaken(pos)) return Step::passed_over;
        payload = {copy_.data(), payload.size()};
      }
      ++consumed_;
      sink.record(payload);
    }
    // Pairs with the acquire in reserve(): hands the record's memory back to the producers.
    control_->consumer_pos.store(pos + record_bytes(len), std::memory_order_release);
    return carries ? Step::delivered : Step::passed_over;
  }

  // The length word, as the consumer reads it.
  std::uint32_t look_at(std::uint64_t pos) const {
    if constexpr (Overwrite) return look_racing(pos);
    return length(pos).load(std::memory_order_acquire);
  }

  // Whether producers have taken the record at pos while it was looked at, so that what was read of
  // it is worthless. The acquire fence keeps those reads before this one (a seqlock's second look).
  bool overtaken(std::uint64_t pos) const {
    if constexpr (!Overwrite) return false;
    std::atomic_thread_fence(std::memory_order_acquire);
    return control_->overwrite_pos.load(std::memory_order_relaxed) > pos;
  }

  // A producer may be writing here. What is read is thrown away unless overtaken() says that none
  // was, so the race is over bytes that nobody uses; ThreadSanitizer cannot know that.
  [[gnu::no_sanitize("thread")]] std::uint32_t look_racing(std::uint64_t pos) const {
    return __atomic_load_n(&header(pos)->len, __ATOMIC_ACQUIRE);
  }
  [[gnu::no_sanitize("thread")]] void copy_racing(std::span<const std::byte> payload) {
    for (std::size_t i = 0; i < payload.size(); ++i) {
      copy_[i] = static_cast<const volatile std::byte&>(payload[i]);
    }
  }

  NotifyRule notify_;
  Doorbell doorbell_;
  DoubleMapping mapping_;
  Control<Lock>* control_ = nullptr;
  std::byte* data_;
  std::uint64_t mask_;
  alignas(64) std::uint64_t consumed_ = 0;  // the consumer's own
  std::vector<std::byte> copy_;
};

inline constexpr std::array<std::string_view, 4> kNotifyNames{"adaptive", "always", "never",
                                                              "sampled"};
inline constexpr OptionSpec kNotify{.key = "notify",
                                    .summary =
                                        "when a commit wakes the consumer; adaptive: only if it "
                                        "stood exactly at this record",
                                    .fallback = "adaptive",
                                    .allowed = kNotifyNames};
inline constexpr std::array kOptions{kLockOption, kNotify, kNotifyEvery, kOverwriteOption};

// The exchange of publish() and the store of producer_pos; in overwrite mode that of overwrite_pos.
inline Atomics atomics(const Options& options) {
  const Atomics of_ring{.xchg = 1, .release_store = overwrites(options) ? 2.0 : 1.0};
  return atomics_of_lock(options) + of_ring;
}

inline constexpr Row row{
    .name = "ringbuf",
    .summary = "one shared ring: reserve under a lock, commit by exchange (BPF ring buffer)",
    .layout = Layout::shared,
    .options = kOptions,
    .unavailable = always_available,
    .refuse = never_refused,
    .atomics = atomics};

template <class Visitor>
decltype(auto) with_variant(const Options& options, Visitor&& visitor) {
  return with_lock(options, [&]<class Lock>() {
    if (overwrites(options)) return visitor.template operator()<RingSet<Ring<Lock, true>>>();
    return visitor.template operator()<RingSet<Ring<Lock, false>>>();
  });
}

}  // namespace ringbench::ringbuf
