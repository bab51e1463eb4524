/* bench/trial/merge_stage.hpp, MergeStage: begin_poll(), take(), end_poll(), release(), watermark(),
   release_below(), note(); driven as by bench/trial/consumer_loop.hpp, ConsumerLoop::poll(), release().
   One thread has all of it, so how memory is ordered does not matter here. A buffer is a list that keeps its
   records in the order of their reservations and stops at one that is not committed: what ringbuf.pml and
   perfbuf.pml show of a buffer.

   Time goes in ticks. A producer is through LAG ticks after its stamp at the latest. The consumer begins a
   round in each tick and ends it before the next one is over. Then it is enough to WAIT for LAG + 1,
   or by counter, which tells two records of one tick apart, for a tick more.

   Without SEEN: merge = watermark. COUNTER: merge_by = counter. SHARED: two producers in buffer 0. */

#ifdef SEEN
#define LAG 1
#else
#define LAG 0
#endif
#ifdef COUNTER
#define NEEDED (LAG + 2)
#else
#define NEEDED (LAG + 1)
#endif
#ifdef FAULT_SHORT_WAIT
#define WAIT (NEEDED - 1)
#else
#define WAIT NEEDED
#endif
#define BUFFERS 2
#ifdef SHARED
#define PRODUCERS 3
#else
#define PRODUCERS 2
#endif
#define RECORDS(producer) (BUFFER_OF(producer) == 0 && PRODUCERS == 2 -> 2 : 1)
#define BUFFER_OF(producer) ((producer) % BUFFERS)
#if defined(SEEN)
#define LAST_STAMP (5 - PRODUCERS)
#define END (LAST_STAMP + LAG + 2)
#else
#define LAST_STAMP (WAIT + 3) /* so that a first record can go for the stamp of a last one */
#define END (LAST_STAMP + LAG + WAIT + 3)
#endif

byte now = 1, counter = 1, round_began;
#ifdef COUNTER
#define CLOCK counter
#else
#define CLOCK now
#endif

#define SLOTS 2
typedef List {
  /* The buffer, in the order of its reservations. */
  byte key[SLOTS], reserved;
  bool is_committed[SLOTS];
  /* The merge: how many it has taken and released. */
  byte taken_at[SLOTS], taken, released;
  byte seen
};
List lists[BUFFERS];

/* Between stamp and commit. */
bool is_under_way[PRODUCERS];
byte stamped_at[PRODUCERS];

/* What the properties are said in. A record may be late if another with a larger key was reserved before it
   in its own buffer; with SEEN also if it was under way when a poll of its buffer began, or was committed,
   but lay behind one that was not, so that the poll did not come to it. */
bool was_under_way[PRODUCERS];
typedef Fate {
  bool was_committed[SLOTS], may_be_late[SLOTS]
};
Fate fates[BUFFERS];

/* --- time, and the producers ----------------------------------------------------------------------- */

#define IN_TIME(p) (!is_under_way[p] || now < stamped_at[p] + LAG)
#ifdef SHARED
#define ALL_IN_TIME (IN_TIME(0) && IN_TIME(1) && IN_TIME(2))
#else
#define ALL_IN_TIME (IN_TIME(0) && IN_TIME(1))
#endif

active proctype time() {
  do
  :: d_step {
      now < END && now == round_began && ALL_IN_TIME ->
      now++
    }
  :: now == END -> break
  od
}

active [PRODUCERS] proctype producer() {
  byte me = _pid - 1;
  byte key, slot, records;
#define MINE lists[BUFFER_OF(me)]
  do
  :: d_step {
      records < RECORDS(me) && now <= LAST_STAMP ->
      records++;
      is_under_way[me] = true;
      stamped_at[me] = now;
      key = CLOCK;
#ifdef COUNTER
      counter++;
#endif
      printf("producer %d: record %d at %d\n", me, key, now)
    };
    d_step {
      slot = MINE.reserved;
      MINE.key[slot] = key;
      MINE.reserved++;
      fates[BUFFER_OF(me)].may_be_late[slot] = slot > 0 && MINE.key[0] > key
    };
    d_step {
      MINE.is_committed[slot] = true;
      fates[BUFFER_OF(me)].may_be_late[slot] = fates[BUFFER_OF(me)].may_be_late[slot] || was_under_way[me];
      was_under_way[me] = false;
      is_under_way[me] = false;
      stamped_at[me] = 0;
      printf("producer %d: commits %d at %d\n", me, key, now);
      key = 0;
      slot = 0
    }
  :: records == RECORDS(me) || now > LAST_STAMP -> break
  od
}

/* --- the merge ------------------------------------------------------------------------------------- */

byte poll_begin;
byte newest, noted, due, passed; /* newest: one more than the largest key seen */
byte round_key[4], round_at[4], rounds;

inline raise(what, to) {
  if
  :: what < to -> what = to
  :: else
  fi
}

