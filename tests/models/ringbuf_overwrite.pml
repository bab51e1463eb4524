/* impls/ringbuf.hpp with overwrite = on: two producers that never wait for the consumer, but give up the
   oldest records, and a consumer that may find its record taken away while it reads it. It sleeps
   whenever it may, or with POLLS always looks. */

#define RINGS 1
#define PRODUCERS 2
#define SIZE 6
#ifndef ATTEMPTS
#define ATTEMPTS 2
#endif
#define OVERWRITE
#define UNLESS_PENDING pos

#include "ring.pml"

/* Written with the lock held; the consumer reads it in `memory`. */
byte overwrite_pos;

/* By producer: all up to this one were given up. By all: how many were. */
byte gone[PRODUCERS], passed;

/* In the step of reserve() that follows the check. No record below pending_pos is written any more, so
   it does not matter that these loads are one step. */
inline give_way(r) {
  do
  :: pos + words - overwrite_pos > USABLE ->
    load(me, header, DATA(r, overwrite_pos));
    assert(!(header & BUSY));
    if
    :: header & DISCARDED
    :: else ->
      load(me, record, DATA(r, overwrite_pos + 1));
      gone[WHOSE(record)] = WHICH(record) + 1;
      passed++
    fi;
    printf("producer %d: gives up %d\n", me, overwrite_pos);
    overwrite_pos = overwrite_pos + (header & LENGTH)
  :: else -> break
  od;
  assert(pos + words <= overwrite_pos + SIZE - 1);
  header = 0;
  record = 0;
#ifndef FAULT_LATE_GIVING_WAY
  store(me, OVERWRITE_POS(r), overwrite_pos)
#endif
}

active [PRODUCERS] proctype producer() {
  PRODUCER(_pid - THREADS, 3 - me, me == 1);
  byte attempts, record;
  do
  :: attempts < ATTEMPTS ->
    attempts++;
    attempt(0)
  :: else -> break
  od
}

/* A look at overwrite_pos: where the consumer stands, past records that are gone. */
inline skip_overwritten() {
  d_step {
    load(CONSUMER, at, OVERWRITE_POS(0));
    at = (position[0] > at -> position[0] : at)
  }
}

/* Another look: whether the record is gone. */
inline look_again() {
  d_step {
    load(CONSUMER, word, OVERWRITE_POS(0));
    is_overtaken = word > at;
    word = 0
  }
}

inline consume_overwriting() {
  do
  :: d_step { load(CONSUMER, end_, PRODUCER_POS(0)) };
    skip_overwritten();
    if
    :: at >= end_ || is_busy -> break
    :: else
    fi;
    do
    :: at < end_ && !is_busy ->
      consume_one_overwriting();
      skip_overwritten()
    :: else -> break
    od
  od;
  is_busy = false;
  end_ = 0
}

inline consume_one_overwriting() {
  d_step { load(CONSUMER, header, DATA(0, at)) };
#ifndef FAULT_NO_LOOK_AFTER_HEADER
  look_again();
#endif
  if
  :: is_overtaken
  :: !is_overtaken && (header & BUSY) -> is_busy = true
  :: else ->
    assert((header & LENGTH) == 2 || (header & LENGTH) == 3);
    if
    :: header & DISCARDED
    :: else ->
      read_payload(0, at);
#ifndef FAULT_NO_LOOK_AFTER_PAYLOAD
      look_again()
#else
      skip
#endif
    fi;
    d_step {
      if
      :: is_overtaken
      :: else ->
        if
        :: header & DISCARDED
        :: else -> deliver()
        fi;
        position[0] = at + (header & LENGTH);
        store(CONSUMER, CONSUMER_POS(0), position[0])
      fi;
      first = 0;
      is_torn = false;
      seen = 0
    }
  fi;
  header = 0;
  is_overtaken = false
}

inline ready_to_wait_overwriting() {
  skip_overwritten();
  d_step {
    position[0] = at;
    store(CONSUMER, CONSUMER_POS(0), at)
  };
#ifndef FENCE_OFF
  drained(CONSUMER);
#endif
  d_step { load(CONSUMER, end_, PRODUCER_POS(0)) };
  d_step {
    load(CONSUMER, header, DATA(0, at));
    is_ready = at >= end_ || (header & BUSY);
    header = 0;
    end_ = 0
  };
#ifndef FAULT_NO_LOOK_BEFORE_SLEEP
  look_again();
  is_ready = is_ready && !is_overtaken;
  is_overtaken = false
#endif
}

active proctype consumer() {
  CONSUMER_OWN;
  byte at;
  bool is_overtaken;
  do
  :: consume_overwriting();
#ifdef POLLS
end:
    memory[PRODUCER_POS(0)] > at &&
      (memory[OVERWRITE_POS(0)] > at || !(memory[DATA(0, at)] & BUSY))
#else
    ready_to_wait_overwriting();
    if
    :: is_ready ->
      is_ready = false;
      printf("consumer: sleeps at %d\n", at);
end:
      d_step { drained(CONSUMER) && bell[0] -> bell[0] = false }
    :: else
    fi
#endif
  od
}

/* When nobody can do anything any more. */
active proctype at_rest() {
  timeout ->
  assert(memory[LOCK(0)] == 0);
  assert(position[0] == memory[PRODUCER_POS(0)]); /* else a wake-up was lost */
#ifdef FIND_OVERWRITTEN
  assert(passed < 2)
#endif
}
