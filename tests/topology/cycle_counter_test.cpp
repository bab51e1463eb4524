#include "topology/cycle_counter.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <time.h>

#include <thread>

#include "topology/clock.hpp"

namespace ringbench {
namespace {

using ::testing::AnyOf;
using ::testing::Eq;
using ::testing::MatchesRegex;
using ::testing::StartsWith;

// Nanoseconds of CPU time of the thread: counted by the kernel, whatever the hardware has.
constexpr CounterEvent kTaskClock{PERF_TYPE_SOFTWARE, PERF_COUNT_SW_TASK_CLOCK};
constexpr CounterEvent kNoSuchEvent{PERF_TYPE_SOFTWARE, 1'000'000};

bool is_counted(CounterEvent event) {
  return CycleCounter(event).read().has_value();
}

std::uint64_t cpu_ns() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000 +
         static_cast<std::uint64_t>(now.tv_nsec);
}

void spin_for(std::uint64_t ns) {
  const auto end = cpu_ns() + ns;
  while (cpu_ns() < end) continue;
}

TEST(CycleCounter, CountsWhatItsThreadDoes) {
  if (!is_counted(kTaskClock)) GTEST_SKIP() << CycleCounter(kTaskClock).describe();
  const CycleCounter counter(kTaskClock);
  const auto spun = cpu_ns();
  const auto before = counter.read().value();
  spin_for(20'000'000);
  const auto counted = counter.read().value() - before;
  const auto wanted = cpu_ns() - spun;
  EXPECT_GE(counted, 18'000'000U) << "it stands still while threads are switched";
  EXPECT_LE(counted, wanted + 1'000'000);
}

TEST(CycleCounter, DoesNotCountOtherThreads) {
  if (!is_counted(kTaskClock)) GTEST_SKIP() << CycleCounter(kTaskClock).describe();
  const CycleCounter counter(kTaskClock);
  const auto own = cpu_ns();
  const auto before = counter.read().value();
  std::thread([] { spin_for(30'000'000); }).join();
  const auto counted = counter.read().value() - before;
  EXPECT_LE(counted, cpu_ns() - own + 1'000'000);
}

TEST(CycleCounter, SaysHowItCounts) {
  if (!is_counted(kTaskClock)) GTEST_SKIP() << CycleCounter(kTaskClock).describe();
  EXPECT_EQ(CycleCounter(kTaskClock).describe(), "read(2)") << "software has no hardware register";
}

TEST(CycleCounter, AbsentCounterSaysWhyAndReadsNothing) {
  const CycleCounter counter(kNoSuchEvent);
  EXPECT_FALSE(counter.read());
  EXPECT_THAT(counter.describe(), MatchesRegex("none: .{10,}"));
}

TEST(CycleCounter, CoreCyclesAreThereOrTheReasonIs) {
  const CycleCounter counter;
  if (!counter.read()) {
    EXPECT_THAT(counter.describe(), StartsWith("none: "));
    return;
  }
  EXPECT_THAT(counter.describe(), AnyOf(Eq("rdpmc"), Eq("read(2)")));
  constexpr int kTurns = 5'000'000;  // each multiplies what the one before left: 3 cycles
  const auto begin = ticks();
  const auto before = counter.read().value();
  std::uint64_t value = 1;
  for (int turn = 0; turn < kTurns; ++turn) asm volatile("imul %0, %0" : "+r"(value));
  const auto cycles = counter.read().value() - before;
  EXPECT_GT(cycles, std::uint64_t{kTurns});
  EXPECT_LT(cycles, 5 * (ticks() - begin));
}

TEST(CycleCounter, GivesItsDescriptorBack) {
  rlimit few{}, before{};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &before), 0);
  few = before;
  few.rlim_cur = 64;
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &few), 0);
  const bool counted = is_counted(kTaskClock);
  for (int i = 0; i < 200; ++i) EXPECT_EQ(is_counted(kTaskClock), counted);
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &before), 0);
}

}  // namespace
}  // namespace ringbench
