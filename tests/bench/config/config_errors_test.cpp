// Every way in which a config can be wrong, with the place and the words that the user is given.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "bench/config/config.hpp"

namespace ringbench {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::StartsWith;

std::vector<std::string> errors_of(const std::string& text) {
  try {
    parse_config(text, "c.toml", 4);
  } catch (const ConfigError& error) {
    return error.errors();
  }
  return {};
}

// A config with this one line in its [matrix], on line 4.
std::string matrix_with(const std::string& line) {
  return "[matrix]\ntransport = \"ringbuf\"\n\n" + line + "\n";
}

struct Case {
  std::string name;
  std::string text;
  std::string start;  // place and key
  std::vector<std::string> words;
};

class ConfigErrorCase : public testing::TestWithParam<Case> {};

TEST_P(ConfigErrorCase, SaysWhereAndWhy) {
  const auto errors = errors_of(GetParam().text);
  ASSERT_THAT(errors, SizeIs(1)) << testing::PrintToString(errors);
  EXPECT_THAT(errors[0], StartsWith(GetParam().start));
  for (const auto& word : GetParam().words) EXPECT_THAT(errors[0], HasSubstr(word));
}

const Case kCases[] = {
    {"UnknownTopKey",
     "titel = \"x\"\nmatrix.transport = \"null\"",
     "c.toml:1:1: titel: ",
     {"unknown key", "allowed: title, question, run", "did you mean \"title\"?"}},
    {"UnknownRunKey",
     "matrix.transport = \"null\"\n[run]\n  repetition = 3",
     "c.toml:3:3: run.repetition: ",
     {"unknown key", "did you mean \"repetitions\"?"}},
    {"UnknownParameter",
     matrix_with("  recod_size = 8"),
     "c.toml:4:3: matrix.recod_size: ",
     {"unknown key", "did you mean \"record_size\"?", "allowed: transport, producers"}},
    {"OptionAmongParameters",
     matrix_with("lock = \"mcs\""),
     "c.toml:4:1: matrix.lock: ",
     {"belongs in [matrix.ringbuf]", "[matrix.hybrid]"}},
    {"UnknownOption",
     matrix_with("[matrix.ringbuf]\nlok = \"mcs\""),
     "c.toml:5:1: matrix.ringbuf.lok: ",
     {"unknown key", "allowed: lock, ", "did you mean \"lock\"?"}},
    {"UnknownTransport",
     "[matrix]\ntransport = [\"null\", \"hybird\"]",
     "c.toml:2:22: matrix.transport: ",
     {"found \"hybird\"", "\"perfbuf\"", "\"all\"", "did you mean \"hybrid\"?"}},
    {"UnknownTransportTable",
     matrix_with("[matrix.rinbuf]\nlock = \"mcs\""),
     "c.toml:4:9: matrix.rinbuf: ",
     {"unknown key", "did you mean \"ringbuf\"?"}},
    {"TransportNotChosen",
     matrix_with("[matrix.hybrid]\ncpus_per_ring = 1"),
     "c.toml:4:9: matrix.hybrid: ",
     {"not in this section", "its transports: ringbuf"}},
    {"TransportMissing",
     "title = \"x\"\n[matrix]\nproducers = 1",
     "c.toml:2:1: matrix.transport: ",
     {"found none", "\"all\""}},
    {"OptionsOfNull",
     "[matrix]\ntransport = \"null\"\n[matrix.null]\nlock = 1",
     "c.toml:4:1: matrix.null.lock: ",
     {"allowed: nothing"}},
    {"TransportIsNoTable",
     matrix_with("ringbuf = 3"),
     "c.toml:4:11: matrix.ringbuf: ",
     {"found 3", "table of the options"}},
    {"StringForNumber",
     matrix_with("record_size = \"64\""),
     "c.toml:4:15: matrix.record_size: ",
     {"found \"64\"", "an integer from 8 to 65000 (bytes)"}},
    {"FloatForInteger",
     matrix_with("record_size = 64.0"),
     "c.toml:4:15: matrix.record_size: ",
     {"found 64", "an integer"}},
    {"IntegerForSwitch",
     matrix_with("stamps = 1"),
     "c.toml:4:10: matrix.stamps: ",
     {"found 1", "true or false"}},
    {"DateForWord",
     matrix_with("poll = 2025-01-01"),
     "c.toml:4:8: matrix.poll: ",
     {"found a date"}},
    {"TableForNumber",
     matrix_with("bytes = {is = 3}"),
     "c.toml:4:9: matrix.bytes: ",
     {"found a table"}},
    {"NestedAxis",
     matrix_with("bytes = [[4096]]"),
     "c.toml:4:10: matrix.bytes: ",
     {"found an array"}},
    {"UnknownWord",
     matrix_with("arrival = \"saturrate\""),
     "c.toml:4:11: matrix.arrival: ",
     {"found \"saturrate\"", "\"bursty\"", "did you mean \"saturate\"?"}},
    {"UnknownProducersWord",
     matrix_with("producers = \"dubling\""),
     "c.toml:4:13: matrix.producers: ",
     {"\"1..all\"", "did you mean \"doubling\"?"}},
    {"Negative",
     matrix_with("producers = -5"),
     "c.toml:4:13: matrix.producers: ",
     {"found -5", "from 1 to 1024"}},
    {"NegativeInArray",
     matrix_with("producers = [1,\n  -5]"),
     "c.toml:5:3: matrix.producers: ",
     {"found -5"}},
    {"Zero",
     matrix_with("producers = 0"),
     "c.toml:4:13: matrix.producers: ",
     {"found 0", "from 1"}},
    {"ZeroRate",
     matrix_with("arrival = \"constant\"\nrate = 0"),
     "c.toml:5:8: matrix.rate: ",
     {"found 0", "from 0.001 to 1000000000 (1/s)"}},
    {"AboveRange",
     matrix_with("record_size = 65001"),
     "c.toml:4:15: matrix.record_size: ",
     {"found 65001"}},
    {"NotANumber",
     matrix_with("duration_ms = nan"),
     "c.toml:4:15: matrix.duration_ms: ",
     {"found nan"}},
    {"Infinite",
     matrix_with("duration_ms = inf"),
     "c.toml:4:15: matrix.duration_ms: ",
     {"found inf"}},
    {"Overflow",
     matrix_with("bytes = 99999999999999999999"),
     "c.toml:4:9: bytes: ",
     {"99999999999999999999", "not representable in 64 bits"}},
    {"FloatOverflow", matrix_with("rate = 1e999"), "c.toml:4:8: rate: ", {"1e999"}},
    {"NotAPowerOfTwo",
     matrix_with("bytes = [4096, 5000]"),
     "c.toml:4:16: matrix.bytes: ",
     {"found 5000", "a power of two from 4096"}},
    {"BelowAPage",
     matrix_with("bytes = 2048"),
     "c.toml:4:9: matrix.bytes: ",
     {"found 2048", "from 4096"}},
    {"EmptyAxis",
     matrix_with("bytes = []"),
     "c.toml:4:9: matrix.bytes: ",
     {"found an empty array", "at least one value"}},
    {"EmptyTransport",
     "[matrix]\ntransport = []",
     "c.toml:2:13: matrix.transport: ",
     {"found an empty array"}},
    {"EmptyOption",
     matrix_with("ringbuf.lock = []"),
     "c.toml:4:16: matrix.ringbuf.lock: ",
     {"found an empty array"}},
    {"EmptyCpus",
     matrix_with("placement = \"explicit\"\ncpus = []"),
     "c.toml:5:8: matrix.cpus: ",
     {"found an empty array", "list of CPU numbers"}},
    {"OptionWord",
     matrix_with("ringbuf.lock = \"tickt\""),
     "c.toml:4:16: matrix.ringbuf.lock: ",
     {"found \"tickt\"", "did you mean \"ticket\"?"}},
    {"OptionRange",
     matrix_with("ringbuf = {notify = \"sampled\", notify_every = 0}"),
     "c.toml:4:47: matrix.ringbuf.notify_every: ",
     {"found 0", "from 1 to 1000000000"}},
    {"OptionType",
     matrix_with("ringbuf = {notify = \"sampled\", notify_every = \"5\"}"),
     "c.toml:4:47: matrix.ringbuf.notify_every: ",
     {"found \"5\"", "an integer"}},
    {"DuplicateKey",
     matrix_with("bytes = 4096\nbytes = 8192"),
     "c.toml:5:1: bytes: ",
     {"not TOML", "cannot redefine", "'bytes'"}},
    {"DuplicateTable", "[matrix]\n[matrix]", "c.toml:2:1: [matrix]: ", {"cannot redefine"}},
    {"Syntax", matrix_with("bytes = 4096 8192"), "c.toml:4:14: bytes: ", {"not TOML", "saw '8'"}},
    {"NotUtf8",
     matrix_with("poll = \"\xff\""),
     "c.toml:4:9: document: ",
     {"found byte 0xff", "save the file in that encoding"}},
    {"OverlongUtf8", "# \u00e9\n# \u00e9\xc0\x80", "c.toml:2:4: document: ", {"found byte 0xc0"}},
    {"Surrogate", "# \xed\xa0\x80", "c.toml:1:3: document: ", {"found byte 0xed"}},
    {"AboveUnicode", "# \xf4\x90\x80\x80", "c.toml:1:3: document: ", {"found byte 0xf4"}},
    {"CutCharacter", "# \xf0\x9f\x98", "c.toml:1:3: document: ", {"found byte 0xf0"}},
    {"Utf16", std::string("\xff\xfe[\0", 4), "c.toml:1:1: document: ", {"found byte 0xff"}},
    {"Empty", "", "c.toml:1:1: document: ", {"neither [matrix] nor [[include]]"}},
    {"MatrixIsNoTable", "matrix = 3", "c.toml:1:10: matrix: ", {"found 3", "one table, [matrix]"}},
    {"TwoMatrices", "[[matrix]]\ntransport = \"null\"", "c.toml:1:1: matrix: ", {"found an array"}},
    {"IncludeIsOneTable",
     "[include]\ntransport = \"null\"",
     "c.toml:1:1: include: ",
     {"found a table", "[[include]]"}},
    {"ExcludeOfNumbers",
     "exclude = [1]\nmatrix.transport = \"null\"",
     "c.toml:1:12: exclude: ",
     {"found 1", "[[exclude]]"}},
    {"TitleIsNoString",
     "title = 3\nmatrix.transport = \"null\"",
     "c.toml:1:9: title: ",
     {"found 3", "a string"}},
    {"Seed",
     "run.seed = -1\nmatrix.transport = \"null\"",
     "c.toml:1:12: run.seed: ",
     {"found -1", "from 0 to 9223372036854775807"}},
    {"Repetitions",
     "run.repetitions = 1001\nmatrix.transport = \"null\"",
     "c.toml:1:19: run.repetitions: ",
     {"found 1001", "from 1 to 1000"}},
    {"MaxRepetitions",
     "run = {repetitions = 5, max_repetitions = 4}\nmatrix.transport = \"null\"",
     "c.toml:1:43: run.max_repetitions: ",
     {"found 4", "not below repetitions, which is 5"}},
    {"Interval",
     "run.interval = 1.5\nmatrix.transport = \"null\"",
     "c.toml:1:16: run.interval: ",
     {"found 1.5", "from 0 to 1"}},
    {"Watchdog",
     "run.watchdog_s = 0\nmatrix.transport = \"null\"",
     "c.toml:1:18: run.watchdog_s: ",
     {"found 0", "from 0.1 to 3600 (s)"}},
    {"TooManyCells",
     "run.max_cells = 7\n[matrix]\ntransport = [\"null\", \"ringbuf\"]\nproducers = \"1..all\"",
     "c.toml:2:1: matrix: ",
     {"product of 8 cells", "transport 2, producers 4", "max_cells = 7"}},
    {"TooManyCellsInAll",
     "run.max_cells = 7\n[matrix]\ntransport = \"null\"\nproducers = \"1..all\"\n[[include]]\n"
     "transport = \"null\"\nproducers = \"1..all\"",
     "c.toml:5:1: include: ",
     {"product of 4 cells after 4 others", "max_cells = 7"}},
    {"UnusedParameter",
     matrix_with("rate = 5"),
     "c.toml:4:1: matrix.rate: ",
     {"no cell uses", "arrival = constant, poisson, bursty or chain"}},
    {"UnusedOption",
     matrix_with("ringbuf.notify_every = 5"),
     "c.toml:4:9: matrix.ringbuf.notify_every: ",
     {"no cell uses", "notify = sampled"}},
    {"UnusedDefault",
     "defaults.service_ns = 5\nmatrix.transport = \"null\"",
     "c.toml:1:10: defaults.service_ns: ",
     {"no cell uses"}},
    {"OverriddenDefault",
     "defaults.producers = 1\n[matrix]\ntransport = \"null\"\nproducers = 2",
     "c.toml:1:10: defaults.producers: ",
     {"every section states its own"}},
    {"CpusWithoutExplicit",
     matrix_with("cpus = [0]"),
     "c.toml:4:1: matrix.cpus: ",
     {"no cell uses", "placement = explicit"}},
    {"ExplicitWithoutCpus",
     matrix_with("placement = \"explicit\""),
     "c.toml:4:1: matrix.placement: ",
     {"state cpus", "[[exclude]]", "first in ringbuf/producers:1/"}},
    {"CpusOfOtherLength",
     matrix_with("placement = \"explicit\"\ncpus = [0, 1]"),
     "c.toml:5:1: matrix.cpus: ",
     {"found 2 CPUs for 1 producers"}},
    {"BurstWidth",
     matrix_with("arrival = \"bursty\"\nburst_width = [1, 2]"),
     "c.toml:5:1: matrix.burst_width: ",
     {"found a burst on 2 of 1 producers"}},
    {"AfterWindowPerRing",
     "[matrix]\ntransport = \"perfbuf\"\nproducers = 2\npoll = \"after_window\"\nconsumers = "
     "\"per_ring\"",
     "c.toml:4:1: matrix.poll: ",
     {"only with consumers = \"one\""}},
    {"ScheduleTooLong",
     matrix_with("arrival = \"constant\"\nduration_ms = 3_600_000"),
     "c.toml:5:1: matrix.duration_ms: ",
     {"due times", "at most 67108864"}},
    {"ComplaintAboutADefault",
     "defaults = {burst_width = 2}\n[[include]]\ntransport = \"ringbuf\"\narrival = \"bursty\"",
     "c.toml:1:13: defaults.burst_width: ",
     {"found a burst on 2 of 1 producers"}},
    {"IdleExclude",
     matrix_with("[[exclude]]\nproducers = 2"),
     "c.toml:4:1: exclude: ",
     {"match no cell of [matrix]"}},
    {"ExcludeOfAMeaninglessKey",
     matrix_with("[[exclude]]\nrate = 100000"),
     "c.toml:4:1: exclude: ",
     {"match no cell", "without a meaning"}},
    {"ExcludeWithoutMatrix",
     "[[include]]\ntransport = \"null\"\n[[exclude]]\nproducers = 1",
     "c.toml:3:1: exclude: ",
     {"match no cell"}},
    {"EmptyExclude", matrix_with("[[exclude]]"), "c.toml:4:1: exclude: ", {"found no key"}},
    {"ExcludeOfEverything",
     matrix_with("[[exclude]]\nproducers = 1"),
     "c.toml:1:1: matrix: ",
     {"found no cell"}},
    {"ExcludeOptionsOfAnother",
     matrix_with("[[exclude]]\ntransport = \"ringbuf\"\nhybrid.base = \"perfbuf\""),
     "c.toml:6:1: exclude.hybrid: ",
     {"its transports: ringbuf"}},
    {"EscapedText",
     matrix_with("poll = \"\\u001b[31m\""),
     "c.toml:4:8: matrix.poll: ",
     {"found \"\\x1b[31m\""}},
};

INSTANTIATE_TEST_SUITE_P(Config, ConfigErrorCase, testing::ValuesIn(kCases),
                         [](const auto& test) { return test.param.name; });

TEST(ConfigErrors, AreToldAllAtOnceInTheOrderOfTheFile) {
  EXPECT_THAT(
      errors_of(R"([run]
seed = -1
[defaults]
rate = inf
[matrix]
transport = "ringbuf"
bytes = 5000
producers = []
[[exclude]]
produces = 1
[[include]]
transport = "nul"
[[include]]
transport = "null"
rate = 3
[[include]]
transport = "ringbuf"
burst_width = 2
poll = "bussy"
)"),
      ElementsAre(
          StartsWith("c.toml:2:8: run.seed"), StartsWith("c.toml:4:8: defaults.rate"),
          StartsWith("c.toml:7:9: matrix.bytes"), StartsWith("c.toml:8:13: matrix.producers"),
          StartsWith("c.toml:10:1: exclude.produces"),
          StartsWith("c.toml:12:13: include.transport"), StartsWith("c.toml:19:8: include.poll")));
}

TEST(ConfigErrors, OneSectionsFaultDoesNotHideAnothers) {
  EXPECT_THAT(
      errors_of(R"([matrix]
transport = "ringbuf"
bytes = 5000
[[include]]
transport = "ringbuf"
rate = 3
[[include]]
transport = "ringbuf"
arrival = "bursty"
burst_width = 3
)"),
      ElementsAre(StartsWith("c.toml:3:9: matrix.bytes"), StartsWith("c.toml:6:1: include.rate"),
                  StartsWith("c.toml:10:1: include.burst_width")));
}

TEST(ConfigErrors, AnExcludeRemovesTheComplaint) {
  const std::string text = matrix_with(
      "arrival = \"bursty\"\nproducers = [1, 2]\nburst_width = [1, 2]\n"
      "[[exclude]]\nproducers = 1\nburst_width = 2");
  EXPECT_NO_THROW(parse_config(text, "c.toml", 4));
}

TEST(ConfigErrors, WhatSaysEveryError) {
  try {
    parse_config("a = 1\nb = 2\nmatrix.transport = \"null\"", "c.toml", 4);
    FAIL();
  } catch (const ConfigError& error) {
    ASSERT_THAT(error.errors(), SizeIs(2));
    EXPECT_EQ(error.what(), error.errors()[0] + "\n" + error.errors()[1]);
  }
}

TEST(ConfigErrors, LongTextIsCutBetweenCharacters) {
  std::string word;
  for (int i = 0; i < 100; ++i) word += "\u00e9";
  const auto errors = errors_of(matrix_with("poll = \"" + word + "\""));
  ASSERT_THAT(errors, SizeIs(1));
  EXPECT_THAT(errors[0], AllOf(HasSubstr("\u00e9...\""), Not(HasSubstr(word))));
}

std::string load_error(const std::string& path) {
  try {
    load_config(path, 4);
  } catch (const ConfigError& error) {
    EXPECT_THAT(error.errors(), SizeIs(1));
    return error.what();
  }
  return "no error";
}

TEST(ConfigErrors, FilesThatCannotBeRead) {
  EXPECT_THAT(load_error("/nonexistent/c.toml"),
              AllOf(StartsWith("/nonexistent/c.toml: "), HasSubstr("No such file or directory"),
                    EndsWith("configs/quick.toml")));
  EXPECT_THAT(load_error("/"), HasSubstr("it is a directory"));
  EXPECT_THAT(load_error("/dev/zero"), HasSubstr("larger than 1 MiB"));
  EXPECT_THAT(load_error("/proc/self/mem"), HasSubstr("Input/output error"));
  EXPECT_THAT(load_error("/dev/null"),
              HasSubstr("/dev/null:1:1: document: found neither [matrix]"));
}

}  // namespace
}  // namespace ringbench
