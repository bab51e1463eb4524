#include "bench/trial/chain_order.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <map>
#include <set>

namespace ringbench {
namespace {

using ::testing::HasSubstr;

// Links of chains of three, delivered in this order.
std::vector<DeliveredLink> delivered(const std::vector<Link>& links) {
  std::vector<DeliveredLink> all;
  for (const auto& link : links) all.push_back({link, 10 * all.size()});
  return all;
}

TEST(ChainOrder, OfNothingIsNothing) {
  const auto order = chain_order({});
  EXPECT_EQ(order.facts.whole + order.facts.broken + order.facts.records, 0U);
  EXPECT_EQ(order.contradiction, "");
}

TEST(ChainOrder, AChainInItsOrder) {
  const auto order = chain_order(delivered({{1, 3, 0, 0}, {1, 3, 1, 1}, {1, 3, 2, 2}}));
  EXPECT_EQ(order.facts.whole, 1U);
  EXPECT_EQ(order.facts.inverted, 0U);
  EXPECT_EQ(order.facts.records, 3U);
  EXPECT_EQ(order.facts.counter_reordered, 0U);
}

TEST(ChainOrder, AnExitBeforeItsFork) {
  const auto order = chain_order(delivered({{1, 3, 1, 1}, {1, 3, 2, 2}, {1, 3, 0, 0}}));
  EXPECT_EQ(order.facts.whole, 1U);
  EXPECT_EQ(order.facts.inverted, 1U);
  EXPECT_EQ(order.facts.counter_reordered, 1U);
  EXPECT_EQ(order.contradiction, "");
}

// Two chains may mix as they like.
TEST(ChainOrder, OtherChainsInBetweenAreNoInversion) {
  const auto order = chain_order(delivered(
      {{2, 3, 0, 3}, {1, 3, 0, 0}, {1, 3, 1, 1}, {2, 3, 1, 4}, {1, 3, 2, 2}, {2, 3, 2, 5}}));
  EXPECT_EQ(order.facts.whole, 2U);
  EXPECT_EQ(order.facts.inverted, 0U);
  EXPECT_EQ(order.facts.counter_reordered, 3U);  // 0, 1 after 3; 2 after 4
}

TEST(ChainOrder, OneThatLacksARecordIsBrokenNotInverted) {
  const auto order = chain_order(delivered({{1, 3, 2, 2}, {1, 3, 0, 0}}));
  EXPECT_EQ(order.facts.broken, 1U);
  EXPECT_EQ(order.facts.whole, 0U);
  EXPECT_EQ(order.facts.inverted, 0U);
}

TEST(ChainOrder, ACounterThatContradictsTheCauseIsSaid) {
  const auto order = chain_order(delivered({{9, 3, 0, 1}, {9, 3, 1, 0}, {9, 3, 2, 2}}));
  EXPECT_THAT(order.contradiction, HasSubstr("chain 9"));
}

// Against the obvious way to count.
RC_GTEST_PROP(ChainOrder, IsWhatAnyoneWouldCount, ()) {
  const auto chains = *rc::gen::inRange<std::uint64_t>(1, 8);
  std::vector<Link> links;
  for (std::uint32_t step = 0; step < 3; ++step) {
    for (std::uint64_t chain = 0; chain < chains; ++chain) {
      links.push_back({chain, 3, step, links.size()});
    }
  }
  const auto swaps =
      *rc::gen::container<std::vector<std::size_t>>(rc::gen::inRange<std::size_t>(0, links.size()));
  for (std::size_t i = 0; i + 1 < swaps.size(); i += 2)
    std::swap(links[swaps[i]], links[swaps[i + 1]]);
  if (*rc::gen::arbitrary<bool>()) links.pop_back();

  std::uint64_t late = 0;
  for (auto here = links.begin(); here != links.end(); ++here) {
    late += std::any_of(links.begin(), here,
                        [&](const Link& before) { return before.counter > here->counter; });
  }
  std::uint64_t inverted = 0;
  std::uint64_t whole = 0;
  for (std::uint64_t chain = 0; chain < chains; ++chain) {
    std::vector<std::uint32_t> steps;
    for (const auto& link : links) {
      if (link.chain == chain) steps.push_back(link.step);
    }
    whole += steps.size() == 3;
    inverted += steps.size() == 3 && !std::is_sorted(steps.begin(), steps.end());
  }
  const auto order = chain_order(delivered(links));
  RC_ASSERT(order.facts.whole == whole);
  RC_ASSERT(order.facts.inverted == inverted);
  RC_ASSERT(order.facts.counter_reordered == late);
  RC_ASSERT(order.facts.records == links.size());
}

}  // namespace
}  // namespace ringbench
