// Producers that are interrupted by a signal, whose handler sends events of its own.
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>

#include "bench/trial/signal_timer.hpp"
#include "tests/bench/trial/short_trial.hpp"

namespace ringbench {
namespace {

class Interrupts : public WholeTrial {
 protected:
  static Cell cell(const char* lock, const char* interrupted) {
    auto cell = short_cell("ringbuf");
    cell.options["lock"] = lock;
    cell.options["interrupted"] = interrupted;
    cell.interrupt_every_us = 50;
    return cell;
  }
};

TEST_F(Interrupts, EveryEventOfAHandlerIsAccountedFor) {
  for (const char* lock : {"mcs", "ticket", "ttas"}) {
    for (const char* interrupted : {"try", "bounded"}) {
      const auto result = run_until(cell(lock, interrupted), [](const TrialResult& any) {
        return any.interrupters.at(0).attempted > 10 && any.interrupters[0].consumed > 0;
      });
      ASSERT_EQ(result.interrupters.size(), 1U);
      const Flow& flow = result.interrupters[0];
      EXPECT_GT(flow.attempted, 10U) << lock << interrupted;
      EXPECT_GT(flow.consumed, 0U);
      EXPECT_EQ(flow.attempted, flow.tally.committed + flow.tally.dropped());
      EXPECT_EQ(value("interrupt_attempted", result), static_cast<double>(flow.attempted));
      EXPECT_EQ(value("interrupt_recursion", result), 0.0);
    }
  }
}

TEST_F(Interrupts, AGuardRefusesThoseThatInterruptAReservation) {
  const auto result = run_until(cell("mcs", "guard"), [](const TrialResult& any) {
    return value("interrupt_recursion", any).value_or(0) > 0;
  });
  EXPECT_GT(value("interrupt_recursion", result).value_or(0), 0.0);
  EXPECT_EQ(value("interrupt_lock_busy", result), 0.0);
}

TEST_F(Interrupts, HaveTheirPlaceInTheLogOfDeliveries) {
  auto cell = Interrupts::cell("mcs", "try");
  cell.arrival = "constant";
  cell.rate = 1'000;
  const auto result =
      run_until(cell, [](const TrialResult& any) { return any.interrupters.at(0).consumed > 0; });
  EXPECT_GT(result.interrupters.at(0).consumed, 0U);
  EXPECT_EQ(result.reason.find("log was full"), std::string::npos) << result.reason;
}

TEST_F(Interrupts, ThereAreNoneUnlessAskedFor) {
  const auto result = run(short_cell("ringbuf"));
  EXPECT_TRUE(result.interrupters.empty());
  EXPECT_FALSE(value("interrupt_attempted", result));
}

// However busy the machine is, each signal is set a random time after the one before: never sooner.
TEST(SignalTimer, InterruptsItsThreadNoMoreOftenThanItsMeanSaysAndNotAfterItsEnd) {
  using Clock = std::chrono::steady_clock;
  std::atomic<int> count{0};
  const auto work = [](void* context) { ++*static_cast<std::atomic<int>*>(context); };
  const auto begin = Clock::now();
  {
    const SignalTimer timer(1'000, 7, work, &count);
    while (count < 100 && Clock::now() - begin < std::chrono::seconds(20)) {
    }
  }
  EXPECT_GE(count, 100);
  EXPECT_GT(Clock::now() - begin, std::chrono::milliseconds(60));  // of 100, with a deviation of 10
  const int interrupted = count;
  const auto end = Clock::now() + std::chrono::milliseconds(20);
  while (Clock::now() < end) {
  }
  EXPECT_EQ(count, interrupted);
}

}  // namespace
}  // namespace ringbench
