#include "bench/limits/limits_plan.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>

namespace ringbench {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::SizeIs;

TrialSpec trial(std::vector<unsigned> producer_cpus, std::vector<unsigned> ring_of,
                std::vector<unsigned> consumer_cpus) {
  TrialSpec spec;
  spec.ring_of = std::move(ring_of);
  spec.rings = 1 + *std::ranges::max_element(spec.ring_of);
  spec.placement.producer_cpus = std::move(producer_cpus);
  spec.placement.consumer_cpus = std::move(consumer_cpus);
  return spec;
}

LimitsPlan plan_of(const std::vector<TrialSpec>& trials, const char* machine = "core:16 pu:1") {
  std::vector<const TrialSpec*> pointers;
  for (const auto& one : trials) pointers.push_back(&one);
  return plan_limits(machine_from_synthetic(machine), pointers);
}

TEST(LimitsPlan, OneProducerNeedsNoRivals) {
  const auto plan = plan_of({trial({3}, {0}, {5})});
  EXPECT_THAT(plan.sharing, ElementsAre(ElementsAre(3)));
  EXPECT_THAT(plan.pairs, ElementsAre(Pair(3, 5)));
}

TEST(LimitsPlan, EveryNumberOfProducersThatShareARingIsThereOnce) {
  const auto plan = plan_of({trial({0, 1, 2}, {0, 0, 0}, {3}), trial({4, 5, 6}, {0, 0, 1}, {7}),
                             trial({6, 7, 8}, {0, 0, 0}, {3})});
  EXPECT_THAT(plan.sharing, ElementsAre(ElementsAre(0), ElementsAre(4, 5), ElementsAre(0, 1, 2)));
}

TEST(LimitsPlan, ProducersWithARingEachDoNotContend) {
  EXPECT_THAT(plan_of({trial({0, 1}, {0, 1}, {2})}).sharing, SizeIs(1));
}

TEST(LimitsPlan, ATransportWithoutRingsHasNoLineToFightFor) {
  auto null = trial({0, 1}, {0, 0}, {});
  null.rings = 0;
  EXPECT_THAT(plan_of({null}).sharing, SizeIs(1));
}

TEST(LimitsPlan, ProducersThatTakeTurnsOnACpuAreNoRivals) {
  EXPECT_THAT(plan_of({trial({0, 0}, {0, 0}, {1})}).sharing, SizeIs(1));
}

TEST(LimitsPlan, OfManyNumbersEightAreKeptWithTheEnds) {
  std::vector<TrialSpec> trials;
  for (unsigned producers = 2; producers <= 16; ++producers) {
    std::vector<unsigned> cpus(producers);
    std::iota(cpus.begin(), cpus.end(), 0U);
    trials.push_back(trial(cpus, std::vector<unsigned>(producers, 0), {0}));
  }
  std::vector<std::size_t> numbers;
  for (const auto& cpus : plan_of(trials).sharing) numbers.push_back(cpus.size());
  EXPECT_THAT(numbers, ElementsAre(1, 2, 4, 6, 8, 10, 12, 14, 16));
}

TEST(LimitsPlan, NoTrialsNeedNoLimits) {
  const auto plan = plan_of({});
  EXPECT_THAT(plan.sharing, IsEmpty());
  EXPECT_THAT(plan.pairs, IsEmpty());
  EXPECT_EQ(limit_rounds(plan, 100), 0U);
}

TEST(LimitsPlan, OnTwoCpusARoundIsShort) {
  const auto plan = plan_of({trial({0, 1}, {0, 0}, {1})}, "core:2 pu:1");
  EXPECT_LT(expected_seconds(plan), 0.1);
}

TEST(LimitsPlan, TheLimitsTakeASmallShareOfTheRun) {
  const auto plan = plan_of({trial({0, 1}, {0, 0}, {1})}, "core:2 pu:1");
  const double round = expected_seconds(plan);
  EXPECT_EQ(limit_rounds(plan, 0), 1U) << "one in any case";
  EXPECT_EQ(limit_rounds(plan, 20 * 3.5 * round), 3U);
  EXPECT_EQ(limit_rounds(plan, 1e6), 5U);
}

}  // namespace
}  // namespace ringbench
