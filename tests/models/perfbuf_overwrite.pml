/* impls/perfbuf.hpp with overwrite = on: the head moves down, no tail is looked at, and the consumer pauses
   the writer to read from the head upwards. One producer; several that share a buffer hold its lock over
   all that one does here. Stands for Buffer: reserve(), may_write(), claim(), publish(), retract(),
   release(), read_snapshot(), find_new_records().

   A place is said by the words that had been written when it became the head: 5 lies at the address -5. */

#define THREADS 2
#define ME 0
#define CONSUMER 1
#define SIZE 6
#define ATTEMPTS 5
#define POLLS 3
#define WORDS (SIZE + 3)
#define DATA(place, nth_word) ((20 * SIZE - (place) + (nth_word)) % SIZE)
#define DATA_HEAD SIZE
#define WRITING (SIZE + 1)
#define PAUSED (SIZE + 2)
#ifndef DEPTH
#define DEPTH 10
#endif

#define DISCARDED 64
#define LENGTH 63

#include "tso.pml"

byte head;     /* the producer's own */
byte tail;     /* data_tail: the newest place that was read */
bool has_stopped;

/* What the properties are said in: samples so far, where the word behind each lies, the next to be read. */
byte published, behind[ATTEMPTS], expected;
#define GONE(sample) (head - behind[sample] > SIZE) /* overwritten */

/* --- the producer --------------------------------------------------------------------------------- */

/* Of the two exchanges, here and in read_snapshot(), one sees the other. */
inline may_write() {
  d_step {
#ifdef FAULT_WRITING_IS_A_STORE
    store(ME, WRITING, 1)
#else
    drained(ME) -> memory[WRITING] = 1
#endif
  };
  d_step {
    load(ME, is_paused, PAUSED);
    if
    :: is_paused ->
      printf("producer: is refused, for the buffer is paused\n");
      store(ME, WRITING, 0)
    :: else
    fi
  }
}

/* With what the producer stores into its payload. */
inline reserve() {
  d_step {
    head = head + words;
    printf("producer: writes %d\n", head);
    store(ME, DATA(head, 0), words);
    store(ME, DATA(head, 1), published);
    if
    :: words > 2 -> store(ME, DATA(head, 2), published)
    :: else
    fi
  }
}

/* publish(), or retract() where it discards. Both end in release(). */
inline publish() {
  d_step {
    if
    :: discards -> store(ME, DATA(head, 0), words | DISCARDED)
    :: else ->
      behind[published] = head - words;
      published++
    fi;
#ifdef FAULT_RELEASE_FIRST
    store(ME, WRITING, 0);
#endif
    store(ME, DATA_HEAD, head);
#ifndef FAULT_RELEASE_FIRST
    store(ME, WRITING, 0);
#endif
    printf("producer: publishes %d\n", head)
  }
}

active proctype producer() {
  byte attempts, words;
  bool is_paused, discards;
  do
  :: attempts < ATTEMPTS ->
    attempts++;
    words = 2 + attempts % 2;
    may_write();
    if
    :: is_paused
    :: else ->
      reserve();
      if
      :: discards = true
      :: discards = false
      fi;
      publish()
    fi;
    is_paused = false;
    discards = false
  :: else -> break
  od;
  drained(ME);
  has_stopped = true
}

/* --- the consumer --------------------------------------------------------------------------------- */

inline read_snapshot() {
  d_step {
#ifdef FAULT_PAUSE_IS_A_STORE
    store(CONSUMER, PAUSED, 1)
#else
    drained(CONSUMER) -> memory[PAUSED] = 1
#endif
  };
  d_step { load(CONSUMER, is_writing, WRITING) };
#ifdef FAULT_RESUME_FIRST
  d_step { store(CONSUMER, PAUSED, 0) };
#endif
  if
  :: is_writing -> printf("consumer: gives up, for somebody writes\n")
  :: else ->
    d_step { load(CONSUMER, newest, DATA_HEAD) };
    find_new_records();
    do
    :: found > 0 ->
      found--;
      deliver(records[found]);
      tail = records[found];
      records[found] = 0
    :: else -> break
    od;
    newest = 0
  fi;
  is_writing = false;
#ifndef FAULT_RESUME_FIRST
  d_step { store(CONSUMER, PAUSED, 0) }
#endif
}

#ifdef FAULT_TORN_OLDEST
#define KEPT (SIZE + 1)
#else
#define KEPT SIZE
#endif

/* Newest first, a header in each step. The oldest may be half overwritten. */
inline find_new_records() {
  at = newest;
  do
  :: at != tail ->
    d_step { load(CONSUMER, header, DATA(at, 0)) };
    header = header & LENGTH;
    assert(header == 2 || header == 3);
    if
    :: newest - (at - header) > KEPT -> break
    :: else ->
      records[found] = at;
      found++;
      at = at - header
    fi
  :: else -> break
  od;
  at = 0;
  header = 0
}

inline deliver(place) {
  d_step { load(CONSUMER, header, DATA(place, 0)) };
  if
  :: header & DISCARDED
  :: else ->
    d_step { load(CONSUMER, word, DATA(place, 1)) };
    d_step {
      if
      :: header == 3 ->
        load(CONSUMER, other, DATA(place, 2));
        assert(other == word);
        other = 0
      :: else
      fi;
      printf("consumer: has sample %d\n", word);
      assert(word >= expected && word < published);
      assert(word == expected || GONE(word - 1));
      expected = word + 1;
      word = 0
    }
  fi;
  header = 0
}

active proctype consumer() {
  byte polls, newest, at, header, word, other, found;
  byte records[SIZE / 2];
  bool is_writing;
  do
  :: polls < POLLS ->
    polls++;
    if
    :: polls == POLLS -> has_stopped
    :: else
    fi;
    read_snapshot()
  :: else -> break
  od;
  assert(expected == published || GONE(published - 1));
#ifdef FIND_TWO_ROUNDS
  assert(head < 2 * SIZE)
#endif
}
