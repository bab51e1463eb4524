// The lock of a shared buffer, as a policy: Concurrency Kit's spin locks behind one shape.
//
//     typename Lock::Node node;   one for each thread, alive and unmoved while the lock is held
//     lock.lock(node);            acquire: pairs with the release in the previous holder's unlock
//     lock.try_lock(node);        acquire, if nobody holds it or waits for it; returns whether
//     lock.unlock(node);
//     lock.locked();              a glance, for diagnosis only
//
// CK's locks are inline assembly, which ThreadSanitizer cannot see into: the annotations tell it
// what ck_spinlock(3) promises.
#pragma once

#include <ck_pr.h>

#include <array>
#include <string_view>

// CK is C: its MCS lock assigns a void* to a typed pointer, which C++ takes only with a cast.
#define ck_pr_fas_ptr(target, value) \
  static_cast<struct ck_spinlock_mcs*>(ck_pr_fas_ptr(target, value))
#include <spinlock/mcs.h>
#undef ck_pr_fas_ptr
#include <spinlock/fas.h>
#include <spinlock/ticket.h>

#include "impls/transport.hpp"

#if defined(__SANITIZE_THREAD__)
#include <sanitizer/tsan_interface.h>
#define RINGBENCH_ANNOTATE_LOCK(event, ...) __tsan_mutex_##event(this, __VA_ARGS__)
#define RINGBENCH_ANNOTATE_ACQUIRE(address) __tsan_acquire(address)
#else
#define RINGBENCH_ANNOTATE_LOCK(event, ...) static_cast<void>(0)
// For an order that the processor keeps and the language does not name.
#define RINGBENCH_ANNOTATE_ACQUIRE(address) static_cast<void>(0)
#endif

namespace ringbench {

// Adds ThreadSanitizer's view of lock() and unlock() to a lock it cannot see.
template <class Raw>
class Annotated {
 public:
  using Node = typename Raw::Node;

  void lock(Node& node) {
    RINGBENCH_ANNOTATE_LOCK(pre_lock, 0);
    raw_.lock(node);
    RINGBENCH_ANNOTATE_LOCK(post_lock, 0, 0);
  }
  bool try_lock(Node& node) {
    RINGBENCH_ANNOTATE_LOCK(pre_lock, __tsan_mutex_try_lock);
    const bool taken = raw_.try_lock(node);
    RINGBENCH_ANNOTATE_LOCK(
        post_lock,
        taken ? __tsan_mutex_try_lock : __tsan_mutex_try_lock | __tsan_mutex_try_lock_failed, 0);
    return taken;
  }
  void unlock(Node& node) {
    RINGBENCH_ANNOTATE_LOCK(pre_unlock, 0);
    raw_.unlock(node);
    RINGBENCH_ANNOTATE_LOCK(post_unlock, 0);
  }
  bool locked() const { return raw_.locked(); }

 private:
  mutable Raw raw_;  // CK's queries take pointers to non-const
};

#undef RINGBENCH_ANNOTATE_LOCK

// Queued: each waiter spins on its own node, as Linux's qspinlock does (J. M. Mellor-Crummey,
// M. L. Scott, 1991).
struct RawMcs {
  using Node = ck_spinlock_mcs_context_t;
  void lock(Node& node) { ck_spinlock_mcs_lock(&queue, &node); }
  bool try_lock(Node& node) { return ck_spinlock_mcs_trylock(&queue, &node); }
  void unlock(Node& node) { ck_spinlock_mcs_unlock(&queue, &node); }
  bool locked() { return ck_spinlock_mcs_locked(&queue); }
  ck_spinlock_mcs_t queue = CK_SPINLOCK_MCS_INITIALIZER;
};

// Fair, every waiter spins on the one word: Linux's spin lock before qspinlock.
struct RawTicket {
  struct Node {};
  void lock(Node& /*node*/) { ck_spinlock_ticket_lock(&ticket); }
  bool try_lock(Node& /*node*/) { return ck_spinlock_ticket_trylock(&ticket); }
  void unlock(Node& /*node*/) { ck_spinlock_ticket_unlock(&ticket); }
  bool locked() { return ck_spinlock_ticket_locked(&ticket); }
  ck_spinlock_ticket_t ticket = CK_SPINLOCK_TICKET_INITIALIZER;
};

// Test-and-test-and-set: unfair, and the cheapest while nobody else wants it.
struct RawTtas {
  struct Node {};
  void lock(Node& /*node*/) { ck_spinlock_fas_lock(&word); }
  bool try_lock(Node& /*node*/) { return ck_spinlock_fas_trylock(&word); }
  void unlock(Node& /*node*/) { ck_spinlock_fas_unlock(&word); }
  bool locked() { return ck_spinlock_fas_locked(&word); }
  ck_spinlock_fas_t word = CK_SPINLOCK_FAS_INITIALIZER;
};

using McsLock = Annotated<RawMcs>;
using TicketLock = Annotated<RawTicket>;
using TtasLock = Annotated<RawTtas>;

// For a buffer that only one thread writes: nothing to lock.
struct NoLock {
  struct Node {};
  void lock(Node& /*node*/) {}
  void unlock(Node& /*node*/) {}
  bool locked() const { return false; }
};

inline constexpr std::array<std::string_view, 3> kLockNames{"mcs", "ticket", "ttas"};
inline constexpr OptionSpec kLockOption{.key = "lock",
                                        .summary = "spin lock of a shared buffer",
                                        .fallback = "mcs",
                                        .allowed = kLockNames};

// Calls visitor.template operator()<Lock>() with the lock that the options name.
template <class Visitor>
decltype(auto) with_lock(const Options& options, Visitor&& visitor) {
  const auto& name = option(options, kLockOption);
  if (name == "ticket") return visitor.template operator()<TicketLock>();
  if (name == "ttas") return visitor.template operator()<TtasLock>();
  return visitor.template operator()<McsLock>();
}

// What lock() and unlock() of the lock that the options name execute while nobody else wants it.
inline Atomics atomics_of_lock(const Options& options) {
  const auto& name = option(options, kLockOption);
  if (name == "ticket") return {.xadd = 2};  // to take a ticket; to let the next one in
  if (name == "ttas") return {.xchg = 1, .release_store = 1};
  return {.xchg = 1, .cmpxchg = 1};  // into the queue; out of it, if it is still the last
}

}  // namespace ringbench
