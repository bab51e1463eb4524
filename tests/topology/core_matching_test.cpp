#include "topology/core_matching.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <set>

namespace ringbench {
namespace {

using testing::ElementsAre;
using testing::Optional;
using Choices = std::vector<std::vector<CoreChoice>>;

TEST(CoreMatching, FirstComerMovesWhenAnotherCouldGetNoCore) {
  EXPECT_THAT(match_cores({{{0, 0}, {1, 0}}, {{0, 0}}}, 2), ElementsAre(Optional(1), Optional(0)));
}

TEST(CoreMatching, DearChoiceIsNotTakenFromTheOneItIsCheapFor) {
  EXPECT_THAT(match_cores({{{0, 1}, {1, 1}}, {{0, 0}, {1, 1}}}, 2),
              ElementsAre(Optional(1), Optional(0)));
}

TEST(CoreMatching, WhoCannotBeServedIsLeftWithout) {
  EXPECT_THAT(match_cores({{{0, 0}}, {{0, 0}}, {}}, 1),
              ElementsAre(Optional(0), std::nullopt, std::nullopt));
}

// The most consumers from `next` on that can be served, by trying everything.
std::size_t most_served(const Choices& choices, std::size_t next, std::set<std::size_t> used) {
  if (next == choices.size()) return 0;
  std::size_t best = most_served(choices, next + 1, used);
  for (const CoreChoice& choice : choices[next]) {
    if (used.contains(choice.core)) continue;
    auto with = used;
    with.insert(choice.core);
    best = std::max(best, 1 + most_served(choices, next + 1, with));
  }
  return best;
}

Choices cheapest_only(Choices choices) {
  for (auto& of_one : choices) std::erase_if(of_one, [](auto& choice) { return choice.cost > 0; });
  return choices;
}

RC_GTEST_PROP(CoreMatchingProperty, ServesAsManyAsCanBeServed, ()) {
  constexpr std::size_t kCores = 5;
  Choices choices(*rc::gen::inRange<std::size_t>(1, 6));
  for (auto& of_one : choices)
    for (std::size_t core = 0; core < kCores; ++core)
      if (*rc::gen::inRange(0, 3) == 0) of_one.push_back({core, *rc::gen::inRange(0U, 2U)});

  const auto matched = match_cores(choices, kCores);
  RC_ASSERT(matched.size() == choices.size());
  std::set<std::size_t> used;
  std::size_t served = 0;
  for (std::size_t consumer = 0; consumer < matched.size(); ++consumer) {
    if (!matched[consumer]) continue;
    ++served;
    RC_ASSERT(used.insert(*matched[consumer]).second);
    const auto offered = [&](auto& choice) { return choice.core == *matched[consumer]; };
    RC_ASSERT(std::ranges::any_of(choices[consumer], offered));
  }
  RC_ASSERT(served == most_served(choices, 0, {}));
  // Where the cheap choices alone serve everyone, nobody pays more.
  if (most_served(cheapest_only(choices), 0, {}) == choices.size())
    RC_ASSERT(matched == match_cores(cheapest_only(choices), kCores));
}

}  // namespace
}  // namespace ringbench
