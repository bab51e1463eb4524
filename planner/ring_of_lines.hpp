// The ring of line_simulation.hpp at work: its cache lines, and what each CPU does next.
#pragma once

#include <cmath>
#include <cstdint>
#include <vector>

#include "planner/actor_queue.hpp"
#include "planner/cache_line.hpp"
#include "planner/line_simulation.hpp"
#include "planner/split_mix.hpp"

namespace ringbench::planner {

// SplitMix64: small, and the same on every machine.
class LineRandom {
 public:
  explicit LineRandom(std::uint64_t seed) : state_(seed) {}

  std::uint64_t bits() {
    state_ += kSplitMixStep;
    return split_mix(state_);
  }
  std::uint32_t below(std::uint32_t n) {
    return static_cast<std::uint32_t>(((bits() >> 32) * n) >> 32);
  }
  double exponential(double mean) {
    return -mean * std::log((static_cast<double>(bits() >> 11) + 0.5) * 0x1p-53);
  }

 private:
  std::uint64_t state_;
};

// What was seen of the calls after the warm-up.
struct LineCounts {
  double begun = 0, ended = 0;  // ns
  double held = 0;              // ns that the lock was
  std::uint64_t calls = 0, refused = 0;
  std::uint64_t moves = 0;
  std::vector<double> reserve, event;  // ns of each that was given a record
  std::vector<double>
      seen;  // ns from such a call's beginning, of those that the consumer waited for
  double consumer_busy = 0;  // ns, over `consumed` records
  std::uint64_t consumed = 0;
};

// Every step of an actor is one access to one line, at its time. So that accesses come in the order
// of their times, only the actor whose time is the earliest takes a step.
class RingOfLines {
 public:
  RingOfLines(const LinePlan& plan, std::uint64_t seed);

  LineCounts run();
  std::uint64_t accesses() const { return lines_.accesses(); }

 private:
  enum class Step : std::uint8_t {
    // a producer's
    call,     // reads the consumer position
    take,     // reads and writes the lock word at once; a perf buffer has none
    link,     // queued: tells the one before it in the queue, then waits at its own node
    woken,    // reads its node: it is at the head of the queue
    spin,     // reads the lock word until that is free, and takes it
    enter,    // holds the lock; reads the producer position
    pending,  // reads headers from the oldest that was busy, until it meets a busy one
    move_on,  // refused: writes where it came to, beside the producer position
    header,   // writes its record's header, busy
    publish,  // writes the producer position, and where it came to
    unlock,   // writes the lock word
    commit,   // fills the record, exchanges its header
    look,     // reads the consumer position: is the consumer waiting for this record?
    // the consumer's
    see_end,     // reads the producer position
    see_record,  // reads the next header
    free,        // writes the consumer position, in time a part of its work on the record
  };

  static constexpr std::uint32_t kNobody = ~0U;

  struct Actor {
    double time = 0;
    double begun = 0;     // its call
    double reserved = 0;  // ns that the call took
    double locked_at = 0;
    std::uint64_t consumed = 0;  // as far as it knows
    std::uint64_t record = 0;
    Step step = Step::call;
    bool waits = false;   // at its queue node, for whoever is before it
    bool handed = false;  // it is at the head of the queue
    bool refused = false;
    bool moved_on = false;             // pending_ has, in its hands
    std::uint32_t next = kNobody;      // behind it in the queue
    std::uint32_t previous = kNobody;  // before it
    // Versions of the lines that it has a copy of.
    std::uint32_t lock_copy = 0, position_copy = 0, consumer_copy = 0, node_copy = 0,
                  next_node_copy = 0;
    std::uint32_t record_copy = 0;    // of the line of records that it looked at last, ...
    std::uint64_t record_line = ~0U;  // ... which has this number
  };

  // A line of the ring's records: of those that had it, the latest in the endless row of lines.
  struct RecordLine {
    CacheLine line;
    std::uint64_t number = ~std::uint64_t{0};
    bool was_read = false;  // by the consumer, since it has this number
  };

