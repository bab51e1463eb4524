#include "impls/kernel/ring.bpf.h"

struct one_ring {
  __uint(type, BPF_MAP_TYPE_RINGBUF);
  __uint(max_entries, 4096);
};
/* By number of the producer: those of one group find the same ring. */
struct {
  __uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
  __uint(max_entries, 1);
  __type(key, __u32);
  __array(values, struct one_ring);
} ring_of SEC(".maps");

static __always_inline void send(struct call* call, __u32 i) {
  __u32 producer = call->producer;
  void* ring = bpf_map_lookup_elem(&ring_of, &producer);
  if (!ring) return lose(call, i, -ENOENT);
  send_to_ring(call, ring, i);
}

#include "impls/kernel/drivers.bpf.h"
#include "impls/kernel/interrupt.bpf.h"
