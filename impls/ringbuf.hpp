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
// Positions grow for ever and are masked on use. In order, as a reserve leaves a plain ring (until
// the next one pending_pos may lie behind a consumer that goes on):
//
//     consumer_pos <= pending_pos <= producer_pos <= consumer_pos + size - 1
//
// pending_pos is the oldest record that is still busy, as far as the last reserve saw: no record
// may be laid over it, so one stuck producer blocks space as well as the consumer. Because a full
// ring and an empty one must differ, size - 1 bytes are usable.
//
// A ring may depart from the kernel's in one thing (Departure), so that its worth can be measured.
// Deliberately unlike the kernel in all of them: notification writes an eventfd instead of queueing
// irq_work, and interrupts are not disabled, so the lock's holder can be preempted.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <new>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "impls/doorbell.hpp"
#include "impls/double_mapping.hpp"
#include "impls/drop_counters.hpp"
#include "impls/interruption.hpp"
#include "impls/locks.hpp"
#include "impls/notify.hpp"
#include "impls/ring_set.hpp"
#include "impls/ringbuf_options.hpp"
#include "impls/transport.hpp"

namespace ringbench::ringbuf {

// struct bpf_ringbuf_hdr.
struct Header {
  std::uint32_t len;  // payload bytes, and the two flags below
  std::uint32_t
      page_offset;  // pages from the start of the mapping: how the kernel finds the ring again
};
static_assert(sizeof(Header) == 8);

// With accounting = in_band: reserves that were refused since the record before this one.
struct LossHeader : Header {
  std::uint64_t lost;
};
static_assert(sizeof(LossHeader) == 16);

inline constexpr std::uint32_t kBusy = 1U << 31;
inline constexpr std::uint32_t kDiscarded = 1U << 30;
inline constexpr std::uint32_t kMaxSize = kDiscarded - 1;
inline constexpr std::size_t kPage = 4096;

constexpr std::uint64_t record_bytes(std::uint32_t len, std::size_t header = sizeof(Header)) {
  const std::uint64_t size = len & kMaxSize;
  return (size + header + 7) / 8 * 8;
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

template <class Lock, Departure D = Departure::none>
class Ring {
  // What a producer and one that interrupts it have in common.
  template <class Self>
  class Handle {
   public:
    void commit(std::byte* payload, std::uint32_t size) { publish(payload, size); }
    void discard(std::byte* payload, std::uint32_t size) { publish(payload, size | kDiscarded); }
    bool is_reserving() const { return guard_.inside(); }

    Tally tally;

   protected:
    explicit Handle(Ring& ring)
        : ring_(&ring), wakeup_(ring.notify_), drops_(ring.counters_.counter()) {}

    // `take(lock, node)`: whether the lock is now held.
    template <class Take>
    Reservation<Self> reserve_with(std::uint32_t size, Take take) {
      const std::uint64_t bytes = bytes_of(size);
      if (size > kMaxSize || bytes > ring_->mask_) return refuse(Drop::too_big);
      guard_.enter();
      const auto consumed = ring_->consumed_position();
      if (!take(ring_->control_->lock, node_)) return refuse(Drop::lock_busy);
      std::byte* const payload = ring_->reserve(size, bytes, consumed, node_);
      if (payload == nullptr) return refuse(Drop::no_space, D == Departure::in_band);
      return {self(), payload, size};
    }
    Reservation<Self> refuse(Drop cause, bool is_counted = false) {
      if (!is_counted) ring_->counters_.count(drops_);
      guard_.leave();
      return {self(), cause};
    }

   private:
    Self& self() { return static_cast<Self&>(*this); }
    void publish(std::byte* payload, std::uint32_t len) {
      tally.notifications += ring_->publish(payload, len, wakeup_.next()) ? 1 : 0;
      guard_.leave();
    }

    Ring* ring_;
    WakeupChoice wakeup_;
    DropCounters::Counter* drops_;
    [[no_unique_address]] typename Lock::Node node_{};
    [[no_unique_address]] std::conditional_t<D == Departure::guarded, RecursionGuard, NoGuard>
        guard_{};
  };

 public:
  class Producer : public Handle<Producer> {
   public:
    explicit Producer(Ring& ring) : Handle<Producer>(ring) {}

    Reservation<Producer> reserve(std::uint32_t size) {
      return this->reserve_with(size, [](Lock& lock, typename Lock::Node& node) {
        lock.lock(node);
        return true;
      });
    }
  };

  // Produces where it interrupts `interrupted`, on the same thread. A guard that lets it pass says
  // that its own thread neither holds the lock nor waits for it, so that it may wait.
  class Interrupter : public Handle<Interrupter> {
   public:
    Interrupter(Ring& ring, const Producer& interrupted)
        : Handle<Interrupter>(ring), interrupted_(&interrupted), tries_(ring.interrupted_tries_) {}

    Reservation<Interrupter> reserve(std::uint32_t size) {
      if (interrupted_->is_reserving()) return this->refuse(Drop::recursion);
      return this->reserve_with(size, [this](Lock& lock, typename Lock::Node& node) {
        if constexpr (D == Departure::guarded) {
          lock.lock(node);
          return true;
        }
        for (auto left = tries_; !lock.try_lock(node); ck_pr_stall()) {
          if (--left == 0) return false;
        }
        return true;
      });
    }

   private:
    const Producer* interrupted_;
    std::uint64_t tries_;
  };

  Ring(const RingSettings& settings, const Options& options)
      : notify_(options),
        counters_(option_or_fallback(options, kAccounting)),
        interrupted_tries_(option_or_fallback(options, kInterrupted) == "bounded"
                               ? number(options, kInterruptedTries)
                               : 1),
        fences_(option_or_fallback(options, kConsumerFence) == "on"),
        doorbell_(settings.listening),
        mapping_(sizeof(Control<Lock>), settings.bytes),
        data_(mapping_.data()),
        mask_(settings.bytes - 1) {
    settings.bind(mapping_.pages());
    mapping_.touch();
    control_ = new (mapping_.control()) Control<Lock>;
    if constexpr (kOverwrites) copy_.resize(settings.bytes);
    if constexpr (D == Departure::in_band) untold_ = counters_.counter();
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
  // record that is overwritten: it is moved to where the consumer stands. Without the fence, or
  // with a commit that is a mere store, both may look before the other's store is seen: then a
  // wake-up is lost.
  bool ready_to_wait() {
    const auto pos = skip_overwritten();
    control_->consumer_pos.store(pos, std::memory_order_release);
    if (fences_) std::atomic_thread_fence(std::memory_order_seq_cst);
    const bool nothing = pos >= control_->producer_pos.load(std::memory_order_acquire) ||
                         (look_at(pos) & kBusy) != 0;
    return nothing && !overtaken(pos);
  }

  // Every committed record is either behind overwrite_pos or still in the ring; those of both that
  // the consumer has not had are gone or left.
  std::uint64_t overwritten() const {
    if constexpr (!kOverwrites) return 0;
    const auto read = control_->consumer_pos.load(std::memory_order_relaxed);
    std::uint64_t committed = control_->passed.load(std::memory_order_relaxed);
    std::uint64_t left = 0;
    const auto end = control_->producer_pos.load(std::memory_order_relaxed);
    for (auto pos = control_->overwrite_pos.load(std::memory_order_relaxed); pos < end;) {
      const auto len = length(pos).load(std::memory_order_acquire);
      const bool carries = (len & (kBusy | kDiscarded)) == 0;
      committed += carries ? 1 : 0;
      left += carries && pos >= read ? 1 : 0;
      pos += bytes_of(len);
    }
    return committed - consumed_ - left;
  }

  // Refused reserves, as the ring itself counts them; in band: what it has told its consumer, and
  // what it has not yet. Nothing where it does not count.
  std::optional<std::uint64_t> counted_drops() const {
    const auto counted = counters_.total();
    return counted ? std::optional(*counted + told_) : std::nullopt;
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
  static constexpr bool kOverwrites = D == Departure::overwrite;
  using RecordHeader = std::conditional_t<D == Departure::in_band, LossHeader, Header>;

  static constexpr std::uint64_t bytes_of(std::uint32_t len) {
    return record_bytes(len, sizeof(RecordHeader));
  }

  enum class Step : std::uint8_t { delivered, passed_over, busy };

  std::atomic_ref<std::uint32_t> length(std::uint64_t pos) const {
    return std::atomic_ref<std::uint32_t>(header(pos)->len);
  }
  RecordHeader* header(std::uint64_t pos) const {
    return reinterpret_cast<RecordHeader*>(data_ + (pos & mask_));
  }

  // Pairs with the release in consume_one(): from here the producer may write what was read. Where
  // the load is relaxed, reserve() stores no data unless a branch on it was taken, and no processor
  // makes a store visible before the branch that it hangs on; the fence keeps the compiler from it
  // (LINUX KERNEL MEMORY BARRIERS, control dependencies).
  std::uint64_t consumed_position() const {
    if constexpr (D != Departure::control_position) {
      return control_->consumer_pos.load(std::memory_order_acquire);
    }
    const auto consumed = control_->consumer_pos.load(std::memory_order_relaxed);
    std::atomic_signal_fence(std::memory_order_acquire);
    RINGBENCH_ANNOTATE_ACQUIRE(&control_->consumer_pos);
    return consumed;
  }

  // __bpf_ringbuf_reserve, from where the lock is held. Returns nullptr when there is no space.
  std::byte* reserve(std::uint32_t size, std::uint64_t bytes, std::uint64_t consumed,
                     typename Lock::Node& node) {
    const auto pos = control_->producer_pos.load(std::memory_order_relaxed);
    const auto end = pos + bytes;
    const auto oldest =
        kOverwrites ? advance_pending(pos) : std::min(advance_pending(pos), consumed);
    if (end - oldest > mask_) {
      // Before the lock is free, or records that others reserve would come before it.
      if constexpr (D == Departure::in_band) counters_.count(untold_);
      control_->lock.unlock(node);
      return nullptr;
    }
    if constexpr (kOverwrites) give_way(end);
    RecordHeader* const record = header(pos);
    if constexpr (D == Departure::in_band) record->lost = DropCounters::take(*untold_);
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
      pos += bytes_of(len);
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
      pos += bytes_of(len);
    }
    control_->passed.store(control_->passed.load(std::memory_order_relaxed) + carried,
                           std::memory_order_relaxed);
    control_->overwrite_pos.store(pos, std::memory_order_release);
  }

  // bpf_ringbuf_commit. Returns whether the consumer was notified.
  bool publish(std::byte* payload, std::uint32_t len, Wakeup wakeup) {
    RecordHeader* const record = reinterpret_cast<RecordHeader*>(payload) - 1;
    // Release pairs with the acquire in consume_one(): the payload is whole once the record is not
    // busy. The full barrier keeps it before the look at consumer_pos: see ready_to_wait().
    if constexpr (D == Departure::release_commit) {
      std::atomic_ref(record->len).store(len, std::memory_order_release);
    } else {
      std::atomic_ref(record->len).exchange(len, std::memory_order_seq_cst);
    }
    const auto at = static_cast<std::uint64_t>(reinterpret_cast<std::byte*>(record) - data_);
    const auto awaited = control_->consumer_pos.load(std::memory_order_seq_cst) & mask_;
    const bool notify = wakeup == Wakeup::force || (at == awaited && wakeup != Wakeup::suppress);
    if (notify) doorbell_.ring();
    return notify;
  }

  // Where the consumer stands, past records that are gone already.
  std::uint64_t skip_overwritten() const {
    const auto pos = control_->consumer_pos.load(std::memory_order_relaxed);
    if constexpr (!kOverwrites) return pos;
    return std::max(pos, control_->overwrite_pos.load(std::memory_order_acquire));
  }

  template <Sink S>
  Step consume_one(S& sink, std::uint64_t pos) {
    // Pairs with the exchange in publish(): what follows the header is the whole payload.
    const auto len = look_at(pos);
    if (overtaken(pos)) return Step::passed_over;
    if ((len & kBusy) != 0) return Step::busy;
    tell_losses(sink, pos);
    const bool carries = (len & kDiscarded) == 0;
    if (carries) {
      std::span payload{reinterpret_cast<const std::byte*>(header(pos) + 1), len & kMaxSize};
      if constexpr (kOverwrites) {
        copy_racing(payload);
        if (overtaken(pos)) return Step::passed_over;
        payload = {copy_.data(), payload.size()};
      }
      ++consumed_;
      sink.record(payload);
    }
    // Pairs with the acquire in reserve(): hands the record's memory back to the producers.
    control_->consumer_pos.store(pos + bytes_of(len), std::memory_order_release);
    return carries ? Step::delivered : Step::passed_over;
  }

  template <Sink S>
  void tell_losses([[maybe_unused]] S& sink, [[maybe_unused]] std::uint64_t pos) {
    if constexpr (D == Departure::in_band) {
      const auto lost = header(pos)->lost;
      if (lost == 0) return;
      told_ += lost;
      sink.lost(lost);
    }
  }

  // The length word, as the consumer reads it.
  std::uint32_t look_at(std::uint64_t pos) const {
    if constexpr (kOverwrites) return look_racing(pos);
    return length(pos).load(std::memory_order_acquire);
  }

  // Whether producers have taken the record at pos while it was looked at, so that what was read of
  // it is worthless. The acquire fence keeps those reads before this one (a seqlock's second look).
  bool overtaken(std::uint64_t pos) const {
    if constexpr (!kOverwrites) return false;
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
  DropCounters counters_;
  DropCounters::Counter* untold_ = nullptr;  // in band: the counter of all
  std::uint64_t interrupted_tries_;
  bool fences_;
  Doorbell doorbell_;
  DoubleMapping mapping_;
  Control<Lock>* control_ = nullptr;
  std::byte* data_;
  std::uint64_t mask_;
  alignas(64) std::uint64_t consumed_ = 0;  // the consumer's own, as what follows
  std::uint64_t told_ = 0;                  // losses, in band
  std::vector<std::byte> copy_;
};

inline constexpr Row row{
    .name = "ringbuf",
    .summary = "one shared ring: reserve under a lock, commit by exchange (BPF ring buffer)",
    .layout = Layout::shared,
    .options = kOptions,
    .unavailable = always_available,
    .refuse = refuse,
    .atomics = atomics};

template <class Visitor>
decltype(auto) with_variant(const Options& options, Visitor&& visitor) {
  switch (departure_of(options)) {
    case Departure::release_commit:
      return visitor.template operator()<RingSet<Ring<McsLock, Departure::release_commit>>>();
    case Departure::control_position:
      return visitor.template operator()<RingSet<Ring<McsLock, Departure::control_position>>>();
    case Departure::in_band:
      return visitor.template operator()<RingSet<Ring<McsLock, Departure::in_band>>>();
    case Departure::guarded:
      return visitor.template operator()<RingSet<Ring<McsLock, Departure::guarded>>>();
    default:
      break;
  }
  return with_lock(options, [&]<class Lock>() {
    if (overwrites(options)) {
      return visitor.template operator()<RingSet<Ring<Lock, Departure::overwrite>>>();
    }
    return visitor.template operator()<RingSet<Ring<Lock>>>();
  });
}

}  // namespace ringbench::ringbuf
