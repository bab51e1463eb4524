#include "planner/ring_of_lines.hpp"

#include <algorithm>
#include <bit>

namespace ringbench::planner {
namespace {

std::uint64_t whole(double count) {
  return static_cast<std::uint64_t>(count);
}

// Headers share a line by a power of two.
int line_shift(double record_bytes) {
  constexpr double kLineBytes = 64;
  return static_cast<int>(std::bit_width(whole(std::max(1.0, kLineBytes / record_bytes)))) - 1;
}

// A longer ring comes back to its lines after so many, for the sake of this machine's caches. Each
// has been through every producer's hands by then.
constexpr std::uint64_t kMostLines = 8192;

}  // namespace

RingOfLines::RingOfLines(const LinePlan& plan, std::uint64_t seed)
    : plan_(plan),
      random_(seed),
      lines_(plan.latencies),
      producers_(plan.latencies.cpus() - (plan.consumes ? 1 : 0)),
      capacity_(whole(plan.ring_records)),
      line_shift_(line_shift(plan.record_bytes)),
      inside_ns_(plan.alone_ns - plan.outside_lock_ns),
      nodes_(producers_),
      waiting_(producers_),
      actors_(plan.latencies.cpus()),
      queue_(plan.latencies.cpus()),
      sleepers_(producers_),
      warm_up_(whole(plan.warm_up_records)),
      all_calls_(warm_up_ + whole(plan.records)) {
  // No more slots than records that can be in the ring at once.
  slot_mask_ = std::bit_ceil(std::min(capacity_, all_calls_ + producers_)) - 1;
  busy_.resize(slot_mask_ + 1);
  headers_.resize(std::min((slot_mask_ >> line_shift_) + 1, kMostLines));
  line_mask_ = static_cast<std::uint32_t>(headers_.size() - 1);
  // As if each had been written in an earlier round, by one producer after the other.
  for (std::size_t line = 0; line < headers_.size(); ++line) {
    headers_[line].owner = headers_[line].reader = static_cast<std::uint32_t>(line % producers_);
    if (plan.consumes) headers_[line].reader = producers_;
  }
  for (std::uint32_t id = 0; id < producers_; ++id) nodes_[id].owner = nodes_[id].reader = id;
  counts_.reserve.reserve(all_calls_ - warm_up_);
  counts_.event.reserve(all_calls_ - warm_up_);
  const double spread = plan.between_ns > 0 ? plan.between_ns : plan.alone_ns;
  for (std::uint32_t id = 0; id < producers_; ++id) {
    sleepers_.push(random_.exponential(spread), id);
  }
  if (plan.consumes) wake(producers_, 0, Step::see_end);
}

LineCounts RingOfLines::run() {
  while (calls_ < all_calls_) {
    if (sleepers_.first_time() < queue_.first_time()) {
      wake(sleepers_.first(), sleepers_.first_time(), Step::call);
      sleepers_.pop_first();
    }
    const auto id = queue_.first();
    auto& me = actors_[id];
    bool goes_on = true;
    do {
      goes_on = take_step(id);
    } while (goes_on && me.time <= std::min(queue_.next_time(), sleepers_.first_time()));
    if (goes_on) {
      queue_.replace_first(me.time);
    } else {
      queue_.pop_first();
    }
  }
  counts_.moves = lines_.moves() - moves_before_;
  return std::move(counts_);
}

bool RingOfLines::take_step(std::uint32_t id) {
  auto& me = actors_[id];
  switch (me.step) {
    case Step::call:
      me.begun = me.time;
      me.time = lines_.read(consumer_position_, id, me.consumer_copy, me.time);
      me.consumed = consumed_;
      me.step = Step::take;
      return true;
    case Step::take:
      return take_lock(id, me);
    case Step::link:
      link(id, me);
      return !me.waits;
    case Step::woken:
      me.time = lines_.read(nodes_[id], id, me.node_copy, me.time);
      me.step = Step::spin;
      return true;
    case Step::spin:
      return spin(id, me);
    case Step::enter:
      enter(id, me);
      return true;
    case Step::pending:
      look_at_pending(id, me);
      return true;
    case Step::move_on:
      me.time = lines_.write(position_, id, me.position_copy, me.time);
      wake_consumer_at(position_);
      check_space(me);
      return true;
    case Step::header:
      write_header(id, me, true);
      me.step = Step::publish;
      return true;
    case Step::publish:
      me.time = lines_.write(position_, id, me.position_copy, me.time);
      produced_ = me.record + 1;
      wake_consumer_at(position_);
      me.step = Step::unlock;
      return true;
    case Step::unlock:
      return unlock(id, me);
    case Step::commit:
      commit(id, me);
      return true;
    case Step::look:
      me.time = lines_.read(consumer_position_, id, me.consumer_copy, me.time);
      return finish(id, me);
    case Step::see_end:
      return see_end(id, me);
    case Step::see_record:
      return see_record(id, me);
    case Step::free:
      me.time = lines_.write(consumer_position_, id, me.consumer_copy, me.time);
      ++consumed_;
      me.step = consumed_ < end_seen_ ? Step::see_record : Step::see_end;
      return true;
  }
  return false;
}

// --- what is done while the lock is held --------------------------------------------------------

void RingOfLines::enter(std::uint32_t id, Actor& me) {
  me.time = lines_.read(position_, id, me.position_copy, me.time) + inside_ns_;
  me.record = produced_;
  if (plan_.pending_pos && pending_ < produced_) {
    me.step = Step::pending;
  } else {
    check_space(me);
  }
}

void RingOfLines::look_at_pending(std::uint32_t id, Actor& me) {
  const auto line = header_line(pending_);
  me.time = lines_.read(headers_[line], id, header_copy(me, line), me.time);
  const bool busy = busy_[pending_ & slot_mask_] != 0;
  if (!busy) ++pending_;
  if (busy || pending_ == produced_) me.step = Step::move_on;
}

void RingOfLines::check_space(Actor& me) {
  const auto oldest = plan_.pending_pos ? std::min(pending_, me.consumed) : me.consumed;
  me.refused = me.record + 1 - oldest > capacity_;
  me.step = me.refused ? Step::unlock : Step::header;
}

void RingOfLines::write_header(std::uint32_t id, Actor& me, bool busy) {
  auto& line = headers_[header_line(me.record)];
  me.time = lines_.write(line, id, header_copy(me, header_line(me.record)), me.time);
  busy_[me.record & slot_mask_] = busy ? 1 : 0;
  wake_consumer_at(line);
}

// --- after the lock, and the consumer -----------------------------------------------------------

void RingOfLines::commit(std::uint32_t id, Actor& me) {
  write_header(id, me, false);
  me.step = Step::look;
}

bool RingOfLines::finish(std::uint32_t id, Actor& me) {
  ++calls_;
  if (calls_ <= warm_up_) {
    counts_.begun = counts_.ended = me.time;
    moves_before_ = lines_.moves();
  } else {
    ++counts_.calls;
    counts_.refused += me.refused ? 1 : 0;
    counts_.reserve.push_back(me.reserved);
    if (!me.refused) counts_.event.push_back(me.time - me.begun);
    counts_.ended = std::max(counts_.ended, me.time);
  }
  me.step = Step::call;
  if (calls_ == all_calls_) return false;
  if (plan_.between_ns == 0) return true;
  sleepers_.push(me.time + random_.exponential(plan_.between_ns), id);
  return false;
}

bool RingOfLines::see_end(std::uint32_t id, Actor& me) {
  me.time = lines_.read(position_, id, me.position_copy, me.time);
  end_seen_ = produced_;
  if (consumed_ == end_seen_) {
    consumer_waits_ = &position_;
    return false;
  }
  me.step = Step::see_record;
  return true;
}

bool RingOfLines::see_record(std::uint32_t id, Actor& me) {
  const auto line = header_line(consumed_);
  me.time = lines_.read(headers_[line], id, header_copy(me, line), me.time);
  if (busy_[consumed_ & slot_mask_] != 0) {
    consumer_waits_ = &headers_[line];
    return false;
  }
  me.time += plan_.consumer_ns;
  me.step = Step::free;
  return true;
}

// --- who waits for a line to be written ---------------------------------------------------------

void RingOfLines::wake(std::uint32_t id, double time, Step step) {
  actors_[id].time = time;
  actors_[id].step = step;
  queue_.push(time, id);
}

void RingOfLines::wake_consumer_at(const CacheLine& line) {
  if (consumer_waits_ != &line) return;
  consumer_waits_ = nullptr;
  const auto& consumer = actors_[producers_];
  const double look = consumer.time + random_.exponential(plan_.consumer_poll_ns);
  wake(producers_, std::max(line.free_at, look), consumer.step);
}

}  // namespace ringbench::planner
