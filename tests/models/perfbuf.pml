/* impls/perfbuf.hpp with overwrite = off: one producer, or with PRODUCERS = 2 those that share a buffer of
   impls/hybrid.hpp and hold its lock from reserve to commit. Stands for Buffer: reserve(), may_write(),
   write_lost(), publish(), retract(), crossed_watermark(), consume(), deliver(), ready_to_wait(). The
   consumer sleeps whenever it may.

   Every event that is not discarded has a number, in the order in which the buffer meets them, and a
   sample says its own; so a LOST record has to stand exactly where events are missing.

   Without WATERMARK: notify = always. */

#ifndef PRODUCERS
#define PRODUCERS 1
#endif
#define SIZE 6
#if PRODUCERS > 1
#define ATTEMPTS 3
#else
#define ATTEMPTS 6
#define DEPTH 22 /* between two discarded records there is no fence */
#endif
#ifdef FAULT_CAPACITY
#define USABLE SIZE
#else
#define USABLE (SIZE - 1)
#endif

#define THREADS (PRODUCERS + 1)
#define CONSUMER PRODUCERS
#define WORDS (SIZE + 3)
#define DATA(pos) (((pos) + SIZE - 1) % SIZE) /* the first record runs over the end */
#define DATA_HEAD SIZE
#define DATA_TAIL (SIZE + 1)
#define LOCK (SIZE + 2)

/* A header counts the words of its record. A LOST record is two: header and count. */
#define LOST 64
#define LENGTH 63

#include "tso.pml"

/* The writers' own: of one thread, or read and written with the lock held, which hands them over. */
byte head, lost, woken_at;

bool bell;
byte tail; /* data_tail, as the consumer knows it */

/* What the properties are said in. */
byte events, unpublished; /* numbered so far; lost ones of LOST records that are not published yet */
byte expected;            /* number of the next event that the consumer has not heard of */

/* --- a producer ----------------------------------------------------------------------------------- */

inline lock() {
#if PRODUCERS > 1
  d_step { drained(me) && memory[LOCK] == 0 -> memory[LOCK] = 1 }
#else
  skip
#endif
}

/* Within a d_step. */
inline unlock() {
#if PRODUCERS > 1
  store(me, LOCK, 0)
#else
  skip
#endif
}

inline write_lost() {
  store(me, DATA(head), 2 | LOST);
  store(me, DATA(head + 1), lost);
  head = head + 2;
  unpublished = unpublished + lost;
#ifndef FAULT_COUNT_KEPT
  lost = 0
#endif
}

#ifdef FAULT_NO_ROOM_FOR_LOST
#define NEEDED words
#else
#define NEEDED (words + (lost != 0 -> 2 : 0))
#endif

/* Of its producer, which nobody can see apart from what reserve() stores. */
inline write_payload(at) {
  store(me, DATA(at + 1), events);
  if
  :: words > 2 -> store(me, DATA(at + 2), events)
  :: else
  fi
}

inline reserve() {
  lock();
  d_step {
    load(me, freed, DATA_TAIL);
    if
    :: NEEDED > USABLE - (head - freed) ->
      lost++;
      events++;
      is_refused = true;
      printf("producer %d: refused at %d\n", me, head);
      unlock()
    :: else ->
      if
      :: lost != 0 -> write_lost()
      :: else
      fi;
      printf("producer %d: reserves %d\n", me, head);
      assert(head + words <= tail + SIZE - 1);
      store(me, DATA(head), words);
#ifndef FAULT_HEAD_FIRST
      write_payload(head);
#endif
      head = head + words
#ifdef FAULT_UNLOCK_FIRST
      ; unlock()
#endif
    fi;
    freed = 0
  }
}

/* Also whether to notify: crossed_watermark(). */
inline publish() {
  d_step {
    store(me, DATA_HEAD, head);
#ifdef FAULT_HEAD_FIRST
    write_payload(head - words);
#endif
    events++;
    unpublished = 0;
    printf("producer %d: publishes up to %d\n", me, head);
#ifdef WATERMARK
    notifies = head - woken_at > WATERMARK;
    woken_at = woken_at + (notifies -> WATERMARK : 0);
#else
    notifies = true;
#endif
#ifndef FAULT_UNLOCK_FIRST
    unlock()
#endif
  }
}

