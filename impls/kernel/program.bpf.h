/* What every program here shares: its settings, its producers, and the payload of a record. */
#pragma once

#include "vmlinux.h"
/* vmlinux.h has no macros, and bpf_helpers.h needs the types of vmlinux.h. */
#include <bpf/bpf_helpers.h>

#include "impls/kernel/abi.h"

#define ENOENT 2 /* asm-generic/errno-base.h: macros are not in BTF */
#define EBUSY 16
#define ENOSPC 28

char LICENSE[] SEC("license") = "GPL";

const volatile struct program_settings settings;

/* By number of the producer. Each has lines of its own: producers share no counter. */
struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(map_flags, BPF_F_MMAPABLE);
  __uint(max_entries, 1);
  __type(key, __u32);
  __type(value, struct producer_state);
} producers SEC(".maps");

/* Where a CPU is a producer: its number and 1; 0: it is none. */
struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, 1);
  __type(key, __u32);
  __type(value, __u32);
} producer_of_cpu SEC(".maps");

/* The copy that a caller pays for whose payload has no place in the ring yet. */
struct scratch {
  __u64 words[MOST_IN_SCRATCH / 8];
};
struct {
  __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
  __uint(max_entries, 1);
  __type(key, __u32);
  __type(value, struct scratch);
} scratch_memory SEC(".maps");

/* The events of one call, as far as it got. */
struct call {
  void* ctx;
  struct producer_state* self;
  __u64 sequence;
  __u64 link;    /* settings.chained: chain, its length and the step */
  __u64 counter; /* settings.chained */
  __u32 producer;
  __u32 in_interrupt;
};

static __always_inline __u64 stamp_now(void) {
  if (!settings.stamps) return 0;
  const __u64 ns = bpf_ktime_get_ns() - settings.base_ns;
  const __u64 upper = (ns >> 32) * settings.ticks_per_ns << (32 - STAMP_SHIFT);
  const __u64 lower = (ns & 0xffffffff) * settings.ticks_per_ns >> STAMP_SHIFT;
  return settings.base_ticks + upper + lower;
}

/* The payload of impls/payload.hpp, settings.record_size bytes long. */
static __always_inline void write_payload(__u64* to, const struct call* call, __u64 stamp) {
  const __u32 size = settings.record_size;
  const __u32 producer = call->producer;
  const __u64 sequence = call->sequence;
  __u64 first;
  __u32 at = 1;
  if (size >= 16) {
    first = (__u64)producer << 48 | (sequence & ((1ull << 48) - 1));
    to[1] = stamp;
    at = 2;
  } else if (settings.stamps) {
    first = (__u64)producer << 54 | (sequence & ((1ull << 22) - 1)) << 32 |
            (stamp >> 4 & 0xffffffffull);
  } else {
    first = (__u64)producer << 54 | (sequence & ((1ull << 54) - 1));
  }
  to[0] = first;
  if (settings.chained) {
    to[2] = call->link;
    to[3] = call->counter;
    at = 4;
  }
  __u64 word = first * 0x9e3779b97f4a7c15ull;
  for (; at < size / 8; ++at) to[at] = word++;
  __u8* rest = (__u8*)(to + size / 8);
  for (__u32 i = 0; i < size % 8; ++i) rest[i] = word >> 8 * i;
}

/* Event i of the call was not sent. */
static __always_inline void note_refused(struct call* call, __u32 i) {
  call->self->refused[i / 64 % (MOST_EVENTS / 64)] |= 1ull << i % 64;
}

/* A refusal that is no drop: something is wrong with the program or its maps. */
static __always_inline void lose(struct call* call, __u32 i, long error) {
  ++call->self->errors;
  call->self->last_error = error;
  note_refused(call, i);
}

static __always_inline __u64* scratch_words(void) {
  __u32 zero = 0;
  struct scratch* scratch = bpf_map_lookup_elem(&scratch_memory, &zero);
  return scratch ? scratch->words : 0;
}
