#include "bench/trial/reordering.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <limits>
#include <numeric>
#include <optional>
#include <vector>

namespace ringbench {
namespace {

using ::testing::ElementsAre;
using Stamps = std::vector<std::uint64_t>;

// Extents in ascending order; they are small, so the histogram holds them exactly.
Stamps extents(const Reordering& found) {
  Stamps values;
  for (const auto& bucket : found.extent.buckets()) {
    values.insert(values.end(), bucket.count, bucket.lower);
  }
  return values;
}

// RFC 4737 read literally: a record is reordered if its stamp is smaller than that of an earlier
// one, and its extent is i - j for the smallest such j (section 4.2).
Reordering by_definition(const Stamps& stamps, std::uint64_t tie_window) {
  Reordering result;
  result.records = stamps.size();
  for (std::size_t i = 0; i < stamps.size(); ++i) {
    std::optional<std::size_t> earliest;
    for (std::size_t j = 0; j < i && !earliest; ++j) {
      if (stamps[j] > stamps[i] && stamps[j] - stamps[i] > tie_window) earliest = j;
    }
    if (!earliest) continue;
    ++result.reordered;
    result.extent.record(i - *earliest);
  }
  return result;
}

TEST(Reordering, OfNothingIsZero) {
  const auto found = reordering({}, 0);
  EXPECT_EQ(found.records, 0U);
  EXPECT_EQ(found.ratio(), 0);
}

// Packets 2 to 5 arrive after 7: each is reordered, and the first with a larger number is packet 6
// at the second place.
TEST(Reordering, KnownAnswer) {
  const auto found = reordering(Stamps{1, 6, 7, 2, 3, 4, 5, 8}, 0);
  EXPECT_EQ(found.records, 8U);
  EXPECT_EQ(found.reordered, 4U);
  EXPECT_EQ(found.ratio(), 0.5);
  EXPECT_THAT(extents(found), ElementsAre(2, 3, 4, 5));
}

TEST(Reordering, InOrderThereIsNone) {
  Stamps stamps(1'000);
  std::iota(stamps.begin(), stamps.end(), 1U);
  EXPECT_EQ(reordering(stamps, 0).reordered, 0U);
}

TEST(Reordering, EqualStampsAreInOrder) {
  EXPECT_EQ(reordering(Stamps{5, 5, 5, 5}, 0).reordered, 0U);
}

TEST(Reordering, ReversedEveryRecordButTheFirstIsReordered) {
  const auto found = reordering(Stamps{50, 40, 30, 20, 10}, 0);
  EXPECT_EQ(found.ratio(), 0.8);
  EXPECT_THAT(extents(found), ElementsAre(1, 2, 3, 4));
}

TEST(Reordering, WithinTheTieWindowIsNoReordering) {
  EXPECT_EQ(reordering(Stamps{100, 90}, 10).reordered, 0U);
  EXPECT_EQ(reordering(Stamps{100, 90}, 9).reordered, 1U);
  EXPECT_EQ(reordering(Stamps{100, 90}, std::numeric_limits<std::uint64_t>::max()).reordered, 0U);
}

// The earliest record is only a tie; the extent counts from the one that is not.
TEST(Reordering, ExtentReachesToTheEarliestRecordBeyondTheTieWindow) {
  EXPECT_THAT(extents(reordering(Stamps{105, 200, 300, 100}, 10)), ElementsAre(2));
}

RC_GTEST_PROP(Reordering, IsWhatTheDefinitionSays, ()) {
  const auto stamps = *rc::gen::container<Stamps>(rc::gen::inRange<std::uint64_t>(0, 60));
  const auto tie_window = *rc::gen::inRange<std::uint64_t>(0, 20);
  const auto found = reordering(stamps, tie_window);
  const auto wanted = by_definition(stamps, tie_window);
  RC_ASSERT(found.records == wanted.records);
  RC_ASSERT(found.reordered == wanted.reordered);
  RC_ASSERT(extents(found) == extents(wanted));
}

}  // namespace
}  // namespace ringbench
