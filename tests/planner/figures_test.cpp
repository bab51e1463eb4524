#include <gtest/gtest.h>

#include "planner/assessment.hpp"
#include "small_plan.hpp"

namespace ringbench::planner {
namespace {

Figures expected(const Plan& plan, const Layout& layout) {
  return expected_figures(plan, layout, plan.inputs.value);
}

TEST(FiguresTest, WhatIsSentSlowlyIsDelivered) {
  const auto plan = small_plan();
  const auto figures = expected(plan, shared_ring(1 << 20));
  EXPECT_EQ(figures.drop_fraction, 0);
  EXPECT_NEAR(figures.delivered_per_s, 80'000, 800);
  EXPECT_NEAR(figures.consumer_records_per_s, 1e6, 1);
  EXPECT_NEAR(figures.lock_records_per_s, 1e9 / 800, 1);
}

TEST(FiguresTest, WhatTheConsumerCannotReadIsLost) {
  auto plan = small_plan();
  plan.inputs.value.rate_per_cpu = 125'000;  // a million in all
  plan.inputs.value.ns_per_record = 4'000;   // of which a quarter is read
  const auto figures = expected(plan, rings_of(1, 4096));
  EXPECT_NEAR(figures.drop_fraction, 0.75, 0.01);
  EXPECT_NEAR(figures.delivered_per_s, 250'000, 2'500);
}

TEST(FiguresTest, WhatTheLockCannotTakeIsNeverSent) {
  auto plan = small_plan();
  plan.inputs.value.rate_per_cpu = 312'500;  // 2.5 million in all; the lock takes 1.25
  plan.inputs.value.ns_per_record = 100;
  EXPECT_NEAR(expected(plan, shared_ring(1 << 24)).drop_fraction, 0.5, 0.01);
  EXPECT_NEAR(expected(plan, rings_of(1, 1 << 21)).drop_fraction, 0, 0.001);
}

TEST(FiguresTest, AReaderThatIsWokenIsLaterByThat) {
  auto plan = small_plan();
  const auto polling = expected(plan, shared_ring(1 << 20));
  plan.notify = "adaptive";
  plan.inputs.value.wakeup_ns = 50'000;
  const auto woken = expected(plan, shared_ring(1 << 20));
  EXPECT_NEAR(woken.delay_p50_us - polling.delay_p50_us, 50, 1e-6);
}

TEST(FiguresTest, WhoNotifiesPaysForIt) {
  auto plan = small_plan();
  plan.inputs.value.notify_ns = 1'000;
  const auto never = expected(plan, shared_ring(1 << 20)).event_mean_ns;
  plan.notify = "always";
  EXPECT_NEAR(expected(plan, shared_ring(1 << 20)).event_mean_ns, never + 1'000, 1e-6);
  plan.notify = "adaptive";  // the thread is busy for 80,000 us of a second
  EXPECT_NEAR(expected(plan, shared_ring(1 << 20)).event_mean_ns, never + 920, 1e-6);
}

// As libbpf opens it.
TEST(FiguresTest, APerfBufferNotifiesForEachRecord) {
  auto plan = small_plan();
  auto layout = rings_of(1, 1 << 17);
  layout.kind = Kind::perf;
  plan.inputs.value.notify_ns = 1'000;
  const auto never = expected(plan, layout).event_mean_ns;
  plan.notify = "adaptive";
  EXPECT_NEAR(expected(plan, layout).event_mean_ns, never + 1'000, 1e-6);
}

// M/D/1 at 80 %: those who wait do so for 1 / (2 * 0.2) of a service time on average.
TEST(FiguresTest, ABusyReaderKeepsRecordsWaiting) {
  auto plan = small_plan();
  const auto idle = expected(plan, shared_ring(1 << 20));
  plan.inputs.value.ns_per_record = 10'000;
  const auto busy = expected(plan, shared_ring(1 << 20));
  EXPECT_GT(busy.delay_p99_us, 5 * idle.delay_p99_us + 10);
  EXPECT_LT(busy.delay_p99_us, 300);
}

TEST(FiguresTest, OneRingKeepsOrder) {
  auto plan = small_plan();
  plan.inputs.value.poll_interval_us = 1'000;
  EXPECT_EQ(expected(plan, shared_ring(1 << 20)).reordered_ratio, 0);
  EXPECT_GT(expected(plan, rings_of(1, 1 << 17)).reordered_ratio, 0.1);
}

TEST(FiguresTest, AMergeThatWaitsLongEnoughRestoresOrder) {
  auto plan = small_plan();
  plan.inputs.value.poll_interval_us = 1'000;
  plan.merges = true;
  plan.inputs.value.merge_wait_us = 5'000;
  const auto figures = expected(plan, rings_of(1, 1 << 17));
  EXPECT_EQ(figures.reordered_ratio, 0);
  EXPECT_EQ(figures.reorder_extent, 0);
  EXPECT_GT(figures.merge_held, 0);
  EXPECT_GT(figures.merge_delay_us, 0);
}

TEST(FiguresTest, SameSeedSameFigures) {
  const auto plan = small_plan();
  const auto one = figures_of(plan, shared_ring(4096), plan.inputs.value, 3);
  const auto same = figures_of(plan, shared_ring(4096), plan.inputs.value, 3);
  for (const auto& key : figure_keys()) EXPECT_EQ(one.*key.member, same.*key.member) << key.key;
}

}  // namespace
}  // namespace ringbench::planner
