/* impls/ringbuf.hpp, Ring: what a producer and the consumer do with one ring `r`, for the models that
   include this and define RINGS, PRODUCERS, SIZE and, for a ring that overwrites, OVERWRITE. Each
   inline stands for the function of its name.

   A ring has SIZE words, of which USABLE may be taken. A record is a header, which counts its words,
   and a payload of one or two words, each of which says whose record it is and which. */

#define BUSY 128
#define DISCARDED 64
#define LENGTH 63

/* The places of a ring in memory. */
#define RING_WORDS (SIZE + 4)
#define DATA(r, pos) ((r) * RING_WORDS + ((pos) + START) % SIZE)
#define CONSUMER_POS(r) ((r) * RING_WORDS + SIZE)
#define PRODUCER_POS(r) ((r) * RING_WORDS + SIZE + 1)
#define OVERWRITE_POS(r) ((r) * RING_WORDS + SIZE + 2)
#define LOCK(r) ((r) * RING_WORDS + SIZE + 3)

#define THREADS (PRODUCERS + 1) /* a producer's number is its thread's */
#define CONSUMER PRODUCERS
#define WORDS (RINGS * RING_WORDS)

#ifndef START
#define START (SIZE - 1) /* where position 0 lies: the first record runs over the end */
#endif
#ifdef FAULT_CAPACITY
#define USABLE SIZE
#else
#define USABLE (SIZE - 1)
#endif

#include "tso.pml"

/* Written and read with the lock held alone. Buffers drain in order, so who finds the lock free finds
   what its last holder wrote: no need for it to stand in `memory`. */
byte pending_pos[RINGS];

bool bell[RINGS]; /* the eventfd, as an edge-triggered epoll sees it */

byte position[RINGS]; /* consumer_pos, as the consumer knows it */

/* What the properties are said in; no part of a ring. */
byte owner[WORDS]; /* of a word: 1 + the producer whose reservation it belongs to, until the commit */
byte committed[PRODUCERS], delivered[PRODUCERS];

/* A word of payload. Those of producer 0 look like busy headers, where they are taken for one. */
#define RECORD(me) (((me) + 1) * 16 + committed[me] + ((me) == 0 -> BUSY : 0))
#define WHOSE(word) (((word) & ~BUSY) / 16 - 1)
#define WHICH(word) ((word) % 16)

inline set_owner(r, from, words, who) {
  nth = 0;
  do
  :: nth < words ->
    assert(owner[DATA(r, from + nth)] == 0 || (who) == 0); /* reservations do not overlap */
    owner[DATA(r, from + nth)] = who;
    nth++
  :: else -> break
  od
}

/* --- a producer ----------------------------------------------------------------------------------- */

/* `words`: of each of its records. */
#define PRODUCER(number, length, discarding) \
  byte me = number; \
  byte words = length; \
  bool may_discard = discarding; \
  byte pos, header, consumed; \
  bool is_held, is_refused, discards, notifies

/* The lock is taken by a locked instruction and left by a plain store, as TtasLock does it. The others
   leave it by a locked instruction, or by a store to the node of the next in the queue: no weaker. */
inline take_lock(r) {
#ifndef FAULT_NO_LOCK
  drained(me) && memory[LOCK(r)] == 0 -> memory[LOCK(r)] = 1;
#else
  drained(me) ->
#endif
}

/* One header in each step. */
inline advance_pending(r) {
  do
  :: d_step {
      pending_pos[r] < pos && !is_held ->
      load(me, header, DATA(r, pending_pos[r]));
      if
      :: header & BUSY -> is_held = true
      :: else -> pending_pos[r] = pending_pos[r] + (header & LENGTH)
      fi;
      header = 0
    }
  :: else -> break
  od;
  skip /* no loop may end at a d_step */
}

#if defined(FAULT_NO_PENDING)
#define OLDEST(r) UNLESS_PENDING
#elif defined(OVERWRITE)
#define OLDEST(r) pending_pos[r]
#else
#define OLDEST(r) (consumed < pending_pos[r] -> consumed : pending_pos[r])
#endif

/* With what the producer stores into its payload, which nobody can see apart from it. */
inline reserve(r) {
  d_step { load(me, consumed, CONSUMER_POS(r)) };
  d_step {
    take_lock(r);
    load(me, pos, PRODUCER_POS(r))
  };
  advance_pending(r);
  d_step {
    is_held = false;
    if
    :: pos + words - OLDEST(r) > USABLE ->
      store(me, LOCK(r), 0);
      is_refused = true;
      printf("producer %d: refused at %d\n", me, pos)
    :: else ->
      printf("producer %d: reserves %d\n", me, pos);
      set_owner(r, pos, words, 1 + me);
#if defined(OVERWRITE)
      give_way(r);
#elif !defined(LEAPS)
      assert(consumed <= pending_pos[r] && pending_pos[r] <= pos);
      assert(pos + words <= position[r] + SIZE - 1);
#endif
#ifdef FAULT_POSITION_FIRST
      store(me, PRODUCER_POS(r), pos + words);
#endif
      store(me, DATA(r, pos), words | BUSY);
#ifdef FAULT_UNLOCK_FIRST
      store(me, LOCK(r), 0);
#endif
#ifndef FAULT_POSITION_FIRST
      store(me, PRODUCER_POS(r), pos + words);
#endif
#ifndef FAULT_UNLOCK_FIRST
      store(me, LOCK(r), 0);
#endif
#ifdef FAULT_COMMIT_FIRST
      store(me, DATA(r, pos), words);
#endif
      store(me, DATA(r, pos + 1), RECORD(me));
      if
      :: words > 2 -> store(me, DATA(r, pos + 2), RECORD(me))
      :: else
      fi
#ifdef FAULT_LATE_GIVING_WAY
      ; store(me, OVERWRITE_POS(r), overwrite_pos)
#endif
    fi;
    consumed = 0
  }
}

