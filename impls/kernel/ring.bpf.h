/* One record into a BPF ring buffer, in each of the ways that a caller may choose. */
#pragma once

#include "impls/kernel/program.bpf.h"

static __always_inline __u64 wakeup_flags(struct producer_state* self, void* ring) {
  switch (settings.wakeup) {
    case WAKE_NEVER:
      return BPF_RB_NO_WAKEUP;
    case WAKE_ALWAYS:
      return BPF_RB_FORCE_WAKEUP;
    case WAKE_SAMPLED:
      if (--self->until_wakeup != 0) return BPF_RB_NO_WAKEUP;
      self->until_wakeup = settings.wakeup_every;
      return BPF_RB_FORCE_WAKEUP;
    case WAKE_BYTES:
      return bpf_ringbuf_query(ring, BPF_RB_AVAIL_DATA) >= settings.wakeup_bytes
                 ? BPF_RB_FORCE_WAKEUP
                 : BPF_RB_NO_WAKEUP;
    default:
      return 0;
  }
}

/* The kernel does not say why a reserve failed. A thread waits for the lock, so a record that can
 * fit at all was refused for want of space. An interrupt that may only try the lock was refused for
 * the lock's sake if there is space. */
static __always_inline void refuse(struct call* call, void* ring, __u32 i) {
  const __u64 record = (settings.record_size + BPF_RINGBUF_HDR_SZ + 7) / 8 * 8;
  if (settings.too_big) {
    ++call->self->drop_too_big;
  } else if (call->in_interrupt &&
             bpf_ringbuf_query(ring, BPF_RB_AVAIL_DATA) + record <= settings.mask) {
    ++call->self->drop_lock_busy;
  } else {
    ++call->self->drop_no_space;
  }
  note_refused(call, i);
}

static __always_inline void reserve_and_submit(struct call* call, void* ring, __u32 i) {
  const __u64 stamp = stamp_now();
  __u64* record = bpf_ringbuf_reserve(ring, settings.record_size, 0);
  if (!record) return refuse(call, ring, i);
  if (settings.interrupted && !call->in_interrupt) {
    ++call->self->discarded;
    bpf_ringbuf_discard(record, BPF_RB_NO_WAKEUP);
    return;
  }
  write_payload(record, call, stamp);
  ++call->self->committed;
  bpf_ringbuf_submit(record, wakeup_flags(call->self, ring));
}

static __always_inline void output(struct call* call, void* ring, __u32 i, __u64* payload) {
  write_payload(payload, call, stamp_now());
  if (bpf_ringbuf_output(ring, payload, settings.record_size, wakeup_flags(call->self, ring)) < 0) {
    refuse(call, ring, i);
  } else {
    ++call->self->committed;
  }
}

static __always_inline void send_to_ring(struct call* call, void* ring, __u32 i) {
  if (settings.source == IN_RING) {
    reserve_and_submit(call, ring, i);
  } else if (settings.source == ON_STACK) {
    __u64 words[MOST_ON_STACK / 8];
    output(call, ring, i, words);
  } else {
    __u64* words = scratch_words();
    if (!words) return lose(call, i, -ENOENT);
    output(call, ring, i, words);
  }
}
