/* What a BPF program and the process that loaded it know of each other. C and C++ read this. */
#pragma once

#ifdef __cplusplus
#include <cstdint>
#endif

/* Events of one call at most: a bit each in producer_state.refused. */
#define MOST_EVENTS 1024

/* Payloads that fit a program's stack, and the per-CPU scratch memory. */
#define MOST_ON_STACK 384
#define MOST_IN_SCRATCH 32768

/* Set before the program is loaded; constant to it, so that what is not asked for is not there. */
enum wakeup { WAKE_ADAPTIVE, WAKE_NEVER, WAKE_ALWAYS, WAKE_SAMPLED, WAKE_BYTES };
enum payload_source { IN_RING, ON_STACK, IN_SCRATCH };

struct program_settings {
  uint32_t record_size;  /* payload bytes */
  uint32_t stamps;       /* 0: none */
  uint32_t wakeup;       /* enum wakeup; the ring buffer's, perf's is in the event's attributes */
  uint32_t source;       /* enum payload_source */
  uint64_t wakeup_every; /* WAKE_SAMPLED: records */
  uint64_t wakeup_bytes; /* WAKE_BYTES: not yet read */
  uint64_t token;        /* the fourth argument of a system call that is one of ours */
  uint64_t base_ns;      /* stamp = base_ticks + ((ns - base_ns) * ticks_per_ns >> STAMP_SHIFT) */
  uint64_t base_ticks;
  uint64_t ticks_per_ns; /* times 2^STAMP_SHIFT */
  uint32_t too_big;      /* the record can never fit */
  uint32_t mask;         /* of positions in the ring: its bytes - 1 */
  uint32_t interrupted;  /* producers, if interrupts make the events and threads discard theirs */
  uint32_t chained;      /* payloads say which chain they are of, and carry the shadow counter */
};
/* Exact to 4 ns in a second. The products of stamp_now() stay below 2^64 up to 8 ticks a ns. */
#define STAMP_SHIFT 28

/* A process is a chain: each step happens before the next. */
enum chain_step { CHAIN_FORK, CHAIN_EXEC, CHAIN_EXIT, CHAIN_STEPS };

/* The argument words of a batch (bpf_attr.test.ctx_in) and of a system call. */
enum call_argument { CALL_PRODUCER, CALL_SEQUENCE, CALL_EVENTS, CALL_TOKEN };

/* In CALL_EVENTS: everything but the events. */
#define CALL_EMPTY (1ull << 32)

/* An unused number of x86-64's system call table: nobody calls it, and it costs nothing but the
 * entry. */
#define TRIGGER_SYSCALL 184 /* tuxcall */

/* One producer's, on lines of its own. Written by the program while that producer is inside a call,
 * but for `misses`, which its thread writes. */
struct producer_state {
  uint64_t runs; /* of the program, for this producer */
  uint64_t committed;
  uint64_t discarded;
  uint64_t drop_no_space;
  uint64_t drop_lock_busy;
  uint64_t drop_recursion;
  uint64_t drop_too_big;
  uint64_t errors; /* refusals that are no drop: the program or its maps are wrong */
  int64_t last_error;
  uint64_t until_wakeup;              /* WAKE_SAMPLED */
  uint64_t refused[MOST_EVENTS / 64]; /* of the call under way: bit i of word i / 64 is event i */
  uint64_t misses;                    /* calls that did not run the program */
  uint64_t padding[5];
};
