// The section [search]: what it means, and what is said of mistakes in it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "bench/config/config.hpp"

namespace ringbench {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

Config with_search(const std::string& lines) {
  return parse_config("matrix.transport = \"null\"\n[search]\n" + lines, "c.toml", 4);
}
std::vector<std::string> search_errors(const std::string& lines) {
  try {
    with_search(lines);
  } catch (const ConfigError& error) {
    return error.errors();
  }
  return {};
}

TEST(SearchSection, HasDefaultsOfItsOwn) {
  const auto search = parse_config("matrix.transport = \"null\"", "c.toml", 4).search;
  EXPECT_THAT(search.targets, ElementsAre(0, 1e-6, 1e-3));
  EXPECT_LT(search.shortest_ms, search.longest_ms);
  EXPECT_LE(search.longest_ms, search.sum_ms);
}

TEST(SearchSection, ReadsEveryKey) {
  const auto search =
      with_search(
          "targets = [1e-2, 0, 1e-2]\nshortest_ms = 10\nlongest_ms = 80\nsum_ms = 200\n"
          "bad_share = 0.5\nwidth = 0.1\noffer_tolerance = 0.05\n"
          "max_trials = 99")
          .search;
  EXPECT_THAT(search.targets, ElementsAre(0, 1e-2)) << "ascending, each once";
  EXPECT_EQ(search.shortest_ms, 10);
  EXPECT_EQ(search.longest_ms, 80);
  EXPECT_EQ(search.sum_ms, 200);
  EXPECT_EQ(search.bad_share, 0.5);
  EXPECT_EQ(search.width, 0.1);
  EXPECT_EQ(search.offer_tolerance, 0.05);
  EXPECT_EQ(search.max_trials, 99U);
}

TEST(SearchSection, TriesAgainAsOftenAsARunDoes) {
  EXPECT_EQ(with_search("[noise]\nattempts = 8").search.retries, 7U);
}

TEST(SearchSection, WhatIsNotStatedGivesWay) {
  EXPECT_EQ(with_search("shortest_ms = 5000").search.longest_ms, 5000);
  EXPECT_EQ(with_search("shortest_ms = 5000").search.sum_ms, 5000);
  EXPECT_EQ(with_search("longest_ms = 20").search.shortest_ms, 20);
}

TEST(SearchSection, SaysWhatIsWrong) {
  EXPECT_THAT(search_errors("target = 0"),
              ElementsAre(AllOf(HasSubstr("c.toml:3:1: search.target: found an unknown key"),
                                HasSubstr("did you mean \"targets\"?"))));
  EXPECT_THAT(search_errors("targets = [0, 1]"),
              ElementsAre(HasSubstr("search.targets: found 1; allowed: a number from 0 to 0.5")));
  EXPECT_THAT(search_errors("targets = []"), ElementsAre(HasSubstr("found an empty array")));
  EXPECT_THAT(search_errors("max_trials = 1.5"), ElementsAre(HasSubstr("allowed: an integer")));
  EXPECT_THAT(search_errors("shortest_ms = 50\nlongest_ms = 20"),
              ElementsAre(AllOf(HasSubstr("c.toml:4:"), HasSubstr("not below shortest_ms"))));
  EXPECT_THAT(search_errors("sum_ms = 20"), ElementsAre(HasSubstr("not below longest_ms")));
}

}  // namespace
}  // namespace ringbench
