#include "planner/number_words.hpp"

#include <gtest/gtest.h>

namespace ringbench::planner {
namespace {

TEST(NumberWordsTest, ThreeDigitsAndTheUnitThatFits) {
  EXPECT_EQ(in_bytes(268'435'456), "256 MiB");
  EXPECT_EQ(in_bytes(1'536), "1.5 KiB");
  EXPECT_EQ(in_bytes(168), "168 bytes");
  EXPECT_EQ(in_percent(0.8496), "85 %");
  EXPECT_EQ(in_percent(0.0012345), "0.123 %");
  EXPECT_EQ(in_percent(0), "0 %");
  EXPECT_EQ(in_count(6'780'000), "6.78 M");
  EXPECT_EQ(in_count(12), "12");
  EXPECT_EQ(in_ns(1'234), "1.23 us");
  EXPECT_EQ(in_ns(35.4), "35.4 ns");
  EXPECT_EQ(in_ns(0), "0 ns");
  EXPECT_EQ(in_ns(999.9), "1 us") << "rounded up, it takes the next unit";
}

TEST(NumberWordsTest, ByUnit) {
  EXPECT_EQ(in_unit(0.5, "ratio"), "50 %");
  EXPECT_EQ(in_unit(2, "us"), "2 us");
  EXPECT_EQ(in_unit(1e6, "records/s"), "1 M records/s");
  EXPECT_EQ(in_unit(7.5, ""), "7.5");
  EXPECT_EQ(in_unit(20, "CPUs"), "20 CPUs");
}

}  // namespace
}  // namespace ringbench::planner
