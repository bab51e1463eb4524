#include "impls/kernel/program.bpf.h"

/* By number of the producer, whose CPU the event is bound to. */
struct {
  __uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
  __uint(max_entries, 1);
  __uint(key_size, sizeof(__u32));
  __uint(value_size, sizeof(__u32));
} events SEC(".maps");

static __always_inline void output(struct call* call, __u32 i, __u64* payload) {
  write_payload(payload, call, stamp_now());
  const long error =
      bpf_perf_event_output(call->ctx, &events, call->producer, payload, settings.record_size);
  if (error == 0) {
    ++call->self->committed;
    return;
  }
  if (error == -ENOSPC) {
    ++call->self->drop_no_space;
  } else if (error == -EBUSY) {
    ++call->self->drop_recursion;
  } else {
    return lose(call, i, error);
  }
  note_refused(call, i);
}

static __always_inline void send(struct call* call, __u32 i) {
  if (settings.too_big) {
    ++call->self->drop_too_big;
    return note_refused(call, i);
  }
  if (settings.source == ON_STACK) {
    __u64 words[MOST_ON_STACK / 8];
    output(call, i, words);
  } else {
    __u64* words = scratch_words();
    if (!words) return lose(call, i, -ENOENT);
    output(call, i, words);
  }
}

#include "impls/kernel/drivers.bpf.h"
