#include "bench/limits/limits.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sched.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <optional>

#include "bench/limits/atomics.hpp"
#include "bench/limits/fill.hpp"
#include "bench/limits/hand_over.hpp"
#include "bench/limits/pinned_threads.hpp"
#include "topology/affinity.hpp"
#include "topology/clock.hpp"
#include "topology/machine.hpp"

namespace ringbench {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

// Near enough: what is measured is in ticks, and only for how long depends on it.
constexpr double kHz = 2.5e9;
constexpr std::uint64_t kForTicks = 5'000'000;

std::vector<unsigned> allowed_cpus() {
  std::vector<unsigned> cpus;
  for (const Cpu& cpu : this_machine().cpus) cpus.push_back(cpu.os);
  return cpus;
}

// Of this machine, for one producer and, if it can be, two.
LimitsPlan plan_for_this_machine() {
  auto cpus = allowed_cpus();
  cpus.resize(std::min<std::size_t>(cpus.size(), 2));
  LimitsPlan plan;
  plan.sharing.push_back({cpus[0]});
  if (cpus.size() == 2) {
    plan.sharing.push_back(cpus);
    plan.pairs.emplace_back(cpus[0], cpus[1]);
  }
  return plan;
}

TEST(PinnedThreads, RunWhereTheyShouldFromTheSameTickOn) {
  auto cpus = allowed_cpus();
  std::vector<unsigned> found(cpus.size());
  std::vector<std::uint64_t> starts(cpus.size());
  const auto before = ticks();
  run_pinned(cpus, 1'000, [&](std::size_t index, std::uint64_t start) {
    found[index] = current_cpu();
    starts[index] = start;
  });
  EXPECT_EQ(found, cpus);
  EXPECT_GE(starts.front(), before + 1'000);
  for (const auto start : starts) EXPECT_EQ(start, starts.front());
}

TEST(PinnedThreads, OneThatCannotBePinnedDoesNotHoldUpTheOthers) {
  EXPECT_THROW(run_pinned({allowed_cpus().front(), 8191}, 0, [](std::size_t, std::uint64_t) {}),
               std::system_error);
}

// A thread that is away for most of its slices has nothing to tell: again, at most 20 times.
template <class Measure>
std::optional<double> told(Measure measure) {
  std::optional<double> found;
  for (int attempt = 0; attempt < 20 && !found; ++attempt) found = measure();
  return found;
}

TEST(Limits, ALargerFillCostsMore) {
  const auto cost = [](std::uint32_t bytes) {
    return told([=] { return cost_of_fill(bytes, kForTicks); });
  };
  const auto small = cost(8), large = cost(1024);
  ASSERT_TRUE(small && large);
  EXPECT_GT(*small, 0.2);
  EXPECT_GT(*large, 8 * *small) << "128 words against one";
}

TEST(Limits, LockedInstructionsCostMoreThanAStore) {
  const std::vector<unsigned> one{allowed_cpus().front()};
  const auto cost = [&](Atomic operation) {
    return told([&] { return cost_of(operation, one, kForTicks); });
  };
  const auto store = cost(Atomic::release_store);
  ASSERT_TRUE(store);
  for (const auto operation : {Atomic::xadd, Atomic::xchg, Atomic::cmpxchg}) {
    const auto locked = cost(operation);
    ASSERT_TRUE(locked);
    EXPECT_GT(*locked, 3 * *store) << kAtomicNames[static_cast<std::size_t>(operation)];
    EXPECT_LT(*locked, 1'000);
  }
}

TEST(Limits, EveryRowIsThereWithWhatAppliesToIt) {
  const auto plan = plan_for_this_machine();
  const auto limits = measure_limits(plan, kHz);
  ASSERT_EQ(limits.failure, "");
  std::map<std::string, int> rows;
  for (const auto& limit : limits.rows) {
    ++rows[limit.operation];
    EXPECT_GT(limit.cycles, 0) << limit.operation;
    EXPECT_LT(limit.cycles, 1e6) << limit.operation;
    const bool atomic = std::ranges::count(kAtomicNames, limit.operation) != 0;
    EXPECT_EQ(limit.bytes.has_value(), limit.operation == "fill");
    EXPECT_EQ(limit.threads.has_value(), atomic);
    EXPECT_EQ(limit.cpu_a.has_value(), limit.operation == "hand_over");
    EXPECT_EQ(limit.cpu_b.has_value(), limit.operation == "hand_over");
  }
  // What needs both CPUs at once may be missing from a machine that is busy with something else.
  EXPECT_EQ(rows["timer_pair"], 1);
  EXPECT_EQ(rows["fill"], 8);
  for (const auto name : kAtomicNames) EXPECT_GE(rows[std::string(name)], 1) << name;
  EXPECT_LE(rows["hand_over"], 1);
}

TEST(Limits, LeaveTheCallerWhereItWas) {
  cpu_set_t before{}, after{};
  ASSERT_EQ(sched_getaffinity(0, sizeof before, &before), 0);
  measure_limits({{{allowed_cpus().back()}}, {}}, kHz);
  ASSERT_EQ(sched_getaffinity(0, sizeof after, &after), 0);
  EXPECT_TRUE(CPU_EQUAL(&before, &after));
}

TEST(Limits, ACpuThatIsNotThereIsTold) {
  const auto limits = measure_limits({{{8191}}, {}}, kHz);
  EXPECT_TRUE(limits.rows.empty());
  EXPECT_THAT(limits.failure, HasSubstr("CPU 8191"));
  EXPECT_THAT(in_words(limits), StartsWith("not measured: "));
}

// The other CPU's thread is never there: the measurement must end all the same.
TEST(Limits, AreOverInTimeWhereACpuIsNot) {
  using Clock = std::chrono::steady_clock;
  const unsigned cpu = allowed_cpus().front();
  const auto begin = Clock::now();
  hand_over(cpu, cpu, kForTicks);  // two threads that take turns on it
  EXPECT_LT(Clock::now() - begin, std::chrono::seconds(20));
}

TEST(Limits, WordsNameTheUncontendedAndTheMostContended) {
  const Limits limits{{{.operation = "timer_pair", .cycles = 30},
                       {.operation = "xadd", .threads = 1, .cycles = 18},
                       {.operation = "xadd", .threads = 2, .cycles = 77},
                       {.operation = "xadd", .threads = 4, .cycles = 250}},
                      {}};
  EXPECT_EQ(in_words(limits), "xadd 18, xadd (4 CPUs) 250 cycles");
}

}  // namespace
}  // namespace ringbench