/* publish(): a commit or a discard. The step after it tells whether the consumer is to be woken. */
inline make_visible(r) {
  d_step {
#ifdef RELEASE
    store(me, DATA(r, pos), words | (discards -> DISCARDED : 0));
#else
    drained(me) -> memory[DATA(r, pos)] = words | (discards -> DISCARDED : 0);
#endif
    set_owner(r, pos, words, 0);
    if
    :: discards
    :: else -> committed[me]++
    fi;
    printf("producer %d: commits %d\n", me, pos)
  }
}

inline look_at_consumer(r) {
  d_step {
    load(me, consumed, CONSUMER_POS(r));
#ifdef ALWAYS
    notifies = true;
#else
    notifies = (consumed % SIZE == pos % SIZE);
#endif
    printf("producer %d: sees consumer_pos %d\n", me, consumed);
    consumed = 0
  }
}

/* Doorbell::ring(): a system call, which takes a lock. */
inline ring_bell(r) {
  d_step {
#ifndef FAULT_BELL_IS_NO_BARRIER
    drained(me) ->
#endif
    bell[r] = true
  }
}

inline publish(r) {
#ifdef FAULT_EARLY_LOOK_AT_CONSUMER
  look_at_consumer(r);
  make_visible(r);
#else
  make_visible(r);
  look_at_consumer(r);
#endif
  if
  :: notifies -> ring_bell(r)
  :: else
  fi
}

/* One attempt: reserve, and commit or discard what that gave. */
inline attempt(r) {
  reserve(r);
  if
  :: is_refused
  :: else ->
    if
    :: may_discard -> discards = true
    :: true
    fi;
    publish(r)
  fi;
  pos = 0;
  is_refused = false;
  discards = false;
  notifies = false
}


/* --- the consumer --------------------------------------------------------------------------------- */

#define CONSUMER_OWN byte end_, header, word, first, seen; bool is_busy, is_torn, is_ready

/* Every committed record of each producer once and in its order, but for what was overwritten. */
inline deliver() {
  assert(!is_torn);
  assert(first >= 16 && WHOSE(first) < PRODUCERS && WHICH(first) < committed[WHOSE(first)]);
#ifdef OVERWRITE
  assert(WHICH(first) >= delivered[WHOSE(first)]);
  assert(WHICH(first) <= delivered[WHOSE(first)] || WHICH(first) <= gone[WHOSE(first)]);
#else
  assert(WHICH(first) == delivered[WHOSE(first)]);
#endif
  printf("consumer: has record %d of producer %d\n", WHICH(first), WHOSE(first));
  delivered[WHOSE(first)] = WHICH(first) + 1
}

/* A word in each step. */
inline read_payload(r, at) {
  do
  :: d_step {
      seen < header - 1 ->
      seen++;
      load(CONSUMER, word, DATA(r, at + seen));
      is_torn = is_torn || (first != 0 && first != word);
      first = word;
      word = 0
    }
  :: else -> break
  od
}

/* Until it meets a busy record or the end. */
inline consume(r) {
  do
  :: d_step {
#ifndef FAULT_HEADER_FIRST
      load(CONSUMER, end_, PRODUCER_POS(r))
    };
#else
      load(CONSUMER, header, DATA(r, position[r]))
    };
    d_step { load(CONSUMER, end_, PRODUCER_POS(r)) };
#endif
    if
    :: position[r] >= end_ || is_busy -> break
    :: else
    fi;
    do
    :: position[r] < end_ && !is_busy -> consume_one(r)
    :: else -> break
    od
  od;
  is_busy = false;
  end_ = 0;
  header = 0
}

inline consume_one(r) {
#ifndef FAULT_HEADER_FIRST
  d_step { load(CONSUMER, header, DATA(r, position[r])) };
#endif
  if
  :: header & BUSY -> is_busy = true
  :: else ->
    assert((header & LENGTH) == 2 || (header & LENGTH) == 3); /* a header that was written */
#ifdef FAULT_FREE_FIRST
    d_step { store(CONSUMER, CONSUMER_POS(r), position[r] + (header & LENGTH)) };
#endif
    if
    :: header & DISCARDED
    :: else -> read_payload(r, position[r])
    fi;
    skip;
    d_step {
      if
      :: header & DISCARDED
      :: else -> deliver()
      fi;
      position[r] = position[r] + (header & LENGTH);
      store(CONSUMER, CONSUMER_POS(r), position[r]);
      first = 0;
      seen = 0;
      header = 0
    }
  fi
}

/* Sets is_ready. */
inline ready_to_wait(r) {
#ifdef FAULT_NO_LAST_LOOK
  is_ready = true
#else
  d_step { store(CONSUMER, CONSUMER_POS(r), position[r]) };
#ifndef FENCE_OFF
  drained(CONSUMER);
#endif
  d_step { load(CONSUMER, end_, PRODUCER_POS(r)) };
  if
  :: position[r] >= end_ -> is_ready = true
  :: else ->
    d_step {
      load(CONSUMER, header, DATA(r, position[r]));
      is_ready = (header & BUSY) != 0;
      header = 0
    }
  fi;
  end_ = 0
#endif
}
