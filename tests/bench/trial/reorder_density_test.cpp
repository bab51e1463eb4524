#include "bench/trial/reorder_density.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <map>
#include <numeric>
#include <vector>

#include "tests/bench/trial/deliveries.hpp"

namespace ringbench {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;

using Density = std::map<std::int64_t, double>;

// Of small displacements, which the histogram holds exactly.
Density rd(const ReorderDensity& found) {
  Density density;
  const auto records = static_cast<double>(found.displacement.count());
  for (const auto& bucket : found.displacement.buckets()) {
    density[bucket.lower] = static_cast<double>(bucket.count) / records;
  }
  return density;
}
Density rbd(const ReorderDensity& found) {
  Density density;
  const auto records = static_cast<double>(found.buffer_occupancy.count());
  for (const auto& bucket : found.buffer_occupancy.buckets()) {
    density[static_cast<std::int64_t>(bucket.lower)] = static_cast<double>(bucket.count) / records;
  }
  return density;
}

ReorderDensity density_of(const Stamps& stamps, std::uint64_t tie_window = 0) {
  const auto delivered = deliveries(stamps);
  return reorder_density(delivered, reordering(delivered, tie_window), tie_window);
}

// The order that reorder_density.hpp describes, place by place: S by place of delivery, from 1.
std::vector<std::int64_t> ranks_by_definition(const Stamps& stamps, std::uint64_t tie_window) {
  std::vector<std::int64_t> rank(stamps.size(), 0);
  const auto may_be_next = [&](std::size_t i) {
    for (std::size_t j = 0; j < stamps.size(); ++j) {
      if (rank[j] == 0 && stamps[i] > stamps[j] && stamps[i] - stamps[j] > tie_window) return false;
    }
    return rank[i] == 0;
  };
  for (std::size_t place = 1; place <= stamps.size(); ++place) {
    std::size_t i = 0;
    while (!may_be_next(i)) ++i;
    rank[i] = static_cast<std::int64_t>(place);
  }
  return rank;
}

// RFC 5236 read literally, on the numbers S in order of arrival: D = RI - S, and after each arrival
// the packets in the buffer are those beyond the expected one, the largest E such that all
// numbers below it have arrived.
struct ByDefinition {
  explicit ByDefinition(const std::vector<std::int64_t>& numbers) {
    std::vector<std::int64_t> arrived;
    for (const auto number : numbers) {
      arrived.push_back(number);
      ++displacement[static_cast<std::int64_t>(arrived.size()) - number];
      std::int64_t expected = 1;
      while (std::ranges::count(arrived, expected) > 0) ++expected;
      ++occupancy[static_cast<std::uint64_t>(
          std::ranges::count_if(arrived, [&](auto held) { return held > expected; }))];
    }
  }
  std::map<std::int64_t, std::uint64_t> displacement;
  std::map<std::uint64_t, std::uint64_t> occupancy;
};

template <class Buckets, class Counts>
bool same(const Buckets& buckets, const Counts& counts) {
  return std::ranges::equal(buckets, counts, [](const auto& bucket, const auto& count) {
    return bucket.lower == count.first && bucket.count == count.second;
  });
}

TEST(ReorderDensity, OfNothingIsEmpty) {
  const auto found = density_of({});
  EXPECT_EQ(found.displacement.count(), 0U);
  EXPECT_EQ(found.buffer_occupancy.count(), 0U);
}

TEST(ReorderDensity, KnownAnswer) {
  const auto found = density_of({1, 6, 7, 2, 3, 4, 5, 8});
  EXPECT_THAT(rd(found), ElementsAre(Pair(-4, 0.25), Pair(0, 0.25), Pair(2, 0.5)));
  EXPECT_THAT(rbd(found), ElementsAre(Pair(0, 0.375), Pair(1, 0.125), Pair(2, 0.5)));
}

// In the manner of the RFC's examples, computed from its definitions:
//   RI  1  2  3  4  5  6  7  8
//   S   1  4  2  5  3  6  7  8
//   D   0 -2  1 -1  2  0  0  0
//   B   0  1  1  2  0  0  0  0
TEST(ReorderDensity, PacketsOvertakingEachOther) {
  const auto found = density_of({1, 4, 2, 5, 3, 6, 7, 8});
  EXPECT_THAT(rd(found), ElementsAre(Pair(-2, 0.125), Pair(-1, 0.125), Pair(0, 0.5), Pair(1, 0.125),
                                     Pair(2, 0.125)));
  EXPECT_THAT(rbd(found), ElementsAre(Pair(0, 0.625), Pair(1, 0.25), Pair(2, 0.125)));
}

// Packets 4 and 5 wait for 3, whose arrival empties the buffer.
TEST(ReorderDensity, TheExpectedPacketEmptiesTheBuffer) {
  const auto found = density_of({1, 2, 4, 5, 3});
  EXPECT_THAT(rbd(found), ElementsAre(Pair(0, 0.6), Pair(1, 0.2), Pair(2, 0.2)));
  EXPECT_THAT(rd(found), ElementsAre(Pair(-1, 0.4), Pair(0, 0.4), Pair(2, 0.2)));
}

// Numbers 3, 4 and 5 were lost: the receive index skips them.
TEST(ReorderDensity, ALossIsNoDisplacement) {
  EXPECT_THAT(rd(density_of({1, 2, 6, 7, 8})), ElementsAre(Pair(0, 1)));
  EXPECT_THAT(rd(density_of({1, 6, 2, 8})),
              ElementsAre(Pair(-1, 0.25), Pair(0, 0.5), Pair(1, 0.25)));
}

TEST(ReorderDensity, TiesAloneAreInOrder) {
  const auto found = density_of({110, 100, 105, 113, 103, 112, 112}, 10);
  EXPECT_THAT(rd(found), ElementsAre(Pair(0, 1)));
  EXPECT_THAT(rbd(found), ElementsAre(Pair(0, 1)));
  EXPECT_THAT(rd(density_of({7, 7, 7})), ElementsAre(Pair(0, 1)));
}

// 101 and 100 are late, but not against one another; 95 and 98 are a tie.
TEST(ReorderDensity, LateRecordsMayTieToo) {
  EXPECT_THAT(rd(density_of({200, 101, 100}, 10)),
              ElementsAre(Pair(-2, 1.0 / 3), Pair(1, 2.0 / 3)));
  EXPECT_THAT(rd(density_of({100, 95, 200, 98}, 10)),
              ElementsAre(Pair(-1, 0.25), Pair(0, 0.5), Pair(1, 0.25)));
}

TEST(ReorderDensity, ReversedTheBufferHoldsAll) {
  Stamps stamps(1'000);
  for (std::size_t i = 0; i < stamps.size(); ++i) stamps[i] = stamps.size() - i;
  const auto found = density_of(stamps);
  EXPECT_EQ(found.buffer_occupancy.max(), 999U);
  EXPECT_EQ(found.displacement.count(), 1'000U);
  EXPECT_EQ(found.displacement.negative.max(), 999U);
  EXPECT_EQ(found.displacement.other.max(), 999U);
  EXPECT_EQ(rd(found).count(0), 0U) << "an even number has no middle";
}

RC_GTEST_PROP(ReorderDensity, IsWhatTheDefinitionSays, ()) {
  const auto jitter = *rc::gen::element<std::uint64_t>(1, 40, 400, 4'000);
  auto stamps = *rc::gen::container<Stamps>(rc::gen::inRange<std::uint64_t>(0, jitter));
  for (std::size_t i = 0; i < stamps.size(); ++i) stamps[i] += 10 * i;
  const auto tie_window = *rc::gen::inRange<std::uint64_t>(0, 30);
  const ByDefinition wanted(ranks_by_definition(stamps, tie_window));
  const auto found = density_of(stamps, tie_window);
  RC_ASSERT(same(found.displacement.buckets(), wanted.displacement));
  RC_ASSERT(same(found.buffer_occupancy.buckets(), wanted.occupancy));
}

// Without ties the numbers are the stamps themselves.
RC_GTEST_PROP(ReorderDensity, OfAPermutationIsThatOfItsNumbers, ()) {
  std::vector<std::int64_t> numbers(*rc::gen::inRange<std::size_t>(0, 100));
  std::iota(numbers.begin(), numbers.end(), 1);
  for (std::size_t i = 1; i < numbers.size(); ++i) {
    std::swap(numbers[i], numbers[*rc::gen::inRange<std::size_t>(0, i + 1)]);
  }
  const ByDefinition wanted(numbers);
  const auto found = density_of(Stamps(numbers.begin(), numbers.end()));
  RC_ASSERT(same(found.displacement.buckets(), wanted.displacement));
  RC_ASSERT(same(found.buffer_occupancy.buckets(), wanted.occupancy));
}

// What RFC 4737 calls in order has no displacement here.
RC_GTEST_PROP(ReorderDensity, NothingReorderedIsNothingDisplaced, ()) {
  auto stamps = *rc::gen::container<Stamps>(rc::gen::inRange<std::uint64_t>(0, 100));
  const auto tie_window = *rc::gen::inRange<std::uint64_t>(60, 130);
  const auto delivered = deliveries(stamps);
  const auto order = reordering(delivered, tie_window);
  const auto found = reorder_density(delivered, order, tie_window);
  RC_ASSERT(found.displacement.count() == stamps.size());
  const auto undisplaced = rd(found);
  RC_ASSERT((order.reordered == 0) == (undisplaced.empty() || undisplaced == Density{{0, 1.0}}));
}

}  // namespace
}  // namespace ringbench
