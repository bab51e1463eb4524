/* What makes a program run. The file that includes this has defined
 *
 *     static void send(struct call *call, __u32 i)    attempts event i of the call
 *
 * With CALL_EMPTY a call does everything but that. */
#pragma once

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_tracing.h>

static long one_event(__u32 i, struct call* call) {
  send(call, i);
  ++call->sequence;
  return 0;
}
static long no_event(__u32 i, struct call* call) {
  (void)i;
  ++call->sequence;
  return 0;
}

static __always_inline int begin_call(struct call* call, void* ctx, __u32 producer,
                                      __u64 sequence) {
  call->ctx = ctx;
  call->link = call->counter = 0;
  call->in_interrupt = 0;
  call->producer = producer;
  call->sequence = sequence;
  call->self = bpf_map_lookup_elem(&producers, &producer);
  if (!call->self) return 0;
  ++call->self->runs;
  return 1;
}

/* Run by bpf_prog_test_run_opts(): so many events at a call. */
SEC("raw_tp")
int batch(struct bpf_raw_tracepoint_args* ctx) {
  struct call call;
  if (!begin_call(&call, ctx, ctx->args[CALL_PRODUCER], ctx->args[CALL_SEQUENCE])) return 0;
  const __u32 events = ctx->args[CALL_EVENTS] & 0xffffffff;
  if (ctx->args[CALL_EVENTS] & CALL_EMPTY) {
    bpf_loop(events, no_event, &call, 0);
  } else {
    bpf_loop(events, one_event, &call, 0);
  }
  return 0;
}

/* Run by a system call that has our token: one event at a call. */
SEC("raw_tp/sys_enter")
int system_call(struct bpf_raw_tracepoint_args* ctx) {
  if (ctx->args[1] != TRIGGER_SYSCALL) return 0;
  struct pt_regs* regs = (struct pt_regs*)ctx->args[0];
  if (PT_REGS_PARM4_CORE_SYSCALL(regs) != settings.token) return 0;
  struct call call;
  if (!begin_call(&call, ctx, PT_REGS_PARM1_CORE_SYSCALL(regs), PT_REGS_PARM2_CORE_SYSCALL(regs)))
    return 0;
  if (!(PT_REGS_PARM3_CORE_SYSCALL(regs) & CALL_EMPTY)) send(&call, 0);
  return 0;
}

#include "impls/kernel/lifecycle.bpf.h"
