/* impls/hybrid.hpp over ringbuf: RingSet (impls/ring_set.hpp) with two rings, and a consumer that reads them
   in turn and sleeps on both doorbells when no ring has anything (bench/trial/consumer_loop.hpp,
   ConsumerLoop::poll_round(), idle(); bench/trial/sleeper.cpp). Three producers, of which two share ring 0,
   as mapping = contiguous has it.

   FENCE_OFF: consumer_fence = off. Over perfbuf: perfbuf.pml with PRODUCERS = 2; its rings have nothing
   in common but what is here. */

#define RINGS 2
#define PRODUCERS 3
#define SIZE 6
#define UNLESS_PENDING consumed
#define DEPTH 6

#include "ring.pml"

#define RING_OF(producer) ((producer) / 2)

#ifdef FAULT_ONE_RING_IS_NOT_READ
#define READ 1
#else
#define READ RINGS
#endif

active [PRODUCERS] proctype producer() {
  PRODUCER(_pid - THREADS, 2, false);
  attempt(RING_OF(me))
}

active proctype consumer() {
  CONSUMER_OWN;
  byte ring;
  do
  :: do
    :: ring < READ ->
      consume(ring);
      ring++
    :: else -> break
    od;
    ring = 0;
    do /* all_of: stops at the first that is not ready */
    :: ring < READ ->
      ready_to_wait(ring);
      if
#ifdef FAULT_ANY_RING_IS_ENOUGH
      :: is_ready -> ring = READ
      :: else -> ring++
#else
      :: is_ready -> ring++
      :: else -> break
#endif
      fi
    :: else -> break
    od;
    ring = 0;
    if
    :: is_ready ->
      is_ready = false;
      printf("consumer: sleeps at %d and %d\n", position[0], position[1]);
end:
      if
      :: d_step { drained(CONSUMER) && bell[0] -> bell[0] = false }
#ifndef FAULT_ONE_BELL_IS_NOT_HEARD
      :: d_step { drained(CONSUMER) && bell[1] -> bell[1] = false }
#endif
      fi
    :: else
    fi
  od
}

/* When nobody can do anything any more. */
active proctype at_rest() {
  timeout ->
  assert(memory[LOCK(0)] == 0 && memory[LOCK(1)] == 0);
  assert(delivered[0] == committed[0] && delivered[1] == committed[1] && delivered[2] == committed[2])
}
