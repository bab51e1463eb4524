#include "planner/ring_of_lines.hpp"

#include <algorithm>
#include <bit>

namespace ringbench::planner {
namespace {

std::uint64_t whole(double count) {
  return static_cast<std::uint64_t>(count);
}

// A longer ring comes back to its lines after so many, for the sake of this machine's caches. Each
// has been through every producer's hands by then.
constexpr std::uint64_t kMostLines = 8192;
constexpr std::uint64_t kLineBytes = 64;

}  // namespace

RingOfLines::RingOfLines(const LinePlan& plan, std::uint64_t seed)
    : plan_(plan),
      random_(seed),
      lines_(plan.latencies),
      producers_(plan.latencies.cpus() - (plan.consumes ? 1 : 0)),
      capacity_(whole(plan.ring_records)),
      record_bytes_(whole(std::round(plan.record_bytes))),
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
  begun_.resize(slot_mask_ + 1);
  const auto lines = (slot_mask_ + 1) * std::min(record_bytes_, kMostLines) / kLineBytes;
  record_lines_.resize(std::bit_ceil(std::clamp(lines, std::uint64_t{1}, kMostLines)));
  line_mask_ = record_lines_.size() - 1;
  // As if each had been written in an earlier round, by one producer after the other.
  for (std::size_t number = 0; number < record_lines_.size(); ++number) {
    auto& line = record_lines_[number].line;
    line.owner = line.reader = static_cast<std::uint32_t>(number % producers_);
    if (plan.consumes) line.reader = producers_;
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
  if (consumer_waits_ == nullptr) count_work(counts_.ended);
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
      return plan_.per_cpu ? send_to_own_buffer(id, me) : true;
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
      wake_consumer_at(position_, me.time);
      me.step = Step::unlock;
      return true;
    case Step::header:
      write_header(id, me, true);
      me.step = Step::publish;
      return true;
    case Step::publish:
      me.time = lines_.write(position_, id, me.position_copy, me.time);
      produced_ = me.record + 1;
      wake_consumer_at(position_, me.time);
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
      if (!plan_.per_cpu || reading_ == end_seen_) {
        lines_.write(consumer_position_, id, me.consumer_copy, me.time);
        consumed_ = reading_;
      }
      me.step = reading_ < end_seen_ ? Step::see_record : Step::see_end;
      return true;
  }
  return false;
}

// --- what is done while the lock is held --------------------------------------------------------

void RingOfLines::enter(std::uint32_t id, Actor& me) {
  me.time = lines_.read(position_, id, me.position_copy, me.time) + inside_ns_;
  me.record = produced_;
  me.moved_on = false;
  if (plan_.pending_pos && pending_ < produced_) {
    me.step = Step::pending;
  } else {
    check_space(me);
  }
}

void RingOfLines::look_at_pending(std::uint32_t id, Actor& me) {
  const auto number = first_line(pending_);
  me.time = lines_.read(record_line(number).line, id, record_copy(me, number), me.time);
  const bool busy = busy_[pending_ & slot_mask_] != 0;
  if (!busy) {
    ++pending_;
    me.moved_on = true;
  }
  if (busy || pending_ == produced_) check_space(me);
}

void RingOfLines::check_space(Actor& me) {
  const auto oldest = plan_.pending_pos ? std::min(pending_, me.consumed) : me.consumed;
  me.refused = me.record + 1 - oldest > capacity_;
  me.step = !me.refused ? Step::header : me.moved_on ? Step::move_on : Step::unlock;
}

// A line of the round before is one of a row, which was fetched ahead.
double RingOfLines::write_record(std::uint32_t id, Actor& me, std::uint64_t number, double time) {
  auto& place = record_line(number);
  auto& copy = record_copy(me, number);
  if (place.number == number) return lines_.write(place.line, id, copy, time);
  const bool mine = place.line.owner == id && place.line.reader == id && !place.was_read;
  place.number = number;
  place.was_read = false;
  return lines_.write_ahead(place.line, id, copy, time + (mine ? 0 : plan_.cold_ns));
}

void RingOfLines::write_header(std::uint32_t id, Actor& me, bool busy) {
  const auto number = first_line(me.record);
  me.time = write_record(id, me, number, me.time);
  busy_[me.record & slot_mask_] = busy ? 1 : 0;
  begun_[me.record & slot_mask_] = me.begun;
  wake_consumer_at(record_line(number).line, me.time);
}

