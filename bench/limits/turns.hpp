// Two CPUs that take turns: a ball on a cache line of its own says whose turn it is, and each does
// something before it throws the ball to the other.
#pragma once

#include <atomic>
#include <cstdint>
#include <limits>
#include <vector>

#include "bench/limits/pinned_threads.hpp"
#include "topology/clock.hpp"

namespace ringbench {

// Odd: thrown to the catcher; even: thrown back; kEndOfTurns: enough. Two lines: the neighbour may
// be fetched along with the one that is asked for.
struct alignas(128) Ball {
  std::atomic<std::uint64_t> value{0};
};
inline constexpr std::uint64_t kEndOfTurns = std::numeric_limits<std::uint64_t>::max();

struct TurnTimes {
  std::uint64_t for_ticks = 0;    // about; at most ten times as long where the CPUs are busy
  std::uint64_t round_trips = 1;  // in a batch, which is timed as one
};

namespace turns_detail {

// False: it did not become `wanted` before `give_up`, or the other side has ended.
inline bool wait_for(const Ball& ball, std::uint64_t wanted, std::uint64_t give_up) {
  for (unsigned looks = 1;; ++looks) {
    // Pairs with the release stores of throw_ball() and catch_ball(): what the other side did in
    // its turn is seen. Acquire is a plain load here, as every reader of a ring pays it.
    const auto now = ball.value.load(std::memory_order_acquire);
    if (now == wanted) return true;
    if (now == kEndOfTurns || (looks % 1024 == 0 && ticks() > give_up)) return false;
  }
}

template <class Work>
void catch_ball(Ball& ball, std::uint64_t give_up, Work& work) {
  for (std::uint64_t next = 1; wait_for(ball, next, give_up); next += 2) {
    work();
    ball.value.store(next + 1, std::memory_order_release);  // pairs with wait_for()
  }
}

template <class Work, class Between>
std::vector<double> throw_ball(Ball& ball, std::uint64_t end, std::uint64_t give_up,
                               std::uint64_t round_trips, Work& work, Between& between) {
  std::vector<double> batches;
  std::uint64_t next = 1;
  for (std::uint64_t begin = ticks(); begin < end; begin = ticks()) {
    const std::uint64_t last = next + 2 * round_trips;
    for (; next != last; next += 2) {
      work();
      ball.value.store(next, std::memory_order_release);  // pairs with wait_for()
      if (!wait_for(ball, next + 1, give_up)) return batches;
    }
    batches.push_back(static_cast<double>(ticks() - begin) /
                      (2 * static_cast<double>(round_trips)));
    between();
  }
  ball.value.store(kEndOfTurns, std::memory_order_release);
  return batches;
}

}  // namespace turns_detail

// `on_a` and `on_b` are called in turns, each by a thread on its CPU, and see what the other has
// done; `between` on cpu_a between two batches, while cpu_b waits. Returns the ticks of a turn, one
// value for each batch: those of the work and of throwing the ball one way. Throws what
// run_pinned() throws.
template <class OnA, class OnB, class Between>
std::vector<double> take_turns(unsigned cpu_a, unsigned cpu_b, const TurnTimes& times, OnA on_a,
                               OnB on_b, Between between) {
  Ball ball;
  std::vector<double> batches;
  run_pinned({cpu_a, cpu_b}, times.for_ticks / 16, [&](std::size_t index, std::uint64_t start) {
    const auto give_up = start + 10 * times.for_ticks;
    while (ticks() < start) continue;
    if (index == 0) {
      batches = turns_detail::throw_ball(ball, start + times.for_ticks, give_up, times.round_trips,
                                         on_a, between);
    } else {
      turns_detail::catch_ball(ball, give_up, on_b);
    }
  });
  return batches;
}

}  // namespace ringbench
