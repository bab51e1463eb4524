#include "planner/recommendation.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>

#include "small_plan.hpp"

namespace ringbench::planner {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

Recommendation recommended(const Plan& plan) {
  return recommend(plan, assess(plan, [](std::size_t, std::size_t) {}));
}

// Bursts of 1000 records, of which 125 are read while they last.
Plan in_rare_bursts() {
  auto plan = small_plan();
  plan.seconds = 5;
  Inputs inputs = plan.inputs.value;
  inputs.rate_per_cpu = 0;
  inputs.burst_rate = 1e6;
  inputs.burst_on_us = 1'000;
  inputs.bursts_per_cpu_s = 1;
  inputs.ns_per_record = 8'000;
  plan.inputs = exactly(inputs);
  plan.layouts = {rings_of(1, 200 * 100), rings_of(1, 200 * 2'000), rings_of(1, 200 * 16'000)};
  return plan;
}

TEST(RecommendationTest, TheLeastMemoryThatMeetsTheTargets) {
  auto plan = in_rare_bursts();
  plan.targets.drop_fraction = 0.5;
  const auto found = recommended(plan);
  EXPECT_EQ(found.recommended, 1U) << found.why;
  EXPECT_EQ(found.nearest, std::nullopt);
  EXPECT_THAT(found.why, HasSubstr("2 of 3 layouts meet every target"));
}

TEST(RecommendationTest, WithoutATargetFewerLosses) {
  const auto found = recommended(in_rare_bursts());
  EXPECT_EQ(found.recommended, 1U)
      << "holds a whole burst: more memory saves nothing. " << found.why;
}

TEST(RecommendationTest, TheNearestWhereNoneIsFeasible) {
  auto plan = in_rare_bursts();
  plan.targets.drop_fraction = 0;
  plan.targets.memory_bytes = 400'000;
  const auto found = recommended(plan);
  EXPECT_EQ(found.recommended, std::nullopt);
  ASSERT_TRUE(found.nearest);
  EXPECT_THAT(found.why, HasSubstr("None of 3 layouts meets every target"));
  EXPECT_THAT(found.why, HasSubstr("are wanted"));
}

TEST(RecommendationTest, SureBeforeCheap) {
  auto plan = in_rare_bursts();
  plan.draws = 40;
  plan.inputs.low.burst_on_us = 500;
  plan.inputs.high.burst_on_us = 6'000;
  plan.inputs.value.burst_on_us = 1'000;
  plan.targets.drop_fraction = 0.1;
  const auto all = assess(plan, [](std::size_t, std::size_t) {});
  EXPECT_THAT(all[1].missed, IsEmpty());
  EXPECT_EQ(all[1].unsure, std::vector<std::string>{"drop_fraction"});
  EXPECT_EQ(recommend(plan, all).recommended, 2U);
}

TEST(RecommendationTest, RightSizeFirst) {
  auto plan = in_rare_bursts();
  plan.inputs.value.record_size = 2'040;
  plan.inputs.value.record_used = 168;
  plan.inputs = exactly(plan.inputs.value);
  plan.layouts.resize(2);
  const auto found = recommended(plan);
  ASSERT_FALSE(found.changes.empty());
  EXPECT_EQ(found.changes[0].key, "source.record_size");
  EXPECT_EQ(found.changes[0].to, 168);
  EXPECT_LT(found.changes[0].after.drop_fraction, found.changes[0].before.drop_fraction);
}

TEST(RecommendationTest, RightSizeMayMakeAnotherLayoutTheChoice) {
  auto plan = in_rare_bursts();
  plan.inputs.value.record_size = 2'040;
  plan.inputs.value.record_used = 168;
  plan.inputs = exactly(plan.inputs.value);
  plan.layouts[1].name = "middle", plan.layouts[2].name = "large";
  plan.targets.drop_fraction = 0.1;
  const auto found = recommended(plan);
  EXPECT_EQ(found.recommended, 2U) << "holds a burst of large records";
  ASSERT_GE(found.changes.size(), 2U);
  const auto& change = found.changes[1];  // saves memory alone
  EXPECT_EQ(change.key, "source.record_size");
  EXPECT_THAT(change.words, HasSubstr("and take middle"));
  EXPECT_THAT(change.words, HasSubstr("then meets every target"));
  EXPECT_EQ(change.after.drop_fraction, 0);

  plan.layouts.resize(2);
  const auto nothing_fits = recommended(plan);
  EXPECT_EQ(nothing_fits.nearest, 1U);
  ASSERT_FALSE(nothing_fits.changes.empty());
  for (const auto& one : nothing_fits.changes)
    EXPECT_EQ(one.words.find("and take"), std::string::npos) << "it still is " << one.words;
}

std::optional<Change> parted(const Plan& plan, const Layout& layout) {
  const auto before = expected_figures(plan, layout, plan.inputs.value);
  for (const auto& change : changes_of(plan, layout, before))
    if (change.key == "layout.cpus_per_ring") return change;
  return {};
}

TEST(RecommendationTest, FewerCpusARing) {
  auto plan = small_plan();
  plan.inputs.value.rate_per_cpu = 150'000;  // 1.2 million, and the lock takes 1.25
  plan.inputs.value.ns_per_record = 100;
  plan.inputs = exactly(plan.inputs.value);
  const auto change = parted(plan, shared_ring(1 << 20));
  ASSERT_TRUE(change);
  EXPECT_EQ(change->from, 8);
  EXPECT_EQ(change->to, 4);
  EXPECT_EQ(change->words, "fewer CPUs a ring: 2 rings of 512 KiB in place of 1 of 1 MiB");
  EXPECT_LT(change->after.reserve_p99_ns, change->before.reserve_p99_ns / 2);

  EXPECT_FALSE(parted(plan, shared_ring(4096))) << "half a page is no ring";
  EXPECT_FALSE(parted(plan, rings_of(1, 1 << 17))) << "one CPU a ring";
  plan.targets.memory_bytes = (1 << 20) + 3 * 4096;
  EXPECT_FALSE(parted(plan, shared_ring(1 << 20))) << "no room for more control pages";
}

TEST(RecommendationTest, TheInputThatMattersMost) {
  auto plan = in_rare_bursts();
  plan.layouts.resize(1);
  EXPECT_EQ(recommended(plan).decisive, std::nullopt) << "all is known exactly";
  plan.inputs.low.core_ns = 90;  // of no CPUs here
  plan.inputs.low.burst_on_us = 300;
  const auto found = recommended(plan);
  ASSERT_TRUE(found.decisive);
  EXPECT_EQ(found.decisive->key, "source.burst_on_us");
  EXPECT_THAT(found.decisive->words, HasSubstr("goes from"));
}

TEST(RecommendationTest, AnIntervalHoldsWhatIsExpected) {
  for (const auto& one : assess(in_rare_bursts(), [](std::size_t, std::size_t) {}))
    for (const auto& key : figure_keys()) {
      EXPECT_LE(one.low.*key.member, one.value.*key.member) << key.key;
      EXPECT_GE(one.high.*key.member, one.value.*key.member) << key.key;
    }
}

// The reader stalls for half of each period of the trace; whether the burst falls into that is
// chance.
TEST(RecommendationTest, AnIntervalHoldsWhereATraceMayBegin) {
  auto plan = small_plan();
  plan.draws = 40;
  plan.trace.bin_s = 0.01;
  plan.trace.rates.assign(20, std::vector<double>(8, 0));
  plan.trace.rates[3].assign(8, 1e5);  // 8000 records in one bin of 20
  plan.inputs.value.stall_us = 100'000;
  plan.inputs.value.stall_every_us = 200'000;
  plan.inputs = exactly(plan.inputs.value);
  plan.layouts = {shared_ring(200 * 2'000)};
  const auto one = assess(plan, [](std::size_t, std::size_t) {}).front();
  EXPECT_EQ(one.low.drop_fraction, 0);
  EXPECT_NEAR(one.high.drop_fraction, 0.75, 0.01);
}

TEST(RecommendationTest, ALayoutThatNoOtherBeatsIsOnTheFront) {
  const auto all = assess(in_rare_bursts(), [](std::size_t, std::size_t) {});
  EXPECT_TRUE(all[0].pareto) << "the least memory";
  EXPECT_TRUE(all[1].pareto);
  EXPECT_FALSE(all[2].pareto) << "more memory than the second and no fewer losses";
}

TEST(RecommendationTest, BurstsThatTheLockStretchesAreRemarkedOn) {
  auto plan = in_rare_bursts();
  plan.layouts = {rings_of(1, 1 << 19)};
  EXPECT_THAT(recommended(plan).remarks, IsEmpty()) << "nobody meets there";
  plan.inputs.value.burst_width = 8;
  plan.inputs = exactly(plan.inputs.value);
  plan.layouts = {shared_ring(1 << 23)};
  ASSERT_EQ(recommended(plan).remarks.size(), 1U);
  EXPECT_THAT(recommended(plan).remarks[0], HasSubstr("lasts longer than stated"));
}

TEST(RecommendationTest, DistanceIsZeroWhereEveryTargetIsMet) {
  Targets targets;
  targets.drop_fraction = 0.01;
  Figures figures;
  figures.drop_fraction = 0.01;
  EXPECT_EQ(distance(targets, figures, {}), 0);
  figures.drop_fraction = 0.02;
  const auto near = distance(targets, figures, {});
  figures.drop_fraction = 0.2;
  EXPECT_GT(near, 0);
  EXPECT_GT(distance(targets, figures, {}), near);
}

}  // namespace
}  // namespace ringbench::planner
