#pragma once

#include <algorithm>
#include <deque>

#include "tests/impls/model.hpp"

namespace ringbench::conformance {

// Positions count the bytes ever written, in both directions of writing.
class PerfbufModel final : public Model {
 public:
  PerfbufModel(std::size_t bytes, const Options& options) : Model(bytes, options) {
    watermark_ = std::stoull(options.at("watermark_bytes"));
    if (watermark_ == 0) watermark_ = bytes / 2;
  }

  std::optional<Drop> reserve(RecordId id, std::uint32_t size) override {
    const std::uint64_t bytes = 8 + (4 + std::uint64_t{size} + 7) / 8 * 8;
    if (bytes > mask || bytes > 65'535) return Drop::too_big;
    const std::uint64_t lost_bytes = lost_ == 0 ? 0 : kLostBytes;
    if (!overwrites && head_ + lost_bytes + bytes - tail_ > mask) {
      ++lost_;
      return Drop::no_space;
    }
    if (lost_ != 0) append({Kind::lost, 0, std::exchange(lost_, 0), head_, head_ + kLostBytes});
    append({Kind::sample, id, 0, head_, head_ + bytes});
    open_ = true;
    return std::nullopt;
  }

  bool finish(RecordId /*id*/, unsigned producer, bool commit) override {
    open_ = false;
    if (!commit) {
      take_back();
      return false;
    }
    ++committed_;
    published_ = head_;
    const bool crossed = head_ - woken_at_ > watermark_;
    if (crossed) woken_at_ += watermark_;
    return notified(producer, crossed);
  }

  std::vector<Expected> consume(std::size_t budget) override {
    std::vector<Expected> items;
    if (overwrites && open_) return items;
    forget_torn();
    std::size_t samples = 0;
    while (!queue_.empty() && queue_.front().end <= published_ &&
           (budget == 0 || samples < budget)) {
      const auto& next = queue_.front();
      if (next.kind != Kind::discarded) items.push_back({next.id, next.lost});
      samples += next.kind == Kind::sample ? 1 : 0;
      tail_ = next.end;
      queue_.pop_front();
    }
    delivered_ += samples;
    return items;
  }

  std::size_t occupancy() const override {
    return std::min<std::size_t>(published_ - tail_, mask + 1);
  }
  bool ready_to_wait() override { return occupancy() == 0 || !notifies_always(); }
  std::size_t max_open() const override { return 1; }

 private:
  static constexpr std::uint64_t kLostBytes = 24;
  enum class Kind { sample, lost, discarded };
  struct Item {
    Kind kind;
    RecordId id;
    std::uint64_t lost;
    std::uint64_t begin;
    std::uint64_t end;
  };

  void append(const Item& item) {
    head_ = item.end;
    queue_.push_back(item);
  }

  void take_back() {
    if (overwrites) {
      queue_.back().kind = Kind::discarded;
      published_ = head_;
    } else {
      head_ = queue_.back().begin;
      queue_.pop_back();
    }
  }

  // Nothing is ever torn unless it overwrites.
  void forget_torn() {
    while (!queue_.empty() && head_ - queue_.front().begin > mask + 1) queue_.pop_front();
  }

  std::deque<Item> queue_;
  std::uint64_t head_ = 0;
  std::uint64_t published_ = 0;
  std::uint64_t tail_ = 0;
  std::uint64_t lost_ = 0;
  std::uint64_t watermark_ = 0;
  std::uint64_t woken_at_ = 0;
  bool open_ = false;
};

}  // namespace ringbench::conformance
