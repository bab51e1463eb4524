// A stage between the buffers and the receiver that restores the order of records: a k-way merge.
//
// Each record is copied out of its buffer and held until its turn. A buffer is taken for sorted by
// the key, the stamp or the shared counter. One that several producers share is not quite, for
// between stamp and reserve another may go ahead: what then comes out after a record with a larger
// key is counted as late, as is what its rule released others too early for.
//
//     watermark   releases what is older than the newest stamp seen less `wait`; and, by the clock,
//                 whatever does not come after a record that was held for `wait`, so that a quiet
//                 system drains too. By counter, whose numbers are no time, the clock alone.
//     seen        releases up to the oldest of what was last seen of each buffer: the key of its
//                 newest record or, if that is more, the time at which the last poll that emptied
//                 it began (by counter: where the counter stood then).
//
// Why `seen` may count an emptied buffer as seen up to the poll's begin: what was committed before
// has been read, so what it holds later and was stamped before can only be of a producer that was
// between its stamp and the end of its commit at that moment or, where producers share a buffer,
// lie behind such a record. It may be late; how often it is, is what the rule is measured for.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <functional>
#include <limits>
#include <span>
#include <utility>
#include <vector>

#include "bench/trial/histogram.hpp"
#include "bench/trial/receiver.hpp"
#include "bench/trial/record_fifo.hpp"
#include "impls/payload.hpp"
#include "topology/clock.hpp"

namespace ringbench {

struct MergePlan {
  bool by_watermark = false;  // or by what was seen
  std::uint64_t wait_ticks = 0;
  // Shared by the producers, where the order is by it; else by stamps.
  const std::atomic<std::uint64_t>* counter = nullptr;
  std::size_t bytes_of_a_buffer = 0;  // that are likely to be held of each
};

// Over the whole trial.
struct MergeLog {
  Histogram held;         // records at each release, the one that is released included
  Histogram delay_ticks;  // from being taken out of the buffer to release
  std::uint64_t taken = 0;
  std::uint64_t late = 0;
  std::uint64_t busy_ticks = 0;  // in the stage, its readings of the clock included
};

struct TscClock {
  static std::uint64_t now() { return ticks(); }
};

template <class Clock = TscClock>
class MergeStage {
 public:
  MergeStage(Receiver& receiver, std::size_t buffers, const MergePlan& plan)
      : receiver_(receiver), plan_(plan), held_(buffers), seen_(buffers) {
    heads_.reserve(buffers);
    for (auto& buffer : held_) buffer.reserve(plan.bytes_of_a_buffer);
    rounds_.reserve(plan.bytes_of_a_buffer);
  }

  void begin_poll() {
    if (plan_.by_watermark) return;
    // The addition is before the buffer's records: pairs with nothing, but keeps their order here.
    poll_begin_ =
        plan_.counter != nullptr ? plan_.counter->load(std::memory_order_acquire) : Clock::now();
  }
  // `emptied`: the poll did not end for its budget.
  void end_poll(std::size_t buffer, bool emptied) {
    if (emptied) seen_[buffer] = std::max(seen_[buffer], poll_begin_);
  }

  void take(std::size_t buffer, std::span<const std::byte> payload) {
    const auto now = Clock::now();
    const auto key = key_of(payload, now);
    if (held_[buffer].empty()) add_head({key, buffer});
    held_[buffer].push({key, now}, payload);
    seen_[buffer] = std::max(seen_[buffer], key + 1);
    newest_ = std::max(newest_, key + 1);
    ++holding_;
    ++log_.taken;
    log_.busy_ticks += Clock::now() - now;
  }

  // What is due. Returns how many records.
  std::size_t release() {
    return release_below(plan_.by_watermark ? watermark(Clock::now()) : std::ranges::min(seen_));
  }
  std::size_t release_all() { return release_below(std::numeric_limits<std::uint64_t>::max()); }

  bool holds() const { return holding_ != 0; }
  std::uint64_t taken() const { return log_.taken; }
  const MergeLog& log() const { return log_; }

 private:
  // The first record that a buffer has here; in a heap, the smallest key on top, of equal ones that
  // of the first buffer.
  using Head = std::pair<std::uint64_t, std::size_t>;

  std::uint64_t key_of(std::span<const std::byte> payload, std::uint64_t now) const {
    const bool counted = plan_.counter != nullptr;
    if (payload.size() < (counted ? kCountedRecord : kMinRecordSize)) {
      return newest_;  // the receiver says what it thinks of that
    }
    if (counted) return read_counter(payload);
    return restore_stamp(payload.size(), read_event(payload, true).stamp, now);
  }

  // Below it everything is due.
  std::uint64_t watermark(std::uint64_t now) {
    if (newest_ != noted_) {
      rounds_.push({newest_, now}, {});
      noted_ = newest_;
    }
    for (; !rounds_.empty() && now - rounds_.front().taken >= plan_.wait_ticks; rounds_.pop()) {
      due_ = rounds_.front().key;
    }
    if (plan_.counter != nullptr || newest_ <= plan_.wait_ticks) return due_;
    return std::max(due_, newest_ - 1 - plan_.wait_ticks);
  }

  std::size_t release_below(std::uint64_t bound) {
    if (heads_.empty() || heads_.front().first >= bound) return 0;
    std::size_t released = 0;
    auto since = Clock::now();
    for (; !heads_.empty() && heads_.front().first < bound; ++released) {
      RecordFifo& buffer = held_[take_head()];
      const auto [key, taken] = buffer.front();
      note(key);
      const auto now = Clock::now();
      log_.delay_ticks.record(now - taken);
      log_.busy_ticks += now - since;
      receiver_.record(buffer.payload());
      since = Clock::now();
      buffer.pop();
      if (!buffer.empty()) {
        add_head({buffer.front().key, static_cast<std::size_t>(&buffer - held_.data())});
      }
    }
    log_.busy_ticks += Clock::now() - since;
    return released;
  }

  void note(std::uint64_t key) {
    log_.held.record(holding_--);
    if (key < passed_) ++log_.late;
    passed_ = std::max(passed_, key);
  }

  void add_head(const Head& head) {
    heads_.push_back(head);
    std::ranges::push_heap(heads_, std::greater<>{});
  }
  std::size_t take_head() {
    std::ranges::pop_heap(heads_, std::greater<>{});
    const auto buffer = heads_.back().second;
    heads_.pop_back();
    return buffer;
  }

  Receiver& receiver_;
  const MergePlan plan_;
  std::vector<RecordFifo> held_;  // by buffer
  std::vector<Head> heads_;
  std::vector<std::uint64_t> seen_;  // by buffer: nothing below it is still to come
  std::uint64_t poll_begin_ = 0;
  RecordFifo rounds_;         // the newest key at each release that knew a newer one; no payload
  std::uint64_t newest_ = 0;  // one more than the largest key seen
  std::uint64_t noted_ = 0;   // newest_ of the last round
  std::uint64_t due_ = 0;     // by the clock: below it everything was held for `wait`
  std::uint64_t passed_ = 0;  // the largest key released
  std::uint64_t holding_ = 0;
  MergeLog log_;
};

}  // namespace ringbench
