#include "bench/config/config.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "bench/config/parameters.hpp"
#include "impls/list.hpp"

namespace ringbench {
namespace {

using ::testing::ElementsAre;
using ::testing::SizeIs;

Config parse(const std::string& text, std::uint64_t cpus = 4) {
  return parse_config(text, "some/dir/my.test.toml", cpus);
}

std::vector<std::string> names(const std::string& text, std::uint64_t cpus = 4) {
  std::vector<std::string> names;
  for (const auto& cell : parse(text, cpus).cells) names.push_back(name_of(cell));
  return names;
}

std::vector<std::uint64_t> producers(const std::string& stated, std::uint64_t cpus) {
  std::vector<std::uint64_t> counts;
  const auto config = parse("matrix = {transport = \"null\", producers = " + stated + "}", cpus);
  for (const auto& cell : config.cells) counts.push_back(cell.producers);
  return counts;
}

TEST(Config, DescribesTheRun) {
  const std::string text = R"(
title = "A title"
question = "Why?"
[run]
seed = 9223372036854775807
repetitions = 2
max_repetitions = 8
interval = 0
max_cells = 10
watchdog_s = 2
[matrix]
transport = "null"
)";
  const Config config = parse(text);
  EXPECT_EQ(config.name, "my.test");
  EXPECT_EQ(config.title, "A title");
  EXPECT_EQ(config.question, "Why?");
  EXPECT_EQ(config.text, text);
  EXPECT_EQ(config.run.seed, 9223372036854775807U);
  EXPECT_EQ(config.run.repetitions, 2U);
  EXPECT_EQ(config.run.max_repetitions, 8U);
  EXPECT_EQ(config.run.interval, 0);
  EXPECT_EQ(config.run.max_cells, 10U);
  EXPECT_EQ(config.run.watchdog_s, 2);
  EXPECT_THAT(config.cells, SizeIs(1));
}

TEST(Config, StatesFromWhichNoiseOnATrialIsTainted) {
  const Config config = parse(R"(
noise = {attempts = 5, lag_p99_us = 40, hiccup_share = 0.2, steal_share = 0.5, switches_per_s = 9, page_faults = 0, frequency_change = 1, longest_window_ms = 35}
matrix.transport = "null"
)");
  EXPECT_EQ(config.noise.attempts, 5U);
  EXPECT_EQ(config.noise.lag_p99_us, 40);
  EXPECT_EQ(config.noise.hiccup_share, 0.2);
  EXPECT_EQ(config.noise.steal_share, 0.5);
  EXPECT_EQ(config.noise.switches_per_s, 9);
  EXPECT_EQ(config.noise.page_faults, 0U);
  EXPECT_EQ(config.noise.frequency_change, 1);
  EXPECT_EQ(config.noise.longest_window_ms, 35);
}

TEST(Config, TitleIsTheNameUnlessStated) {
  EXPECT_EQ(parse("matrix.transport = \"null\"").title, "my.test");
}

TEST(Config, MoreRepetitionsRaiseTheirLimit) {
  const auto config = parse("run.repetitions = 7\nmatrix.transport = \"null\"");
  EXPECT_EQ(config.run.max_repetitions, 7U);
}

TEST(Config, ExpandsToTheseCells) {
  EXPECT_THAT(
      names(R"(
[defaults]
record_size = [8, 64]
[defaults.ringbuf]
lock = "ttas"
[matrix]
transport = ["ringbuf", "null"]
producers = [1, 2]
bytes = 4096
[[exclude]]
transport = "ringbuf"
producers = 1
record_size = 8
[[include]]
transport = "perfbuf"
record_size = 256
arrival = ["constant", "saturate"]
rate = [10, 20]
[[include]]
transport = ["hybrid", "null"]
[include.hybrid]
base = ["ringbuf", "perfbuf"]
)"),
      ElementsAre("ringbuf/producers:1/bytes:4096/record_size:64/lock:ttas",
                  "ringbuf/producers:2/bytes:4096/record_size:8/lock:ttas",
                  "ringbuf/producers:2/bytes:4096/record_size:64/lock:ttas",
                  "null/producers:1/record_size:8", "null/producers:1/record_size:64",
                  "null/producers:2/record_size:8", "null/producers:2/record_size:64",
                  "perfbuf/producers:1/bytes:1048576/record_size:256/arrival:constant/rate:10",
                  "perfbuf/producers:1/bytes:1048576/record_size:256/arrival:constant/rate:20",
                  "perfbuf/producers:1/bytes:1048576/record_size:256",
                  "hybrid/producers:1/bytes:1048576/record_size:8/cpus_per_ring:1",
                  "hybrid/producers:1/bytes:1048576/record_size:64/cpus_per_ring:1",
                  "hybrid/producers:1/bytes:1048576/record_size:8/base:perfbuf/cpus_per_ring:1",
                  "hybrid/producers:1/bytes:1048576/record_size:64/base:perfbuf/cpus_per_ring:1"));
}

TEST(Config, ProducersFollowTheMachine) {
  EXPECT_THAT(producers("\"all\"", 6), ElementsAre(6));
  EXPECT_THAT(producers("\"1..all\"", 3), ElementsAre(1, 2, 3));
  EXPECT_THAT(producers("\"doubling\"", 6), ElementsAre(1, 2, 4, 6));
  EXPECT_THAT(producers("\"doubling\"", 8), ElementsAre(1, 2, 4, 8));
  EXPECT_THAT(producers("[3, \"all\", 1]", 3), ElementsAre(3, 1));
  EXPECT_THAT(producers("[\"all\", \"1..all\", \"doubling\"]", 1), ElementsAre(1));
  EXPECT_THAT(producers("\"all\"", 0), ElementsAre(1));
}

TEST(Config, AllTransportsAreTheWholeList) {
  std::vector<std::string> expected;
  for (const Row* row : transports()) expected.emplace_back(row->name);
  std::vector<std::string> found;
  for (const auto& cell : parse("matrix.transport = \"all\"").cells)
    found.push_back(cell.transport);
  EXPECT_EQ(found, expected);
}

TEST(Config, OptionsTakeTomlsOwnTypes) {
  const auto config = parse(R"(
[matrix]
transport = "ringbuf"
[matrix.ringbuf]
overwrite = true
notify = "sampled"
notify_every = 12
)");
  ASSERT_THAT(config.cells, SizeIs(1));
  EXPECT_EQ(config.cells[0].options.at("overwrite"), "on");
  EXPECT_EQ(config.cells[0].options.at("notify_every"), "12");
}

TEST(Config, AListOfCpusIsOneValueAndAListOfListsAnAxis) {
  const std::string head =
      "[matrix]\ntransport = \"null\"\nproducers = 2\nplacement = \"explicit\"\ncpus = ";
  EXPECT_THAT(names(head + "[0, 3]"),
              ElementsAre("null/producers:2/record_size:64/placement:explicit/cpus:0+3"));
  EXPECT_THAT(names(head + "[[0, 3], [1, 2]]"),
              ElementsAre("null/producers:2/record_size:64/placement:explicit/cpus:0+3",
                          "null/producers:2/record_size:64/placement:explicit/cpus:1+2"));
}

TEST(Config, AnExcludeOfOptionsCutsThatTransportsCells) {
  EXPECT_THAT(names(R"(
[matrix]
transport = ["ringbuf", "hybrid"]
producers = 2
[matrix.ringbuf]
lock = ["mcs", "ticket", "ttas"]
[[exclude]]
[exclude.ringbuf]
lock = ["ticket", "ttas"]
)"),
              ElementsAre("ringbuf/producers:2/bytes:1048576/record_size:64",
                          "hybrid/producers:2/bytes:1048576/record_size:64"));
}

TEST(Config, AnIncludeBringsAnExcludedCellBack) {
  EXPECT_THAT(names(R"(
[matrix]
transport = "null"
producers = [1, 2]
[[exclude]]
producers = 2
[[include]]
transport = "null"
producers = [1, 2]
)"),
              ElementsAre("null/producers:1/record_size:64", "null/producers:2/record_size:64"));
}

TEST(Config, MinusZeroIsZero) {
  EXPECT_EQ(names("matrix = {transport = \"null\", warmup_ms = [0, -0.0]}"),
            names("matrix = {transport = \"null\", warmup_ms = 0}"));
}

}  // namespace
}  // namespace ringbench
