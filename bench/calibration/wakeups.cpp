#include "bench/calibration/wakeups.hpp"

#include <atomic>
#include <utility>
#include <vector>

#include "bench/calibration/calibrated_ring.hpp"
#include "bench/limits/pinned_threads.hpp"
#include "bench/limits/slices.hpp"
#include "bench/trial/sleeper.hpp"
#include "topology/clock.hpp"

namespace ringbench::calibration {
namespace {

// What the two threads share beside the ring.
struct Shared {
  // How often the consumer has found the ring empty and gone to sleep, 1 for the first time.
  alignas(128) std::atomic<std::uint64_t> sleeps{0};
  alignas(128) std::atomic<bool> over{false};
};

// The stamp of the record that ended a sleep.
struct FirstStamp {
  void record(std::span<const std::byte> payload) {
    if (stamp == 0) stamp = read_event(payload, true).stamp;
  }
  void lost(std::uint64_t /*count*/) {}
  std::uint64_t stamp = 0;
};

class Waker {
 public:
  Waker(Ring& ring, const WakeupPlan& plan, Shared& shared)
      : producer_(ring.producer(0)), plan_(plan), shared_(shared) {}

  void run(std::uint64_t start) {
    const auto give_up = start + 10 * plan_.for_ticks;
    for (std::uint64_t sleep = 1; ticks() < start + plan_.for_ticks; ++sleep) {
      if (!wait_for_sleep(sleep, give_up)) break;
      const auto since = ticks();
      while (ticks() - since < plan_.asleep_ticks) _mm_pause();
      wake();
    }
    // Pairs with the acquire in Sleepyhead::is_over(). Nothing is handed over; it ends the sleeps.
    shared_.over.store(true, std::memory_order_release);
    wake();
  }

  std::vector<double> commit_ticks;  // the last one ends the measurement and is not among them

 private:
  bool wait_for_sleep(std::uint64_t wanted, std::uint64_t give_up) const {
    // Pairs with the release in Sleepyhead::run(): the ring was empty, and the consumer's position
    // is where the next record will be.
    while (shared_.sleeps.load(std::memory_order_acquire) < wanted) {
      if (ticks() > give_up) return false;
      _mm_pause();
    }
    return true;
  }

  void wake() {
    auto reservation = producer_.reserve(kRecordSize);
    require_room(static_cast<bool>(reservation));
    const auto notified = producer_.tally.notifications;
    write_payload(reservation.data(), kRecordSize, {0, 0, ticks()}, true);
    const auto begin = begin_timing();
    reservation.commit();
    const auto end = end_timing();
    if (shared_.over.load(std::memory_order_relaxed) || producer_.tally.notifications == notified)
      return;
    commit_ticks.push_back(static_cast<double>(end - begin) -
                           static_cast<double>(plan_.timer_pair));
  }

  Producer producer_;
  const WakeupPlan& plan_;
  Shared& shared_;
};

class Sleepyhead {
 public:
  Sleepyhead(Ring& ring, const WakeupPlan& plan, Shared& shared)
      : ring_(ring), plan_(plan), shared_(shared) {
    sleeper_.listen(ring.wait_fd(0));
  }

  void run(std::uint64_t start) {
    give_up_ = start + 11 * plan_.for_ticks;  // after the waker, which may never have come
    while (!is_over()) {
      if (!ring_.ready_to_wait(0)) {
        take(0);
        continue;
      }
      // Pairs with the acquire in Waker::wait_for_sleep().
      shared_.sleeps.store(++sleeps_, std::memory_order_release);
      while (!sleep_once() && !is_over()) continue;
    }
  }

  std::vector<double> latency_ticks;

 private:
  bool is_over() const {
    // Pairs with the release in Waker::run().
    return shared_.over.load(std::memory_order_acquire) || ticks() > give_up_;
  }

  // Whether a record came. A sleep also ends when its patience does.
  bool sleep_once() {
    const bool woken = sleeper_.sleep();
    return take(woken ? ticks() : 0);
  }

  // `woken_at`: 0 where nothing woke it.
  bool take(std::uint64_t woken_at) {
    FirstStamp first;
    if (ring_.consume(0, first, 0) == 0) return false;
    if (woken_at != 0) {
      latency_ticks.push_back(static_cast<double>(
          static_cast<std::int64_t>(woken_at - first.stamp) - plan_.offset_ticks));
    }
    return true;
  }

  Ring& ring_;
  const WakeupPlan& plan_;
  Shared& shared_;
  Sleeper sleeper_;
  std::uint64_t sleeps_ = 0;
  std::uint64_t give_up_ = 0;
};

}  // namespace

Wakeups measure_wakeups(const WakeupPlan& plan) {
  constexpr bool kListening = true;
  Ring ring = make_ring(kRingBytes, kListening);
  Shared shared;
  Waker waker(ring, plan, shared);
  Sleepyhead sleepyhead(ring, plan, shared);
  run_pinned({plan.producer_cpu, plan.consumer_cpu}, plan.for_ticks / 16,
             [&](std::size_t index, std::uint64_t start) {
               index == 0 ? waker.run(start) : sleepyhead.run(start);
             });
  return {median_of_enough(std::move(waker.commit_ticks)),
          median_of_enough(std::move(sleepyhead.latency_ticks))};
}

}  // namespace ringbench::calibration