#ifdef SEEN

inline begin_poll(b) {
  d_step {
    poll_begin = CLOCK;
    i = 0;
    do
    :: i < SLOTS ->
      fates[b].was_committed[i] = lists[b].is_committed[i] && i >= lists[b].taken;
      i++
    :: else -> break
    od;
    i = 0;
    do
    :: i < PRODUCERS ->
      was_under_way[i] = was_under_way[i] || (BUFFER_OF(i) == b && is_under_way[i]);
      i++
    :: else -> break
    od;
    i = 0
  }
}

inline end_poll(b) {
  d_step {
#ifdef FAULT_SEEN_AT_THE_END
    poll_begin = CLOCK;
#endif
    raise(lists[b].seen, poll_begin);
    poll_begin = 0;
    i = 0;
    do
    :: i < SLOTS ->
      if
      :: fates[b].was_committed[i] && i >= lists[b].taken ->
#ifdef FIND_MISSED
        assert(false);
#endif
        printf("consumer: does not come to record %d\n", lists[b].key[i]);
        fates[b].may_be_late[i] = true
      :: else
      fi;
      fates[b].was_committed[i] = false;
      i++
    :: else -> break
    od;
    i = 0
  }
}

#else
#define begin_poll(b) skip
#define end_poll(b) skip
#endif

inline take(b) {
#ifdef SEEN
  raise(lists[b].seen, lists[b].key[lists[b].taken] + 1);
#else
  raise(newest, lists[b].key[lists[b].taken] + 1);
#endif
  lists[b].taken_at[lists[b].taken] = now;
  lists[b].taken++
}

/* What is below `bound` is due. */
inline watermark() {
  if
  :: newest != noted ->
    round_key[rounds] = newest;
    round_at[rounds] = now;
    rounds++;
    noted = newest
  :: else
  fi;
#ifndef FAULT_NO_CLOCK
  do
  :: rounds > 0 && now - round_at[0] >= WAIT ->
    due = round_key[0];
    rounds--;
    i = 0;
    do
    :: i < rounds ->
      round_key[i] = round_key[i + 1];
      round_at[i] = round_at[i + 1];
      i++
    :: else -> break
    od;
    round_key[rounds] = 0;
    round_at[rounds] = 0;
    i = 0
  :: else -> break
  od;
#endif
  bound = due;
#ifndef COUNTER
  if
  :: newest > WAIT -> raise(bound, newest - 1 - WAIT)
  :: else
  fi
#endif
}

#define HOLDS(b) (lists[b].released < lists[b].taken)
#define FRONT(b) lists[b].key[lists[b].released]

inline release_below() {
  do
#ifdef FAULT_FIRST_BUFFER_FIRST
  :: HOLDS(0) && FRONT(0) < bound -> let_go(0)
  :: !(HOLDS(0) && FRONT(0) < bound) && HOLDS(1) && FRONT(1) < bound -> let_go(1)
#else
  :: HOLDS(0) && FRONT(0) < bound && (!HOLDS(1) || FRONT(0) <= FRONT(1)) -> let_go(0)
  :: HOLDS(1) && FRONT(1) < bound && (!HOLDS(0) || FRONT(1) < FRONT(0)) -> let_go(1)
#endif
  :: else -> break
  od
}

/* With note(). */
inline let_go(b) {
  printf("consumer: releases record %d at %d\n", FRONT(b), now);
  if
  :: FRONT(b) < passed -> assert(fates[b].may_be_late[lists[b].released])
  :: else
  fi;
  raise(passed, FRONT(b));
  lists[b].taken_at[lists[b].released] = 0;
  lists[b].released++
}

#ifdef SEEN
#define BOUND bound = (lists[0].seen < lists[1].seen -> lists[0].seen : lists[1].seen)
#define HELD_TOO_LONG(b) false
#else
#define BOUND watermark()
#define HELD_TOO_LONG(b) (HOLDS(b) && now - lists[b].taken_at[lists[b].released] > WAIT)
#endif

active proctype consumer() {
  byte buffer, bound, i;
  do
  :: d_step { now > round_began -> round_began = now };
    do
    :: buffer < BUFFERS ->
      begin_poll(buffer);
      do
      :: d_step {
          lists[buffer].taken < SLOTS && lists[buffer].is_committed[lists[buffer].taken] ->
          take(buffer)
        }
      :: else -> break
      od;
      skip;
      end_poll(buffer);
      buffer++
    :: else -> break
    od;
    buffer = 0;
    d_step {
      BOUND;
      release_below();
      assert(!HELD_TOO_LONG(0) && !HELD_TOO_LONG(1));
      bound = 0
    }
  :: round_began == END -> break
  od;
  assert(!HOLDS(0) && !HOLDS(1));
  assert(lists[0].released == lists[0].reserved && lists[1].released == lists[1].reserved)
}
