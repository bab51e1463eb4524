/* The life of the processes that one thread spawns: a chain of three events, fork on that thread's
 * CPU, exec and exit on the child's. A producer is a CPU here, and its events are all that happen
 * there. */
#pragma once

/* Whose children are followed: its pid and tgid, as bpf_get_current_pid_tgid() says them. */
uint64_t spawner;
/* The order of all events, whatever buffer they go to. */
uint64_t shadow_counter;
/* Processes so far; only the spawner counts. */
uint64_t chains;

struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, 16384);
  __type(key, __u32);
  __type(value, __u64);
} chain_of_pid SEC(".maps");

/* Run once by the thread that will spawn. */
SEC("raw_tp")
int enlist(void* ctx) {
  (void)ctx;
  spawner = bpf_get_current_pid_tgid();
  return 0;
}

static __always_inline void happened(void* ctx, __u64 chain, enum chain_step step) {
  __u32 cpu = bpf_get_smp_processor_id();
  __u32* number = bpf_map_lookup_elem(&producer_of_cpu, &cpu);
  if (!number || *number == 0) return;
  struct call call;
  if (!begin_call(&call, ctx, *number - 1, 0)) return;
  call.sequence = call.self->runs - 1;
  call.link = chain << 16 | CHAIN_STEPS << 8 | step;
  call.counter = __sync_fetch_and_add(&shadow_counter, 1);
  send(&call, 0);
}

SEC("raw_tp/sched_process_fork")
int on_fork(struct bpf_raw_tracepoint_args* ctx) {
  if (bpf_get_current_pid_tgid() != spawner) return 0;
  const struct task_struct* child = (const struct task_struct*)ctx->args[1];
  __u32 pid = BPF_CORE_READ(child, pid);
  __u64 chain = ++chains;
  bpf_map_update_elem(&chain_of_pid, &pid, &chain, BPF_ANY);
  happened(ctx, chain, CHAIN_FORK);
  return 0;
}

static __always_inline void follow(void* ctx, enum chain_step step) {
  __u32 pid = bpf_get_current_pid_tgid();
  __u64* chain = bpf_map_lookup_elem(&chain_of_pid, &pid);
  if (chain) happened(ctx, *chain, step);
}

SEC("raw_tp/sched_process_exec")
int on_exec(struct bpf_raw_tracepoint_args* ctx) {
  follow(ctx, CHAIN_EXEC);
  return 0;
}

SEC("raw_tp/sched_process_exit")
int on_exit(struct bpf_raw_tracepoint_args* ctx) {
  follow(ctx, CHAIN_EXIT);
  __u32 pid = bpf_get_current_pid_tgid();
  bpf_map_delete_elem(&chain_of_pid, &pid);
  return 0;
}
