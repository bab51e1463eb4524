#include "bench/trial/reordering.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <limits>
#include <numeric>
#include <optional>
#include <vector>

#include "tests/bench/trial/deliveries.hpp"

namespace ringbench {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

Reordering reordering_of(const Stamps& stamps, std::uint64_t tie_window = 0) {
  return reordering(deliveries(stamps), tie_window);
}

// The share of all records that are n-reordered, in percent (RFC 4737, 5.3: the degree).
double degree(const Reordering& found, std::uint64_t n) {
  const auto largest = values(found.n_reordering);
  const auto reordered = std::ranges::count_if(largest, [&](auto value) { return value >= n; });
  return 100 * static_cast<double>(reordered) / static_cast<double>(found.records);
}

// RFC 4737 read literally.
class TrackedByDefinition {
 public:
  TrackedByDefinition(std::vector<Delivery> delivered, std::uint64_t tie_window)
      : delivered_(std::move(delivered)), tie_window_(tie_window) {
    std::uint64_t run = 0;
    for (std::size_t i = 0; i < delivered_.size(); ++i) {
      const auto j = earliest_after(i);
      if (!j) {
        ++run;
        continue;
      }
      extents.push_back(i - *j);
      late.push_back(delivered_[i].delivered - delivered_[*j].delivered);
      runs.push_back(run);
      run = 0;
      if (largest_n(i) > 0) n.push_back(largest_n(i));
    }
    for (auto* all : {&extents, &late, &runs, &n}) std::ranges::sort(*all);
  }

  std::vector<std::uint64_t> extents, late, runs, n;

 private:
  bool after(std::size_t j, std::size_t i) const {
    return delivered_[j].stamp > delivered_[i].stamp &&
           delivered_[j].stamp - delivered_[i].stamp > tie_window_;
  }
  std::optional<std::size_t> earliest_after(std::size_t i) const {
    for (std::size_t j = 0; j < i; ++j) {
      if (after(j, i)) return j;
    }
    return std::nullopt;
  }
  bool is_n_reordered(std::size_t i, std::size_t n_records) const {
    for (std::size_t j = i - n_records; j < i; ++j) {
      if (!after(j, i)) return false;
    }
    return true;
  }
  std::uint64_t largest_n(std::size_t i) const {
    std::uint64_t largest = 0;
    for (std::size_t n_records = 1; n_records <= i; ++n_records) {
      if (is_n_reordered(i, n_records)) largest = n_records;
    }
    return largest;
  }

