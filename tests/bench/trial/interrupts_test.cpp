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
      const auto result = run(cell(lock, interrupted));
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
  const auto result = run(cell("mcs", "guard"));
  EXPECT_GT(value("interrupt_recursion", result).value_or(0), 0.0);
  EXPECT_EQ(value("interrupt_lock_busy", result), 0.0);
}

TEST_F(Interrupts, ThereAreNoneUnlessAskedFor) {
  const auto result = run(short_cell("ringbuf"));
  EXPECT_TRUE(result.interrupters.empty());
  EXPECT_FALSE(value("interrupt_attempted", result));
}

TEST(SignalTimer, InterruptsItsThreadAsOftenAsItsMeanSaysAndNotAfterItsEnd) {
  std::atomic<int> count{0};
  const auto work = [](void* context) { ++*static_cast<std::atomic<int>*>(context); };
  const auto wait = [](int ms) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(ms);
    while (std::chrono::steady_clock::now() < end) {
    }
  };
  {
    const SignalTimer timer(1'000, 7, work, &count);
    wait(300);
  }
  const int interrupted = count;
  // 300 on an idle machine; each is armed by the one before, so that a busy one has fewer.
  EXPECT_GT(interrupted, 60);
  EXPECT_LT(interrupted, 400);
  wait(20);
  EXPECT_EQ(count, interrupted);
}

}  // namespace
}  // namespace ringbench
