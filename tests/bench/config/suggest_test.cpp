#include "bench/config/suggest.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string>

namespace ringbench {
namespace {

constexpr std::array<std::string_view, 4> kWords{"ringbuf", "perfbuf", "hybrid", "null"};

TEST(Suggest, CountsEachKindOfEditAsOne) {
  EXPECT_EQ(edit_distance("rate", "rate"), 0U);
  EXPECT_EQ(edit_distance("rate", "ratee"), 1U);
  EXPECT_EQ(edit_distance("rate", "rte"), 1U);
  EXPECT_EQ(edit_distance("rate", "rute"), 1U);
  EXPECT_EQ(edit_distance("rate", "raet"), 1U);
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3U);
  EXPECT_EQ(edit_distance("", "abc"), 3U);
  EXPECT_EQ(edit_distance("abc", ""), 3U);
}

TEST(Suggest, RestrictedFormDoesNotEditASwapAgain) {
  EXPECT_EQ(edit_distance("ca", "abc"), 3U);
}

TEST(Suggest, FindsTheWordThatWasMeant) {
  EXPECT_EQ(closest("hybird", kWords), "hybrid");
  EXPECT_EQ(closest("RingBuf", kWords), "ringbuf");
  EXPECT_EQ(closest("nul", kWords), "null");
  EXPECT_EQ(suggestion("ringbfu", kWords), "; did you mean \"ringbuf\"?");
}

TEST(Suggest, IsSilentWhenNothingIsClose) {
  EXPECT_EQ(closest("lmax_disruptor", kWords), "");
  EXPECT_EQ(closest("", kWords), "");
  EXPECT_EQ(closest(std::string(100'000, 'n'), kWords), "");
  EXPECT_EQ(suggestion("xyz", kWords), "");
}

}  // namespace
}  // namespace ringbench
