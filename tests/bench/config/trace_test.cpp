#include "bench/config/trace.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "bench/config/size_list.hpp"

namespace ringbench {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::StartsWith;

Trace sound(std::string_view text) {
  CsvProblems problems;
  auto trace = parse_trace(text, problems);
  EXPECT_THAT(problems.texts(), IsEmpty());
  return trace ? *trace : Trace{};
}

std::vector<std::string> wrong(std::string_view text) {
  CsvProblems problems;
  EXPECT_FALSE(parse_trace(text, problems));
  return problems.texts();
}

TEST(Trace, ColumnsAreFoundByNameInAnyOrder) {
  const auto trace = sound(
      "# of a web server\ncomm,size,time_us,producer\n\"a, \"\"b\"\"\",64,1000.5,1\r\n\n"
      "# half time\nc,8,1002,0\nd,65000,1004,1\n");
  EXPECT_TRUE(trace.has_sizes);
  EXPECT_TRUE(trace.names_producers);
  ASSERT_THAT(trace.events, SizeIs(3));
  EXPECT_EQ(trace.events[0].us, 0) << "from the first event on";
  EXPECT_EQ(trace.events[1].us, 1.5);
  EXPECT_EQ(trace.events[2].us, 3.5);
  EXPECT_EQ(trace.events[0].size, 64);
  EXPECT_EQ(trace.events[2].size, 65'000);
  EXPECT_EQ(trace.events[0].producer, 1U);
  EXPECT_EQ(trace.events[1].producer, 0U);
  EXPECT_EQ(trace.most_producer, 1U);
  EXPECT_EQ(trace.busiest_count, 2U);
  EXPECT_EQ(trace.smallest_size, 8);
}

TEST(Trace, TimesAloneWillDo) {
  const auto trace = sound("\xef\xbb\xbftime_us\n5\n5\n6\n9");
  EXPECT_FALSE(trace.has_sizes);
  EXPECT_FALSE(trace.names_producers);
  EXPECT_THAT(trace.events, SizeIs(4));
}

// Three gaps of 4/3 us on average, so the fourth event and the first of the next round are as far
// apart.
TEST(Trace, BeginsAgainAfterItsMeanGap) {
  const auto trace = sound("time_us\n5\n5\n6\n9");
  EXPECT_DOUBLE_EQ(trace.period_us, 4.0 * 4 / 3);
  EXPECT_EQ(trace.events_before(0), 0U);
  EXPECT_EQ(trace.events_before(0.5), 2U);
  EXPECT_EQ(trace.events_before(1), 2U) << "before, not at";
  EXPECT_EQ(trace.events_before(1.5), 3U);
  EXPECT_EQ(trace.events_before(5), 4U);
  EXPECT_EQ(trace.events_before(5.5), 6U);
  EXPECT_EQ(trace.events_before(10 * trace.period_us + 1.5), 43U);
}

TEST(Trace, TheBusiestProducersEventsAreBounded) {
  const auto dealt = sound("time_us\n0\n1\n2\n3\n");
  EXPECT_EQ(dealt.most_before(4 * 10, 3), 14U);
  const auto named = sound("time_us,producer\n0,0\n1,1\n2,1\n3,1\n");
  EXPECT_EQ(named.most_before(4 * 10, 2), 30U);
  EXPECT_EQ(named.most_before(1, 2), 1U) << "never more than there are at all";
}

TEST(Trace, WhatIsWrongIsToldWithItsLine) {
  EXPECT_THAT(
      wrong("time_us,size\n1,64\nx,64\n3,7\n4,65001\n5\n-1,64\n"),
      ElementsAre(AllOf(StartsWith("3: time_us: found \"x\""), HasSubstr("a number from 0")),
                  "4: size: found \"7\"; allowed: an integer from 8 to 65000",
                  "5: size: found \"65001\"; allowed: an integer from 8 to 65000",
                  StartsWith("6: size: found no such field on this line"),
                  StartsWith("7: time_us: found \"-1\"")));
  EXPECT_THAT(wrong("time_us\n1\nnan\ninf\n0x2\n1 2\n\"\n"), SizeIs(5));
  EXPECT_THAT(wrong("time_us,producer\n1,0\n2,1024\n2,1.5\n"),
              ElementsAre(StartsWith("3: producer: "), StartsWith("4: producer: ")));
}

TEST(Trace, TimesMayNotGoBack) {
  EXPECT_THAT(wrong("time_us\n1\n3\n2\n4\n"),
              ElementsAre(AllOf(StartsWith("4: time_us: found \"2\""), HasSubstr("which is at 3"),
                                HasSubstr("sort the file by time_us"))));
}

TEST(Trace, WithoutTheColumnOrTwoTimesThereIsNoTrace) {
  EXPECT_THAT(wrong("# a\ntime,size\n1,64\n"),
              ElementsAre(AllOf(StartsWith("2: time_us: found the columns \"time,size\""))));
  EXPECT_THAT(wrong(""), ElementsAre(StartsWith("1: time_us: found the columns \"\"")));
  EXPECT_THAT(wrong("time_us\n"), ElementsAre(StartsWith("1: time_us: found 0 events")));
  EXPECT_THAT(wrong("time_us\n7\n7\n"), ElementsAre(HasSubstr("found 2 events at one time")));
}

TEST(Trace, AWrongColumnIsNotToldForEveryLine) {
  std::string text = "time_us\n";
  for (int i = 0; i < 1'000; ++i) text += "x\n";
  EXPECT_THAT(wrong(text), SizeIs(10));
}

TEST(SizeList, HoldsWhatOccurs) {
  CsvProblems problems;
  const auto list = parse_size_list("weight,size\n3,64\n0,100\n0.5,8\n", problems);
  ASSERT_TRUE(list);
  ASSERT_THAT(*list, SizeIs(2));
  EXPECT_EQ((*list)[0].size, 64);
  EXPECT_EQ((*list)[0].weight, 3);
  EXPECT_EQ((*list)[1].size, 8);
}

TEST(SizeList, WhatIsWrongIsToldWithItsLine) {
  CsvProblems problems;
  EXPECT_FALSE(parse_size_list("size,weight\n7,1\n8,-1\n8,x\n", problems));
  EXPECT_THAT(problems.texts(), ElementsAre(StartsWith("2: size: "), StartsWith("3: weight: "),
                                            StartsWith("4: weight: ")));
  CsvProblems none;
  EXPECT_FALSE(parse_size_list("size,weight\n8,0\n", none));
  EXPECT_THAT(none.texts(), ElementsAre(HasSubstr("found no size that occurs")));
  CsvProblems columns;
  EXPECT_FALSE(parse_size_list("a,b\n", columns));
  EXPECT_THAT(columns.texts(), SizeIs(2));
}

}  // namespace
}  // namespace ringbench