/* Doorbell::ring(): a system call, which takes a lock. */
inline ring_bell() {
  d_step {
#ifndef FAULT_BELL_IS_NO_BARRIER
    drained(me) ->
#endif
    bell = true
  }
}

inline retract() {
  d_step {
    head = head - words;
#ifdef FAULT_LOST_RETRACTED
    head = head - (unpublished != 0 -> 2 : 0);
#endif
    printf("producer %d: discards, back to %d\n", me, head);
    unlock()
  }
}

active [PRODUCERS] proctype producer() {
  byte me = _pid - THREADS;
  byte words, attempts, freed;
  bool is_refused, notifies;
  do
  :: attempts < ATTEMPTS ->
    attempts++;
    words = 2 + (me + attempts) % 2;
    reserve();
    if
    :: is_refused
    :: !is_refused -> retract()
    :: !is_refused ->
#ifdef FAULT_BELL_FIRST
      bell = true;
#endif
      publish();
      if
#ifndef FAULT_BELL_FIRST
      :: notifies -> ring_bell()
#endif
      :: else
      fi
    fi;
    is_refused = false;
    notifies = false
  :: else -> break
  od
}

/* --- the consumer --------------------------------------------------------------------------------- */

/* From the tail to the head read on entry; frees all of it at the end. */
inline consume() {
  d_step { load(CONSUMER, end_, DATA_HEAD) };
#ifdef FAULT_TAIL_FIRST
  d_step { store(CONSUMER, DATA_TAIL, end_) };
#endif
  at = tail;
  do
  :: at != end_ ->
    d_step {
      load(CONSUMER, header, DATA(at));
      assert(header == (2 | LOST) || header == 2 || header == 3)
    };
    d_step {
      load(CONSUMER, word, DATA(at + 1));
      if
      :: header & LOST ->
        printf("consumer: hears of %d lost\n", word);
        expected = expected + word
      :: header == 2 -> deliver()
      :: else
      fi
    };
    if
    :: header == 3 ->
      d_step {
        load(CONSUMER, other, DATA(at + 2));
        assert(other == word); /* half-written */
        other = 0;
        deliver()
      }
    :: else
    fi;
    word = 0;
    at = at + (header & LENGTH);
    header = 0
  :: else -> break
  od;
  skip;
  d_step {
    tail = end_;
    store(CONSUMER, DATA_TAIL, tail);
    end_ = 0;
    at = 0
  }
}

inline deliver() {
  printf("consumer: has sample %d\n", word);
  assert(word == expected);
  expected++
}

/* Sets is_ready. */
inline ready_to_wait() {
#if defined(WATERMARK) || defined(FAULT_NO_LAST_LOOK)
  is_ready = true
#else
  d_step {
    load(CONSUMER, end_, DATA_HEAD);
    is_ready = end_ == tail;
    end_ = 0
  }
#endif
}

active proctype consumer() {
  byte end_, at, header, word, other;
  bool is_ready;
  do
  :: consume();
    ready_to_wait();
    if
    :: is_ready ->
      is_ready = false;
      printf("consumer: sleeps at %d\n", tail);
end:
      d_step { drained(CONSUMER) && bell -> bell = false }
    :: else
    fi
  od
}

/* When nobody can do anything any more. */
active proctype at_rest() {
  timeout ->
  assert(memory[LOCK] == 0);
#ifdef WATERMARK
  assert(memory[DATA_HEAD] - tail <= WATERMARK); /* what it sleeps over */
#else
  assert(tail == memory[DATA_HEAD]); /* else a wake-up was lost */
  assert(expected + unpublished + lost == events);
#endif
#ifdef FIND_TWO_ROUNDS
  assert(memory[DATA_HEAD] + SIZE - 1 < 2 * SIZE)
#endif
}
