#include <gtest/gtest.h>

#include <chrono>
#include <optional>

#include "bench/calibration/alone.hpp"
#include "bench/calibration/full_ring.hpp"
#include "bench/calibration/in_turns.hpp"
#include "bench/calibration/wakeups.hpp"
#include "bench/calibration/watched.hpp"
#include "bench/limits/hand_over.hpp"
#include "topology/clock.hpp"
#include "topology/machine.hpp"

namespace ringbench::calibration {
namespace {

// Near enough: what is measured is in ticks, and only for how long depends on it.
constexpr std::uint64_t kForTicks = 10'000'000;  // some 4 ms
constexpr double kHz = 2.5e9;

std::vector<unsigned> allowed_cpus() {
  std::vector<unsigned> cpus;
  for (const Cpu& cpu : this_machine().cpus) cpus.push_back(cpu.os);
  return cpus;
}

Alone on_first_cpu() {
  return {allowed_cpus().front(), kForTicks, empty_timer_pair()};
}

// On a machine that is busy with something else a single slice may give nothing, or too much.
template <class Measure>
std::optional<double> least_of_five(Measure measure) {
  std::optional<double> least;
  for (int i = 0; i < 5; ++i) {
    const std::optional<double> found = measure();
    if (found && (!least || *found < *least)) least = found;
  }
  return least;
}

class TwoCpus : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto cpus = allowed_cpus();
    if (cpus.size() < 2) GTEST_SKIP() << "takes two CPUs";
    turns_ = {cpus[0], cpus[1], kForTicks, empty_timer_pair()};
  }
  InTurns turns_;
};

TEST(Alone, ACommitIsPartOfReserveAndCommit) {
  const auto both = least_of_five([] { return reserve_and_commit(on_first_cpu()); });
  const auto one = least_of_five([] { return commit(on_first_cpu()); });
  ASSERT_TRUE(both && one);
  EXPECT_GT(*one, 1) << "an exchange is no store";
  EXPECT_GT(*both, *one);
  EXPECT_LT(*both, 20'000);
}

TEST(Alone, AnEmptyPollCostsLessThanARecord) {
  const auto poll = least_of_five([] { return empty_poll(on_first_cpu()); });
  const auto record = least_of_five([] { return drain(on_first_cpu()); });
  ASSERT_TRUE(poll && record);
  EXPECT_GT(*poll, 0);
  EXPECT_GT(*record, *poll);
}

TEST(Alone, ACpuThatIsNotThereIsTold) {
  EXPECT_THROW(reserve_and_commit({8191, kForTicks, 0}), std::system_error);
}

TEST(FullRing, EveryRecordOfEveryFillIsDrained) {
  FullRing ring(0);
  ring.drain();
  EXPECT_TRUE(ring.ticks_a_record().empty()) << "nothing was there";
  for (std::size_t turn = 1; turn <= 3; ++turn) {
    ring.fill();
    ring.drain();
    ASSERT_EQ(ring.ticks_a_record().size(), turn);
    EXPECT_GT(ring.ticks_a_record().back(), 0);
  }
}

TEST_F(TwoCpus, ARecordTakesLongerThanItsToken) {
  const auto token =
      least_of_five([&] { return hand_over(turns_.cpu_a, turns_.cpu_b, kForTicks); });
  const auto both = least_of_five([&] { return record_and_token(turns_); });
  if (!token || !both) GTEST_SKIP() << "the CPUs did not run together";
  const double moves = (*both - *token) / *token;
  EXPECT_GT(moves, 0.5) << "the lock and the positions move with every record";
  EXPECT_LT(moves, 100);
}

TEST_F(TwoCpus, RecordsThatAnotherCpuHasReadCostMore) {
  const auto cold = least_of_five([&] { return remote_cold(turns_); });
  const auto alone = least_of_five([&] {
    return reserve_and_commit({turns_.cpu_a, kForTicks, turns_.timer_pair});
  });
  ASSERT_TRUE(alone);
  if (!cold) GTEST_SKIP() << "the CPUs did not run together";
  EXPECT_GT(*cold, *alone);
}

TEST_F(TwoCpus, ARecordThatAConsumerLooksForCostsMore) {
  const auto watched_ticks = least_of_five([&] {
    return watched({turns_.cpu_a, turns_.cpu_b, kForTicks, 2'000, turns_.timer_pair});
  });
  const auto alone = least_of_five([&] {
    return reserve_and_commit({turns_.cpu_a, kForTicks, turns_.timer_pair});
  });
  ASSERT_TRUE(alone);
  if (!watched_ticks) GTEST_SKIP() << "the CPUs did not run together";
  EXPECT_GT(*watched_ticks, *alone);
}

TEST_F(TwoCpus, ARingThatAnotherCpuFilledIsDrained) {
  const auto record = least_of_five([&] { return drain(turns_); });
  if (!record) GTEST_SKIP() << "the CPUs did not run together";
  EXPECT_GT(*record, 1);
  EXPECT_LT(*record, 1e6);
}

TEST_F(TwoCpus, AWakeupTakesLongerThanACommitAndIsLaterThanIt) {
  std::optional<double> latency, waking;
  const WakeupPlan plan{turns_.cpu_a, turns_.cpu_b, 2 * kForTicks, 250'000, turns_.timer_pair, 0};
  latency = least_of_five([&] {
    const auto found = measure_wakeups(plan);
    if (found.commit_ticks && (!waking || *found.commit_ticks < *waking))
      waking = found.commit_ticks;
    return found.latency_ticks;
  });
  if (!latency || !waking) GTEST_SKIP() << "the CPUs did not run together";
  const auto quiet = least_of_five([&] {
    return commit({turns_.cpu_a, kForTicks, turns_.timer_pair});
  });
  ASSERT_TRUE(quiet);
  EXPECT_GT(*waking, *quiet) << "a system call more";
  EXPECT_GT(*latency, 100);
  EXPECT_LT(*latency / kHz, 50e-3);
}

// Threads that share a CPU never run together: the measurements must end all the same.
TEST(InTurns, AreOverInTimeWhereACpuIsNot) {
  using Clock = std::chrono::steady_clock;
  const unsigned cpu = allowed_cpus().front();
  const auto begin = Clock::now();
  record_and_token({cpu, cpu, kForTicks, 0});
  remote_cold({cpu, cpu, kForTicks, 0});
  drain({cpu, cpu, kForTicks, 0});
  watched({cpu, cpu, kForTicks, 2'000, 0});
  measure_wakeups({cpu, cpu, kForTicks, 100'000, 0, 0});
  EXPECT_LT(Clock::now() - begin, std::chrono::seconds(30));
}

}  // namespace
}  // namespace ringbench::calibration
