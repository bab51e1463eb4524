#include "bench/trial/histogram.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

namespace ringbench {
namespace {

using ::testing::ElementsAre;
using Values = std::vector<std::uint64_t>;
using Bucket = Histogram::Bucket;

constexpr auto kLargest = std::numeric_limits<std::uint64_t>::max();

Histogram recorded(const Values& values) {
  Histogram histogram;
  for (const auto value : values) histogram.record(value);
  return histogram;
}

// The definition: the value of rank ceil(fraction * count), counted from 1.
std::uint64_t ranked(Values values, double fraction) {
  std::ranges::sort(values);
  const auto rank = std::ceil(fraction * static_cast<double>(values.size()));
  return values[static_cast<std::size_t>(std::max(1.0, rank)) - 1];
}

// As many small values as large ones: a magnitude first, then a value of it.
rc::Gen<std::uint64_t> any_value() {
  return rc::gen::apply([](std::uint64_t bits, int shift) { return bits >> shift; },
                        rc::gen::arbitrary<std::uint64_t>(), rc::gen::inRange(0, 64));
}

Bucket bucket_of(std::uint64_t value) {
  return recorded({value}).buckets().front();
}

bool same(const Histogram& a, const Histogram& b) {
  return a.buckets() == b.buckets() && a.count() == b.count() && a.max() == b.max() &&
         std::abs(a.mean() - b.mean()) <= 1e-9 * std::abs(a.mean());
}

TEST(Histogram, IsEmptyAtFirst) {
  const Histogram histogram;
  EXPECT_EQ(histogram.count(), 0U);
  EXPECT_EQ(histogram.max(), 0U);
  EXPECT_EQ(histogram.mean(), 0);
  EXPECT_EQ(histogram.percentile(0.5), 0);
  EXPECT_TRUE(histogram.buckets().empty());
}

TEST(Histogram, IsExactBelow128) {
  for (std::uint64_t value = 0; value < 128; ++value) {
    EXPECT_EQ(bucket_of(value), (Bucket{value, value, 1}));
    EXPECT_EQ(recorded({value, 1'000}).percentile(0.5), static_cast<double>(value));
  }
}

TEST(Histogram, TakesTheLargestValue) {
  const auto histogram = recorded({kLargest});
  EXPECT_EQ(histogram.max(), kLargest);
  EXPECT_EQ(histogram.buckets().front().upper, kLargest);
}

// Every bucket begins where the one before ends, over all 64 bits.
TEST(Histogram, BucketsAreContiguousAndDoNotOverlap) {
  std::uint64_t buckets = 1;
  for (Bucket bucket = bucket_of(0); bucket.upper != kLargest; ++buckets) {
    const Bucket next = bucket_of(bucket.upper + 1);
    ASSERT_EQ(next.lower, bucket.upper + 1);
    ASSERT_GE(next.upper, next.lower);
    ASSERT_EQ(bucket_of(next.upper), next) << "both ends belong to the bucket";
    bucket = next;
  }
  EXPECT_EQ(buckets, 128U + (64 - 7) * 64);
}

RC_GTEST_PROP(Histogram, NoBucketIsWiderThanASixtyFourthOfItsValues, ()) {
  const auto value = *any_value();
  const Bucket bucket = bucket_of(value);
  RC_ASSERT(bucket.lower <= value);
  RC_ASSERT(value <= bucket.upper);
  RC_ASSERT((bucket.upper - bucket.lower) <= bucket.lower / 64);
}

RC_GTEST_PROP(Histogram, PercentilesAreWithinASixtyFourthOfASortedList, ()) {
  const auto values = *rc::gen::nonEmpty(rc::gen::container<Values>(any_value()));
  const auto fraction = *rc::gen::element(0.001, 0.1, 0.25, 0.5, 0.9, 0.99, 0.999, 1.0);
  const auto exact = static_cast<double>(ranked(values, fraction));
  const auto found = recorded(values).percentile(fraction);
  RC_ASSERT(std::abs(found - exact) <= exact / 64);
  RC_ASSERT(found <= static_cast<double>(std::ranges::max(values)));
}

TEST(Histogram, RanksAreExactWhereTheyAreWholeNumbers) {
  Values values(1'000);
  std::iota(values.begin(), values.end(), 1U);
  for (auto& value : values) value %= 100;  // ten of each of 0 .. 99
  const auto histogram = recorded(values);
  EXPECT_EQ(histogram.percentile(0.5), 49);
  EXPECT_EQ(histogram.percentile(0.501), 50);
  EXPECT_EQ(histogram.percentile(0.9), 89);
  EXPECT_EQ(histogram.percentile(0.99), 98);
  EXPECT_EQ(histogram.percentile(0.999), 99);
  EXPECT_EQ(histogram.percentile(0), 0);
  EXPECT_EQ(histogram.percentile(1), 99);
}

RC_GTEST_PROP(Histogram, CountMaximumAndMeanAreExact, (const std::vector<std::uint32_t>& small)) {
  const Values values(small.begin(), small.end());
  const auto histogram = recorded(values);
  RC_ASSERT(histogram.count() == values.size());
  if (values.empty()) return;
  const auto sum = std::accumulate(values.begin(), values.end(), std::uint64_t{0});
  RC_ASSERT(histogram.max() == std::ranges::max(values));
  RC_ASSERT(histogram.mean() == static_cast<double>(sum) / static_cast<double>(values.size()));
}

RC_GTEST_PROP(Histogram, MergingIsRecordingEverythingInOne, ()) {
  const auto left = *rc::gen::container<Values>(any_value());
  const auto right = *rc::gen::container<Values>(any_value());
  auto merged = recorded(left);
  merged.merge(recorded(right));
  Values all = left;
  all.insert(all.end(), right.begin(), right.end());
  RC_ASSERT(same(merged, recorded(all)));
}

RC_GTEST_PROP(Histogram, RecordingManyTimesIsRecordingOnceManyTimes, ()) {
  const auto value = *any_value();
  const auto times = *rc::gen::inRange<std::uint64_t>(0, 50);
  Histogram at_once;
  at_once.record(value, times);
  RC_ASSERT(at_once.count() == times);
  RC_ASSERT(at_once.buckets() == recorded(Values(times, value)).buckets());
}

RC_GTEST_PROP(Histogram, StateRestoresTheWhole, ()) {
  const auto histogram = recorded(*rc::gen::container<Values>(any_value()));
  RC_ASSERT(same(Histogram(histogram.state()), histogram));
}

TEST(Histogram, GivesOnlyBucketsWithACount) {
  EXPECT_THAT(recorded({5, 5, 9, 300}).buckets(),
              ElementsAre(Bucket{5, 5, 2}, Bucket{9, 9, 1}, Bucket{300, 303, 1}));
}

}  // namespace
}  // namespace ringbench
