/* Events made by interrupts, which may find a producer's thread of the same CPU inside the ring's
 * critical section. Such a thread is kept busy with records that it discards. */
#pragma once

SEC("perf_event")
int on_interrupt(struct bpf_perf_event_data* ctx) {
  __u32 cpu = bpf_get_smp_processor_id();
  __u32* number = bpf_map_lookup_elem(&producer_of_cpu, &cpu);
  if (!number || *number == 0) return 0;
  const __u32 producer = *number - 1;
  struct call call;
  /* Counts of its own, for those of the thread may be half written just now. */
  if (!begin_call(&call, ctx, settings.interrupted + producer, 0)) return 0;
  call.producer = producer;
  call.sequence = call.self->runs - 1;
  call.in_interrupt = 1;
  send(&call, 0);
  return 0;
}