  std::vector<Delivery> delivered_;
  std::uint64_t tie_window_;
};

TEST(Reordering, OfNothingIsZero) {
  const auto found = reordering({}, 0);
  EXPECT_EQ(found.records, 0U);
  EXPECT_EQ(found.ratio(), 0);
  EXPECT_THAT(found.stretches, IsEmpty());
}

// Packets 2 to 5 arrive after 7: each is reordered, and the first with a larger number is packet 6
// at the second place. Only 2 comes right after larger ones, 6 and 7.
TEST(Reordering, KnownAnswer) {
  const auto found = reordering_of({1, 6, 7, 2, 3, 4, 5, 8});
  EXPECT_EQ(found.records, 8U);
  EXPECT_EQ(found.reordered, 4U);
  EXPECT_EQ(found.ratio(), 0.5);
  EXPECT_THAT(values(found.extent), ElementsAre(2, 3, 4, 5));
  EXPECT_THAT(values(found.late_ticks), ElementsAre(20, 30, 40, 50));
  EXPECT_THAT(values(found.free_run), ElementsAre(0, 0, 0, 3));
  EXPECT_EQ(degree(found, 1), 12.5);
  EXPECT_EQ(degree(found, 2), 12.5);
  EXPECT_EQ(degree(found, 3), 0);
  EXPECT_THAT(found.stretches, ElementsAre(Stretch{1, 7}));
}

TEST(Reordering, ReversedAllPredecessorsAreAfter) {
  const auto found = reordering_of({10, 9, 8, 7, 6, 5, 4, 3, 2, 1});
  EXPECT_EQ(found.ratio(), 0.9);
  EXPECT_THAT(values(found.extent), ElementsAre(1, 2, 3, 4, 5, 6, 7, 8, 9));
  double wanted = 90;
  for (std::uint64_t n = 1; n <= 10; ++n, wanted -= 10) EXPECT_EQ(degree(found, n), wanted) << n;
  EXPECT_THAT(values(found.free_run), ElementsAre(0, 0, 0, 0, 0, 0, 0, 0, 1));
}

// Arrivals in the manner of RFC 4737, section 7.1: sent every 20, packet 4 delayed by 82 more than
// the others, so that it comes 2 after packet 8.
TEST(Reordering, OnePacketLate) {
  const std::vector<Delivery> arrived{{1, 68},  {2, 88},  {3, 108}, {5, 148}, {6, 168},
                                      {7, 188}, {8, 208}, {4, 210}, {9, 228}, {10, 248}};
  const auto found = reordering(arrived, 0);
  EXPECT_EQ(found.ratio(), 0.1);
  EXPECT_THAT(values(found.extent), ElementsAre(4));
  EXPECT_THAT(values(found.late_ticks), ElementsAre(62));
  EXPECT_THAT(values(found.n_reordering), ElementsAre(4));
  EXPECT_THAT(values(found.free_run), ElementsAre(7));
}

// Section 7.2: packets 5 and 6 behind 7. Packet 6 follows 5, so it is n-reordered for no n.
TEST(Reordering, TwoPacketsLate) {
  const std::vector<Delivery> arrived{{1, 68},  {2, 88},  {3, 108}, {4, 128}, {7, 188},
                                      {5, 189}, {6, 190}, {8, 208}, {9, 228}, {10, 248}};
  const auto found = reordering(arrived, 0);
  EXPECT_EQ(found.ratio(), 0.2);
  EXPECT_THAT(values(found.extent), ElementsAre(1, 2));
  EXPECT_THAT(values(found.late_ticks), ElementsAre(1, 2));
  EXPECT_THAT(values(found.n_reordering), ElementsAre(1));
}

// Section 7.3: packets 4, 5 and 6 behind 7 to 10.
TEST(Reordering, ThreePacketsLate) {
  const std::vector<Delivery> arrived{{1, 68},   {2, 88},  {3, 108}, {7, 188}, {8, 208}, {9, 228},
                                      {10, 248}, {4, 250}, {5, 252}, {6, 254}, {11, 268}};
  const auto found = reordering(arrived, 0);
  EXPECT_THAT(values(found.extent), ElementsAre(4, 5, 6));
  EXPECT_THAT(values(found.late_ticks), ElementsAre(62, 64, 66));
  EXPECT_THAT(values(found.n_reordering), ElementsAre(4));
  EXPECT_THAT(values(found.free_run), ElementsAre(0, 0, 7));
}

// Runs between several discontinuities, as in section 7.4: the one that nothing reordered ends is
// of no run.
TEST(Reordering, ARunEndsWithAReorderedRecord) {
  const auto found = reordering_of({1, 2, 3, 6, 7, 4, 5, 8, 9, 10, 12, 13, 11, 14, 15});
  EXPECT_THAT(values(found.free_run), ElementsAre(0, 5, 5));
  EXPECT_THAT(found.stretches, ElementsAre(Stretch{3, 7}, Stretch{10, 13}));
}

TEST(Reordering, InOrderThereIsNone) {
  Stamps stamps(1'000);
  std::iota(stamps.begin(), stamps.end(), 1U);
  const auto found = reordering_of(stamps);
  EXPECT_EQ(found.reordered, 0U);
  EXPECT_EQ(found.free_run.count(), 0U) << "no run has ended";
}

TEST(Reordering, EqualStampsAreInOrder) {
  EXPECT_EQ(reordering_of({5, 5, 5, 5}).reordered, 0U);
}

TEST(Reordering, WithinTheTieWindowIsNoReordering) {
  EXPECT_EQ(reordering_of({100, 90}, 10).reordered, 0U);
  EXPECT_EQ(reordering_of({100, 90}, 9).reordered, 1U);
  EXPECT_EQ(reordering_of({100, 90}, std::numeric_limits<std::uint64_t>::max()).reordered, 0U);
}

// The earliest record is only a tie; the extent counts from the one that is not.
TEST(Reordering, ExtentReachesToTheEarliestRecordBeyondTheTieWindow) {
  EXPECT_THAT(values(reordering_of({105, 200, 300, 100}, 10).extent), ElementsAre(2));
}

TEST(Reordering, ATieEndsNReordering) {
  EXPECT_THAT(values(reordering_of({200, 300, 108, 250, 260, 100}, 10).n_reordering),
              ElementsAre(2, 2));
}

// Far apart, so that the search for the earliest crosses many blocks of its index.
TEST(Reordering, ExtentsOverThousandsOfRecords) {
  constexpr std::uint64_t kRecords = 5'000;
  for (const std::uint64_t first : {0U, 1U, 63U, 64U, 65U, 4'000U}) {
    Stamps stamps(kRecords);
    std::iota(stamps.begin(), stamps.end(), 1U);
    stamps.push_back(first + 1);
    stamps[first] = first == 0 ? 0 : stamps[first - 1];
    const auto found = reordering_of(stamps);
    EXPECT_EQ(found.reordered, 1U) << first;
    EXPECT_EQ(found.extent.max(), kRecords - first - 1) << first;
    EXPECT_EQ(found.n_reordering.max(), kRecords - first - 1) << first;
    EXPECT_EQ(found.late_ticks.max(), 10 * (kRecords - first - 1)) << first;
  }
}

RC_GTEST_PROP(Reordering, IsWhatTheDefinitionSays, ()) {
  const auto most = *rc::gen::element<std::uint64_t>(3, 60, 1'000);
  const auto delivered =
      deliveries(*rc::gen::container<Stamps>(rc::gen::inRange<std::uint64_t>(0, most)));
  const auto tie_window = *rc::gen::inRange<std::uint64_t>(0, 20);
  const auto found = reordering(delivered, tie_window);
  const TrackedByDefinition wanted(delivered, tie_window);
  RC_ASSERT(found.records == delivered.size());
  RC_ASSERT(found.reordered == wanted.extents.size());
  RC_ASSERT(values(found.extent) == wanted.extents);
  RC_ASSERT(values(found.free_run) == wanted.runs);
  RC_ASSERT(values(found.n_reordering) == wanted.n);
  Histogram late;
  for (const auto ticks : wanted.late) late.record(ticks);
  RC_ASSERT(found.late_ticks.buckets() == late.buckets());
}

// Two records out of order lie in one stretch, every stretch has some, and they do not overlap.
RC_GTEST_PROP(Reordering, StretchesHoldWhatIsOutOfOrder, ()) {
  const auto jitter = *rc::gen::inRange<std::uint64_t>(1, 60);
  auto stamps = *rc::gen::container<Stamps>(rc::gen::inRange<std::uint64_t>(0, jitter));
  for (std::size_t i = 0; i < stamps.size(); ++i) stamps[i] += 10 * i;
  const auto tie_window = *rc::gen::inRange<std::uint64_t>(0, 20);
  const auto found = reordering_of(stamps, tie_window);
  std::vector<bool> used(found.stretches.size(), false);
  for (std::size_t i = 0; i < stamps.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      if (stamps[j] <= stamps[i] + tie_window) continue;
      const auto holds = [&](const Stretch& s) { return s.begin <= j && i < s.end; };
      const auto stretch = std::ranges::find_if(found.stretches, holds);
      RC_ASSERT(stretch != found.stretches.end());
      used[static_cast<std::size_t>(stretch - found.stretches.begin())] = true;
    }
  }
  RC_ASSERT(std::ranges::count(used, false) == 0);
  for (std::size_t s = 1; s < found.stretches.size(); ++s) {
    RC_ASSERT(found.stretches[s - 1].end <= found.stretches[s].begin);
  }
}

}  // namespace
}  // namespace ringbench
