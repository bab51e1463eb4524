#include "bench/limits/slices.hpp"

#include <gtest/gtest.h>

#include <array>

namespace ringbench {
namespace {

Slices equal_slices(Slice slice) {
  return Slices(kSlices, slice);
}

TEST(Slices, AreTicksOverCallsOfAllThreadsTogether) {
  const std::array threads{equal_slices({1'000, 10}), equal_slices({1'000, 40})};
  EXPECT_DOUBLE_EQ(ticks_a_call(threads).value(), 2'000.0 / 50);
}

TEST(Slices, AnInterruptedSliceDoesNotCount) {
  std::array threads{equal_slices({1'000, 100})};
  threads[0][3].ticks = 9'000'000;
  threads[0][9].calls = 1;
  EXPECT_DOUBLE_EQ(ticks_a_call(threads).value(), 10);
}

// Alone a thread is fast: that is not what contention costs.
TEST(Slices, ASliceInWhichARivalWasAwayDoesNotCount) {
  std::array threads{equal_slices({1'000, 1'000}), equal_slices({0, 0})};
  for (std::size_t i = 0; i < 5; ++i) {
    threads[0][i] = {1'000, 10};
    threads[1][i] = {1'000, 10};
  }
  EXPECT_DOUBLE_EQ(ticks_a_call(threads).value(), 100);
}

TEST(Slices, TooFewSayNothing) {
  std::array threads{equal_slices({0, 0})};
  threads[0][0] = threads[0][1] = {1'000, 10};
  EXPECT_FALSE(ticks_a_call(threads));
  threads[0][2] = {1'000, 10};
  EXPECT_TRUE(ticks_a_call(threads));
}

TEST(Slices, CountEveryCallAndItsTime) {
  std::uint64_t made = 0, batches = 0, first = 0, last = 0;
  const auto batch = [&](std::uint64_t calls) {
    made += calls;
    if (batches++ == 0) first = ticks();
    last = ticks();
  };
  constexpr std::uint64_t kSliceTicks = 100'000;
  const auto start = ticks() + 50'000;
  const auto slices = count_in_slices(batch, 7, start, kSliceTicks);
  const auto end = ticks();
  EXPECT_GE(end, start + kSlices * kSliceTicks);
  std::uint64_t counted = 0, spent = 0;
  for (const Slice& slice : slices) {
    counted += slice.calls;
    spent += slice.ticks;
  }
  EXPECT_EQ(counted, made);
  EXPECT_EQ(counted, 7 * batches);
  EXPECT_GE(spent, last - first);
  EXPECT_LE(spent, end - start);
}

}  // namespace
}  // namespace ringbench
