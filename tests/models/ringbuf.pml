/* impls/ringbuf.hpp with overwrite = off: two producers and a consumer that sleeps whenever it may
   (bench/trial/consumer_loop.hpp, ConsumerLoop::idle()), or with POLLS one that always looks.

   RELEASE: commit = release. FENCE_OFF: consumer_fence = off. ALWAYS: notify = always. LEAPS: the
   consumer is no honest one, but moves consumer_pos over records that are busy. */

#define RINGS 1
#define PRODUCERS 2
#define SIZE 6
#ifndef ATTEMPTS
#define ATTEMPTS 2
#endif
#define UNLESS_PENDING consumed

#include "ring.pml"

active [PRODUCERS] proctype producer() {
  PRODUCER(_pid - THREADS, 3 - me, me == 1);
  byte attempts;
  do
  :: attempts < ATTEMPTS ->
    attempts++;
    attempt(0)
  :: else -> break
  od
}

active proctype consumer() {
  CONSUMER_OWN;
#if defined(LEAPS)
end:
  do
  :: d_step {
      memory[PRODUCER_POS(0)] > position[0] ->
      position[0] = memory[PRODUCER_POS(0)];
      store(CONSUMER, CONSUMER_POS(0), position[0])
    }
  od
#else
  do
  :: consume(0);
#ifdef POLLS
end:
    memory[PRODUCER_POS(0)] > position[0] && !(memory[DATA(0, position[0])] & BUSY)
#else
    ready_to_wait(0);
    if
    :: is_ready ->
      is_ready = false;
      printf("consumer: sleeps at %d\n", position[0]);
end:
      d_step { drained(CONSUMER) && bell[0] -> bell[0] = false }
    :: else
    fi
#endif
  od
#endif
}

/* When nobody can do anything any more. */
active proctype at_rest() {
  timeout ->
  assert(memory[LOCK(0)] == 0);
#ifndef LEAPS
  assert(delivered[0] == committed[0] && delivered[1] == committed[1]); /* else a wake-up was lost */
#endif
  assert(memory[CONSUMER_POS(0)] == memory[PRODUCER_POS(0)]);
#ifdef FIND_TWO_ROUNDS
  assert(memory[PRODUCER_POS(0)] + START < 2 * SIZE)
#endif
}
