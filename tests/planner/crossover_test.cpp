#include "planner/crossover.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "small_plan.hpp"

namespace ringbench::planner {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

// A CPU sends 1000 records in a burst, seldom: bursts hardly ever meet. A ring of a CPU holds 200.
Plan in_rare_bursts(std::uint64_t shared_records) {
  auto plan = small_plan();
  plan.seconds = 100;
  auto inputs = plan.inputs.value;
  inputs.rate_per_cpu = 0;
  inputs.burst_rate = 1e6;
  inputs.burst_on_us = 1'000;
  inputs.bursts_per_cpu_s = 0.1;
  inputs.ns_per_record = 8'000;
  plan.inputs = exactly(inputs);
  plan.layouts = {rings_of(1, std::uint64_t{200} * 200), shared_ring(200 * shared_records)};
  return plan;
}

// Of w CPUs each loses 1 - (c d / w + 200) / a d of one ring each, 1 - (c d + M) / (w a d) of one
// that holds M: from w = M / 200 on more.
TEST(CrossoverTest, IsolatedBurstsCrossWhereTheirRingsHoldAsMuch) {
  for (const unsigned width : {1U, 3U, 4U, 7U}) {
    const auto found = crossovers_of(in_rare_bursts(std::uint64_t{200} * width));
    if (width == 1) {
      EXPECT_THAT(found, IsEmpty()) << "an eighth of the memory is not comparable";
      continue;
    }
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].narrow, 0U);
    EXPECT_EQ(found[0].wide, 1U);
    EXPECT_EQ(found[0].width, width) << found[0].words;
    EXPECT_LE(found[0].low, width);
    EXPECT_GE(found[0].high, width);
    EXPECT_THAT(found[0].words, HasSubstr("8 rings, beyond it more; the plan's hit 1."));
  }
}

TEST(CrossoverTest, AsMuchMemorySharedNeverLosesMore) {
  const auto found = crossovers_of(in_rare_bursts(8 * 200));
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].width, 8U);
  EXPECT_THAT(found[0].words, HasSubstr("However many of the 8 CPUs a burst hits, 1 rings"));
}

TEST(CrossoverTest, AnUncertainInputThatMovesItWidensTheInterval) {
  auto plan = in_rare_bursts(800);
  plan.draws = 40;
  plan.inputs.value.bursts_per_cpu_s = 5;
  plan.inputs.low.bursts_per_cpu_s = 0.1;
  plan.inputs.high.bursts_per_cpu_s = 20;
  plan.seconds = 20;
  const auto found = crossovers_of(plan);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_LT(found[0].low, found[0].high);
  EXPECT_LE(found[0].low, found[0].width);
  EXPECT_GE(found[0].high, found[0].width);
}

TEST(CrossoverTest, NothingIsSaidWhereThereIsNothingToCompare) {
  auto plan = in_rare_bursts(800);
  plan.inputs.value.bursts_per_cpu_s = 0;
  EXPECT_THAT(crossovers_of(plan), IsEmpty()) << "no bursts";
  plan = in_rare_bursts(800);
  plan.layouts[0].consumers = 2;
  EXPECT_THAT(crossovers_of(plan), IsEmpty()) << "the threads are what differs";
  plan = in_rare_bursts(800);
  plan.inputs.value.ns_per_record = 100;
  EXPECT_THAT(crossovers_of(plan), IsEmpty()) << "nothing is ever lost";
  plan = in_rare_bursts(800);
  plan.layouts[0].kind = Kind::perf;
  EXPECT_THAT(crossovers_of(plan), IsEmpty()) << "no ring for each CPU";
}

TEST(CrossoverTest, TheFewestRingsAreHeldAgainstIt) {
  auto plan = in_rare_bursts(800);
  plan.layouts.insert(plan.layouts.begin(), rings_of(2, 200 * 400));
  const auto found = crossovers_of(plan);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].wide, 2U);
  EXPECT_EQ(found[0].narrow, 1U);
}

}  // namespace
}  // namespace ringbench::planner