// Of the lines between the first and the last nobody else wants one.
void RingOfLines::fill(std::uint32_t id, Actor& me) {
  const auto last = last_line(me.record);
  if (last != first_line(me.record)) me.time = write_record(id, me, last, me.time);
}

// --- after the lock, and the consumer -----------------------------------------------------------

void RingOfLines::commit(std::uint32_t id, Actor& me) {
  fill(id, me);
  write_header(id, me, false);
  me.step = Step::look;
}

// It waits for no store: the lines that it will write are asked for all at once, while it reads the
// consumer position, and the stores go out when they have come.
bool RingOfLines::send_to_own_buffer(std::uint32_t id, Actor& me) {
  me.time += inside_ns_;
  me.record = produced_;
  me.reserved = me.time - me.begun;
  me.refused = me.record + 1 - me.consumed > capacity_;
  if (me.refused) return finish(id, me);
  me.time += plan_.outside_lock_ns;
  const auto first = first_line(me.record), last = last_line(me.record);
  auto out = std::max(me.time, write_record(id, me, first, me.begun));
  if (last != first) out = std::max(out, write_record(id, me, last, me.begun));
  out = std::max(out, lines_.write(position_, id, me.position_copy, me.begun));
  busy_[me.record & slot_mask_] = 0;
  begun_[me.record & slot_mask_] = me.begun;
  produced_ = me.record + 1;
  wake_consumer_at(position_, out);
  return finish(id, me);
}

bool RingOfLines::finish(std::uint32_t id, Actor& me) {
  ++calls_;
  if (calls_ <= warm_up_) {
    counts_.begun = counts_.ended = me.time;
    moves_before_ = lines_.moves();
  } else {
    ++counts_.calls;
    if (me.refused) {
      ++counts_.refused;
    } else {
      counts_.reserve.push_back(me.reserved);
      counts_.event.push_back(me.time - me.begun);
    }
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
  if (reading_ == end_seen_) {
    wait_at(position_, me);
    return false;
  }
  me.step = Step::see_record;
  return true;
}

bool RingOfLines::see_record(std::uint32_t id, Actor& me) {
  const auto first = first_line(reading_), last = last_line(reading_);
  const auto begun = me.time;
  me.time = read_record(id, me, first, begun);
  if (busy_[reading_ & slot_mask_] != 0) {
    wait_at(record_line(first).line, me);
    return false;
  }
  // Where the record ends is asked for together with where it begins.
  if (last != first) me.time = std::max(me.time, read_record(id, me, last, begun));
  if (found_nothing_ && calls_ > warm_up_) {
    counts_.seen.push_back(me.time - begun_[reading_ & slot_mask_]);
  }
  found_nothing_ = false;
  me.time += plan_.consumer_ns;
  ++reading_;
  if (calls_ > warm_up_) ++counts_.consumed;
  me.step = Step::free;
  return true;
}

// A record behind which it has seen others is one of a row, which was fetched ahead.
double RingOfLines::read_record(std::uint32_t id, Actor& me, std::uint64_t number, double time) {
  auto& [line, latest, was_read] = record_line(number);
  was_read |= latest == number;
  auto& copy = record_copy(me, number);
  const bool in_a_row = reading_ + 1 < end_seen_ && !found_nothing_;
  return in_a_row ? lines_.read_ahead(line, copy, time) : lines_.read(line, id, copy, time);
}

void RingOfLines::wait_at(const CacheLine& line, const Actor& me) {
  consumer_waits_ = &line;
  found_nothing_ = true;
  count_work(me.time);
}

void RingOfLines::count_work(double until) {
  if (calls_ <= warm_up_) return;
  counts_.consumer_busy += std::max(0.0, until - std::max(working_since_, counts_.begun));
}

// --- who waits for a line to be written ---------------------------------------------------------

void RingOfLines::wake(std::uint32_t id, double time, Step step) {
  actors_[id].time = time;
  actors_[id].step = step;
  queue_.push(time, id);
}

void RingOfLines::wake_consumer_at(const CacheLine& line, double written) {
  if (consumer_waits_ != &line) return;
  consumer_waits_ = nullptr;
  const auto& consumer = actors_[producers_];
  const double look = consumer.time + random_.exponential(plan_.consumer_poll_ns);
  working_since_ = std::max(written, look);
  wake(producers_, working_since_, consumer.step);
}

}  // namespace ringbench::planner