  // Takes the actor's next step; false: it now waits until it is woken.
  bool take_step(std::uint32_t id);
  bool take_lock(std::uint32_t id, Actor& me);
  bool spin(std::uint32_t id, Actor& me);
  void hand_over_head(std::uint32_t id, Actor& me);
  void link(std::uint32_t id, Actor& me);
  void enter(std::uint32_t id, Actor& me);
  void look_at_pending(std::uint32_t id, Actor& me);
  bool send_to_own_buffer(std::uint32_t id, Actor& me);
  void check_space(Actor& me);
  bool unlock(std::uint32_t id, Actor& me);
  void all_read_again(double time);
  void all_try_again(double time);
  void commit(std::uint32_t id, Actor& me);
  bool finish(std::uint32_t id, Actor& me);
  bool see_end(std::uint32_t id, Actor& me);
  bool see_record(std::uint32_t id, Actor& me);

  void acquire(std::uint32_t id, Actor& me, double time);
  void wake(std::uint32_t id, double time, Step step);
  void wake_head(double time);
  void wait_at(const CacheLine& line, const Actor& me);
  void count_work(double until);  // of the consumer
  void wake_consumer_at(const CacheLine& line, double written);

  // Of the line in which a record begins, and of the one in which it ends.
  std::uint64_t first_line(std::uint64_t record) const { return record * record_bytes_ / 64; }
  std::uint64_t last_line(std::uint64_t record) const {
    return ((record + 1) * record_bytes_ - 1) / 64;
  }
  RecordLine& record_line(std::uint64_t number) { return record_lines_[number & line_mask_]; }
  static std::uint32_t& record_copy(Actor& me, std::uint64_t number) {
    if (me.record_line != number) {
      me.record_line = number;
      me.record_copy = 0;
    }
    return me.record_copy;
  }
  double write_record(std::uint32_t id, Actor& me, std::uint64_t number, double time);
  double read_record(std::uint32_t id, Actor& me, std::uint64_t number, double time);
  void fill(std::uint32_t id, Actor& me);
  void write_header(std::uint32_t id, Actor& me, bool busy);

  const LinePlan& plan_;
  LineRandom random_;
  CacheLines lines_;
  std::uint32_t producers_;
  std::uint64_t capacity_;
  std::uint64_t slot_mask_;
  std::uint64_t line_mask_ = 0;
  std::uint64_t record_bytes_;
  double inside_ns_;

  CacheLine lock_word_, position_, consumer_position_;
  std::vector<CacheLine> nodes_;  // of each producer
  std::vector<RecordLine> record_lines_;
  std::vector<std::uint8_t> busy_;  // each record's flag
  std::vector<double> begun_;       // when its call began
  std::uint64_t produced_ = 0, pending_ = 0, consumed_ = 0;
  std::uint64_t reading_ = 0;   // the consumer's next record; what it has freed is `consumed_`
  std::uint64_t end_seen_ = 0;  // by the consumer
  bool found_nothing_ = false;  // it waited for the record that it reads next
  double working_since_ = 0;

  std::uint32_t holder_ = kNobody;
  std::uint32_t head_ = kNobody, tail_ = kNobody;  // of the queue
  bool head_spins_ = false;
  const CacheLine* consumer_waits_ = nullptr;

  // Ticket and test-and-set: who waits at the lock word, from `first_waiting_` on, in a circle.
  std::vector<std::uint32_t> waiting_;
  std::uint32_t first_waiting_ = 0, waiting_count_ = 0;
  std::uint32_t& waiting(std::uint32_t place) {
    const auto at = first_waiting_ + place;
    return waiting_[at < producers_ ? at : at - producers_];
  }

  std::vector<Actor> actors_;  // the producers, then the consumer
  ActorQueue queue_;           // those at work
  ActorQueue sleepers_;        // those between two calls, of whom there may be many

  LineCounts counts_;
  std::uint64_t warm_up_, calls_ = 0, all_calls_;
  std::uint64_t moves_before_ = 0;
};

}  // namespace ringbench::planner
