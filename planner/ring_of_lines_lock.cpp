// How the CPUs of ring_of_lines.hpp take its lock and leave it: queued, ticket, test and set.
#include <utility>

#include "planner/ring_of_lines.hpp"

namespace ringbench::planner {

void RingOfLines::acquire(std::uint32_t id, Actor& me, double time) {
  holder_ = id;
  me.locked_at = time;
  me.time = time;
  me.step = Step::enter;
}

bool RingOfLines::take_lock(std::uint32_t id, Actor& me) {
  me.time = lines_.write(lock_word_, id, me.lock_copy, me.time);
  if (holder_ == kNobody && head_ == kNobody) {
    acquire(id, me, me.time);
    return true;
  }
  if (plan_.lock != LockKind::queued) {
    waiting(waiting_count_++) = id;
    return false;
  }
  wake_head(me.time);  // whose copy of the lock word is now worthless
  me.next = kNobody;
  me.handed = false;
  if (head_ == kNobody) {
    head_ = tail_ = id;
    me.step = Step::spin;
    return true;
  }
  me.previous = tail_;
  actors_[tail_].next = id;
  tail_ = id;
  me.step = Step::link;
  return true;
}

void RingOfLines::link(std::uint32_t id, Actor& me) {
  me.time = lines_.write(nodes_[me.previous], id, me.next_node_copy, me.time);
  me.waits = !me.handed;
  me.step = Step::woken;
}

// The head of the queue waits at the lock word itself, as in Linux's qspinlock.
bool RingOfLines::spin(std::uint32_t id, Actor& me) {
  me.time = lines_.read(lock_word_, id, me.lock_copy, me.time);
  if (holder_ != kNobody) {
    head_spins_ = true;
    return false;
  }
  // A mere store: it is on its way while the holder goes on.
  lines_.write(lock_word_, id, me.lock_copy, me.time);
  hand_over_head(id, me);
  acquire(id, me, me.time);
  return true;
}

// Stores too, of which the holder does not wait for the end.
void RingOfLines::hand_over_head(std::uint32_t id, Actor& me) {
  head_ = me.next;
  if (head_ == kNobody) {
    tail_ = kNobody;
    return;
  }
  auto& next = actors_[head_];
  const auto linked = lines_.read(nodes_[id], id, me.node_copy, me.time);
  const auto told = lines_.write(nodes_[head_], id, me.next_node_copy, linked);
  next.handed = true;
  if (next.waits) {
    next.waits = false;
    wake(head_, told, Step::woken);
  }
}

bool RingOfLines::unlock(std::uint32_t id, Actor& me) {
  me.time = lines_.write(lock_word_, id, me.lock_copy, me.time);
  holder_ = kNobody;
  if (calls_ >= warm_up_) counts_.held += me.time - me.locked_at;
  if (plan_.lock == LockKind::queued) {
    wake_head(me.time);
  } else if (waiting_count_ > 0) {
    plan_.lock == LockKind::ticket ? all_read_again(me.time) : all_try_again(me.time);
  }
  me.reserved = me.time - me.begun;
  if (me.refused) return finish(id, me);
  me.time += plan_.outside_lock_ns;
  me.step = Step::commit;
  return true;
}

// Ticket: each who waits reads the word again, in whatever order, to see whose turn it is.
void RingOfLines::all_read_again(double time) {
  const auto start = random_.below(waiting_count_);
  const auto winner = waiting(0);
  double turn = time;
  for (std::uint32_t i = 0; i < waiting_count_; ++i) {
    const auto place = start + i < waiting_count_ ? start + i : start + i - waiting_count_;
    const auto id = waiting(place);
    const auto seen = lines_.read(lock_word_, id, actors_[id].lock_copy, time);
    if (id == winner) turn = seen;
  }
  first_waiting_ = first_waiting_ + 1 < producers_ ? first_waiting_ + 1 : 0;
  --waiting_count_;
  acquire(winner, actors_[winner], turn);
  queue_.push(turn, winner);
}

// Test and set: each who waits reads that the word is free and tries to take it; all reads were
// asked for before the first try was, and whoever tries first has it.
void RingOfLines::all_try_again(double time) {
  std::swap(waiting(waiting_count_ - 1), waiting(random_.below(waiting_count_)));
  const auto winner = waiting(waiting_count_ - 1);
  for (std::uint32_t i = waiting_count_; i-- > 0;) {
    lines_.read(lock_word_, waiting(i), actors_[waiting(i)].lock_copy, time);
  }
  double taken = time;
  for (std::uint32_t i = waiting_count_; i-- > 0;) {
    const auto id = waiting(i);
    const auto tried = lines_.write(lock_word_, id, actors_[id].lock_copy, time);
    if (id == winner) taken = tried;
  }
  --waiting_count_;
  acquire(winner, actors_[winner], taken);
  queue_.push(taken, winner);
}

void RingOfLines::wake_head(double time) {
  if (!head_spins_) return;
  head_spins_ = false;
  wake(head_, time, Step::spin);
}

}  // namespace ringbench::planner
