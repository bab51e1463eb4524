#include "bench/trial/signed_histogram.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ringbench {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using SignedBucket = SignedHistogram::Bucket;

TEST(SignedHistogram, IsEmptyAtFirst) {
  EXPECT_EQ(SignedHistogram().count(), 0U);
  EXPECT_THAT(SignedHistogram().buckets(), IsEmpty());
}

TEST(SignedHistogram, AscendsThroughZero) {
  SignedHistogram histogram;
  for (const std::int64_t value : {3, -1, 0, -127, 3}) histogram.record(value);
  histogram.record(0, 5);
  EXPECT_EQ(histogram.count(), 10U);
  EXPECT_THAT(histogram.buckets(), ElementsAre(SignedBucket{-127, -127, 1}, SignedBucket{-1, -1, 1},
                                               SignedBucket{0, 0, 6}, SignedBucket{3, 3, 2}));
}

TEST(SignedHistogram, FarTailsShareBuckets) {
  SignedHistogram histogram;
  for (const std::int64_t value : {-129, -128, 128, 129, 130}) histogram.record(value);
  EXPECT_THAT(histogram.buckets(),
              ElementsAre(SignedBucket{-129, -128, 2}, SignedBucket{128, 129, 2},
                          SignedBucket{130, 131, 1}));
}

}  // namespace
}  // namespace ringbench
