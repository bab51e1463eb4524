#include "bench/limits/hand_over.hpp"

#include <atomic>
#include <limits>
#include <utility>
#include <vector>

#include "bench/limits/pinned_threads.hpp"
#include "bench/limits/slices.hpp"
#include "topology/clock.hpp"

namespace ringbench {
namespace {

constexpr std::uint64_t kEnd = std::numeric_limits<std::uint64_t>::max();
constexpr std::uint64_t kRoundTrips = 32;  // in a batch, which is timed as one

// Odd: thrown to the catcher; even: thrown back; kEnd: enough.
struct alignas(128) Ball {
  std::atomic<std::uint64_t> value{0};
};

// False: it did not become `wanted` before `give_up`, or the other side has ended.
bool wait_for(const Ball& ball, std::uint64_t wanted, std::uint64_t give_up) {
  for (unsigned looks = 1;; ++looks) {
    // Pairs with the release stores of throw_ball() and catch_ball(). Nothing but the value itself
    // is handed over; acquire is a plain load here, as every reader of a ring pays it.
    const auto now = ball.value.load(std::memory_order_acquire);
    if (now == wanted) return true;
    if (now == kEnd || (looks % 1024 == 0 && ticks() > give_up)) return false;
  }
}

void catch_ball(Ball& ball, std::uint64_t give_up) {
  for (std::uint64_t next = 1; wait_for(ball, next, give_up); next += 2) {
    ball.value.store(next + 1, std::memory_order_release);  // pairs with wait_for()
  }
}

// Ticks one way, of each batch.
std::vector<double> throw_ball(Ball& ball, std::uint64_t end, std::uint64_t give_up) {
  std::vector<double> batches;
  std::uint64_t next = 1;
  for (std::uint64_t begin = ticks(); begin < end; begin = ticks()) {
    const std::uint64_t last = next + 2 * kRoundTrips;
    for (; next != last; next += 2) {
      ball.value.store(next, std::memory_order_release);  // pairs with wait_for()
      if (!wait_for(ball, next + 1, give_up)) return batches;
    }
    batches.push_back(static_cast<double>(ticks() - begin) / (2 * kRoundTrips));
  }
  ball.value.store(kEnd, std::memory_order_release);
  return batches;
}

}  // namespace

std::optional<double> hand_over(unsigned cpu_a, unsigned cpu_b, std::uint64_t for_ticks) {
  Ball ball;
  std::vector<double> batches;
  run_pinned({cpu_a, cpu_b}, for_ticks / 16, [&](std::size_t index, std::uint64_t start) {
    const auto give_up = start + 10 * for_ticks;
    while (ticks() < start) continue;
    if (index == 0) {
      batches = throw_ball(ball, start + for_ticks, give_up);
    } else {
      catch_ball(ball, give_up);
    }
  });
  return median_of_enough(std::move(batches));
}

}  // namespace ringbench
