#include "topology/clock.hpp"

#include <cpuid.h>
#include <fmt/format.h>
#include <time.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <functional>
#include <future>
#include <limits>
#include <stdexcept>
#include <thread>

#include "topology/affinity.hpp"

namespace ringbench {
namespace {

using SteadyClock = std::chrono::steady_clock;
using namespace std::chrono_literals;

template <class Values>
auto median(Values values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

bool tsc_is_invariant() {
  unsigned eax = 0, ebx = 0, ecx = 0, edx = 0;
  return __get_cpuid(0x80000007, &eax, &ebx, &ecx, &edx) != 0 && (edx >> 8 & 1) != 0;
}

// The same instant on both clocks.
struct Instant {
  std::uint64_t ticks = 0;
  std::int64_t ns = 0;
};

// Two reads cannot be simultaneous; an interrupt between them shows as a wide bracket, so the
// tightest of some is kept.
Instant read_both_clocks() {
  Instant best;
  std::uint64_t tightest = std::numeric_limits<std::uint64_t>::max();
  for (int attempt = 0; attempt < 16; ++attempt) {
    timespec now{};
    const std::uint64_t before = ticks();
    clock_gettime(CLOCK_MONOTONIC_RAW, &now);
    const std::uint64_t width = ticks() - before;
    if (width >= tightest) continue;
    tightest = width;
    best = {before + width / 2, std::int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec};
  }
  return best;
}

double hz_over(std::chrono::milliseconds interval) {
  const Instant start = read_both_clocks();
  std::this_thread::sleep_for(interval);
  const Instant stop = read_both_clocks();
  return static_cast<double>(stop.ticks - start.ticks) * 1e9 /
         static_cast<double>(stop.ns - start.ns);
}

void measure_frequency(ClockFacts& facts) {
  std::array<double, 9> hz{};
  for (double& one : hz) one = hz_over(10ms);
  const auto [lowest, highest] = std::ranges::minmax(hz);
  facts.hz = median(hz);
  facts.hz_relative_error = (highest - lowest) / 2 / facts.hz;
}

constexpr std::size_t kReads = 10'000;

std::uint64_t smallest_step() {
  std::uint64_t smallest = std::numeric_limits<std::uint64_t>::max();
  std::uint64_t last = ticks();
  for (std::size_t read = 0; read < kReads; ++read) {
    const std::uint64_t now = ticks();
    if (now > last) smallest = std::min(smallest, now - last);
    last = now;
  }
  return smallest;
}

ClockFacts measure_on_own_thread(const std::vector<unsigned>& os_cpus) {
  // All are tried before anything is timed, so that a wrong list is refused at once.
  for (const unsigned cpu : os_cpus) pin_to(cpu);
  ClockFacts facts;
  facts.invariant = tsc_is_invariant();
  facts.monotonic = read_monotonic();
  facts.monotonic_resolution_ns = monotonic_resolution_ns();
  for (const unsigned cpu : os_cpus) {
    pin_to(cpu);
    facts.cpus.push_back(
        {.cpu = cpu, .timer_pair_ticks = empty_timer_pair(), .resolution_ticks = smallest_step()});
    facts.timer_pair_ticks = std::max(facts.timer_pair_ticks, facts.cpus.back().timer_pair_ticks);
    facts.resolution_ticks = std::max(facts.resolution_ticks, facts.cpus.back().resolution_ticks);
  }
  pin_to(os_cpus.front());
  measure_frequency(facts);
  return facts;
}

constexpr std::uint64_t kEnd = std::numeric_limits<std::uint64_t>::max();
constexpr auto kPatience = 5s;
constexpr auto kTimePerPair = 2ms;
constexpr std::uint64_t kRoundsPerPair =
    100;  // at least, on a machine that deschedules the threads

// The asker stores the number of a round in `request`, the answerer its stamp and then the same
// number in `reply`; each side writes one of the lines.
struct PingPong {
  alignas(64) std::atomic<std::uint64_t> request{0};
  alignas(64) std::atomic<std::uint64_t> reply{0};
  std::uint64_t stamp = 0;  // the answerer's until it stores `reply`, then the asker's
};

// What `line` changed to from `old`, or kEnd if the other side stays silent.
std::uint64_t await_change(const std::atomic<std::uint64_t>& line, std::uint64_t old) {
  const auto give_up = SteadyClock::now() + kPatience;
  for (unsigned spins = 1;; ++spins) {
    // Pairs with the release stores of ask() and answer(): hands over `stamp`.
    const std::uint64_t now = line.load(std::memory_order_acquire);
    if (now != old) return now;
    if (spins % 4096 == 0 && SteadyClock::now() > give_up) return kEnd;
    _mm_pause();
  }
}

void answer(PingPong& line) {
  for (std::uint64_t round = 0; (round = await_change(line.request, round)) != kEnd;) {
    line.stamp = begin_timing();
    line.reply.store(round, std::memory_order_release);  // pairs with await_change() in ask()
  }
}

// The other CPU's stamp was taken between `sent` and `received`, whatever the two ways took.
ClockOffset offset_from(std::uint64_t sent, std::uint64_t stamp, std::uint64_t received) {
  const auto early = static_cast<std::int64_t>(stamp - sent);
  const auto late = static_cast<std::int64_t>(received - stamp);
  return {(early - late) / 2,
          static_cast<std::uint64_t>(std::max(std::abs(early), std::abs(late)))};
}

// From the round with the shortest round trip, as in NTP's clock filter (RFC 5905, section 10).
ClockOffset ask(PingPong& line, unsigned asker, unsigned answerer) {
  const auto enough = SteadyClock::now() + kTimePerPair;
  std::uint64_t shortest = kEnd;
  ClockOffset best;
  for (std::uint64_t round = 1; round <= kRoundsPerPair || SteadyClock::now() < enough; ++round) {
    const std::uint64_t sent = begin_timing();
    line.request.store(round, std::memory_order_release);  // pairs with await_change() in answer()
    if (await_change(line.reply, round - 1) != round)
      throw std::runtime_error(fmt::format(
          "CPU {} did not answer CPU {} for {} s, so the offset between their clocks is not known: "
          "see what occupies CPU {} (a real-time task?) or leave it out",
          answerer, asker, kPatience.count(), answerer));
    const std::uint64_t received = begin_timing();
    if (received - sent >= shortest) continue;
    shortest = received - sent;
    best = offset_from(sent, line.stamp, received);
  }
  line.request.store(kEnd, std::memory_order_release);
  return best;
}

void measure_offsets_to_first(std::vector<CpuClock>& cpus) {
  for (std::size_t other = 1; other < cpus.size(); ++other) {
    const ClockOffset offset = clock_offset(cpus.front().cpu, cpus[other].cpu);
    cpus[other].offset_ticks = offset.ticks;
    cpus[other].offset_bound_ticks = offset.bound;
  }
}

constexpr std::size_t kMostClocksInAllPairs = 16;

// Needs the offsets to the first. Beyond some CPUs not every pair is asked, for
// |a - b| <= |a - first| + |first - b|: no pair exceeds the sum of the two largest.
std::uint64_t largest_over_pairs(const std::vector<CpuClock>& cpus) {
  std::vector<std::uint64_t> bounds;
  for (const auto& cpu : cpus) bounds.push_back(cpu.offset_bound_ticks);
  std::ranges::sort(bounds, std::greater{});
  if (cpus.size() > kMostClocksInAllPairs) return bounds[0] + bounds[1];
  std::uint64_t largest = bounds[0];
  for (std::size_t first = 1; first < cpus.size(); ++first)
    for (std::size_t second = first + 1; second < cpus.size(); ++second)
      largest = std::max(largest, clock_offset(cpus[first].cpu, cpus[second].cpu).bound);
  return largest;
}

}  // namespace

ClockOffset clock_offset(unsigned first, unsigned second) {
  PingPong line;
  auto answering = std::async(std::launch::async, [&line, second] {
    pin_to(second);
    answer(line);
  });
  auto asking = std::async(std::launch::async, [&line, first, second] {
    pin_to(first);
    return ask(line, first, second);
  });
  answering.get();
  return asking.get();
}

std::uint64_t empty_timer_pair() {
  std::vector<std::uint64_t> pairs(kReads);
  for (std::uint64_t& pair : pairs) {
    const std::uint64_t begin = begin_timing();
    pair = end_timing() - begin;
  }
  return median(std::move(pairs));
}

std::uint64_t ClockFacts::timer_pair_of(unsigned os_cpu) const {
  const auto found = std::ranges::find(cpus, os_cpu, &CpuClock::cpu);
  return found == cpus.end() ? timer_pair_ticks : found->timer_pair_ticks;
}

ClockFacts measure_clock(const std::vector<unsigned>& os_cpus) {
  if (os_cpus.empty())
    throw std::invalid_argument("the clock cannot be measured without a CPU: name at least one");
  std::vector<unsigned> distinct = os_cpus;
  std::ranges::sort(distinct);
  const auto repeated = std::ranges::unique(distinct);
  distinct.erase(repeated.begin(), repeated.end());

  ClockFacts facts =
      std::async(std::launch::async, measure_on_own_thread, std::cref(distinct)).get();
  measure_offsets_to_first(facts.cpus);
  facts.offset_bound_ticks = largest_over_pairs(facts.cpus);
  return facts;
}

}  // namespace ringbench
