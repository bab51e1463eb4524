#pragma once

#include <algorithm>
#include <deque>
#include <utility>

#include "tests/impls/model.hpp"

namespace ringbench::conformance {

class RingbufModel final : public Model {
 public:
  RingbufModel(std::size_t bytes, const Options& options) : Model(bytes, options) {
    const auto accounting = options.find("accounting");
    in_band_ = accounting != options.end() && accounting->second == "in_band";
  }

  std::optional<Drop> reserve(RecordId id, std::uint32_t size) override {
    const std::uint64_t header = in_band_ ? 16 : 8;
    const std::uint64_t bytes = (size + header + 7) / 8 * 8;
    if (bytes > mask) return refuse(Drop::too_big);
    const auto end = end_ + bytes;
    if (end - limit() > mask) return refuse(Drop::no_space);
    if (overwrites) give_way(end);
    records_.push_back({id, end_, end, State::busy, std::exchange(untold_, 0)});
    end_ = end;
    return std::nullopt;
  }

  bool finish(RecordId id, unsigned producer, bool commit) override {
    const auto found = std::ranges::find(records_, id, &Record::id);
    found->state = commit ? State::committed : State::discarded;
    committed_ += commit ? 1 : 0;
    return notified(producer, (found->begin & mask) == (consumer_ & mask));
  }

  std::vector<Expected> consume(std::size_t budget) override {
    std::vector<Expected> items;
    std::size_t records = 0;
    for (const auto& record : records_) {
      if (record.begin < std::max(consumer_, oldest_)) continue;
      if (record.state == State::busy || (budget != 0 && records == budget)) break;
      if (record.lost != 0) items.push_back({0, record.lost});
      if (record.state == State::committed) {
        items.push_back({record.id, 0});
        ++records;
      }
      consumer_ = record.end;
    }
    delivered_ += records;
    return items;
  }

  std::size_t occupancy() const override { return end_ - std::max(consumer_, oldest_); }

  bool ready_to_wait() override {
    consumer_ = std::max(consumer_, oldest_);
    const auto next = std::ranges::find(records_, consumer_, &Record::begin);
    return next == records_.end() || next->state == State::busy;
  }

  std::size_t max_open() const override { return SIZE_MAX; }

 private:
  enum class State { busy, committed, discarded };
  struct Record {
    RecordId id;
    std::uint64_t begin;
    std::uint64_t end;
    State state;
    std::uint64_t lost;  // in band: refused since the record before it
  };

  Drop refuse(Drop cause) {
    if (in_band_) ++untold_;
    return cause;
  }

  // The oldest position that may not be written over.
  std::uint64_t limit() const {
    const auto busy = std::ranges::find(records_, State::busy, &Record::state);
    const auto pending = busy == records_.end() ? end_ : busy->begin;
    return overwrites ? pending : std::min(pending, consumer_);
  }

  void give_way(std::uint64_t end) {
    while (end - oldest_ > mask) {
      oldest_ = records_.front().end;
      records_.pop_front();
    }
  }

  std::deque<Record> records_;  // in overwrite mode, those that are left; else, all there ever were
  std::uint64_t end_ = 0;
  std::uint64_t consumer_ = 0;
  bool in_band_ = false;
  std::uint64_t untold_ = 0;
  std::uint64_t oldest_ = 0;  // stays 0 unless it overwrites
};

}  // namespace ringbench::conformance
