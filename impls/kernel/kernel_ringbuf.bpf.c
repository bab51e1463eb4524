#include "impls/kernel/ring.bpf.h"

struct {
  __uint(type, BPF_MAP_TYPE_RINGBUF);
} ring SEC(".maps");

static __always_inline void send(struct call* call, __u32 i) {
  send_to_ring(call, &ring, i);
}

#include "impls/kernel/drivers.bpf.h"
#include "impls/kernel/interrupt.bpf.h"
