// What a config may say of the workload: traces, sizes, skew, stalls; and what of it makes no
// sense.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <map>

#include "bench/config/config.hpp"
#include "bench/config/matrix.hpp"
#include "bench/config/parameters.hpp"
#include "bench/config/skew.hpp"
#include "impls/list.hpp"

namespace ringbench {
namespace {

using ::testing::AllOf;
using ::testing::DoubleNear;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::SizeIs;
using ::testing::StartsWith;
namespace fs = std::filesystem;

class WorkloadTest : public ::testing::Test {
 protected:
  WorkloadTest() {
    std::string name = (fs::temp_directory_path() / "ringbench-config-XXXXXX").string();
    folder = mkdtemp(name.data()) == nullptr ? "" : name;
  }
  ~WorkloadTest() override { fs::remove_all(folder); }

  void write(const fs::path& path, const std::string& text) const {
    fs::create_directories((folder / path).parent_path());
    std::ofstream(folder / path, std::ios::binary) << text;
  }
  // A config in the folder, with these lines in the [matrix] of ringbuf.
  Config parsed(const std::string& lines, InputTexts inputs = {}) const {
    return parse_config("[matrix]\ntransport = \"ringbuf\"\n" + lines, (folder / "c.toml").string(),
                        4, std::move(inputs));
  }
  std::vector<std::string> errors(const std::string& lines) const {
    try {
      parsed(lines);
    } catch (const ConfigError& error) {
      return error.errors();
    }
    return {};
  }
  std::string only_error(const std::string& lines) const {
    const auto found = errors(lines);
    EXPECT_THAT(found, SizeIs(1));
    return found.empty() ? "" : found[0];
  }

  fs::path folder;
};

const std::string kTwo = "time_us,size,producer\n0,64,0\n10,128,1\n";
const std::string kTraced = "producers = 2\narrival = \"trace\"\n";

TEST_F(WorkloadTest, ATracesPathStartsAtTheConfig) {
  write("traces/two.csv", kTwo);
  const Config config = parsed(kTraced + "trace = \"traces/two.csv\"");
  ASSERT_THAT(config.cells, SizeIs(1));
  const Cell& cell = config.cells[0];
  ASSERT_TRUE(cell.trace);
  EXPECT_THAT(cell.trace->events, SizeIs(2));
  EXPECT_THAT(name_of(cell), HasSubstr("/trace:two@" + cell.trace.hash));
  EXPECT_EQ(value_of(*find_parameter("trace"), cell), Value{"two@" + cell.trace.hash});
  EXPECT_EQ(value_of(*find_parameter("record_size"), cell), Value{std::monostate{}})
      << "the trace says it";
  EXPECT_EQ(value_of(*find_parameter("rate"), cell), Value{std::monostate{}});
  EXPECT_THAT(config.inputs, ElementsAre(Pair("traces/two.csv", kTwo)));
  EXPECT_EQ(config.folder, folder);
}

TEST_F(WorkloadTest, AnIdHangsOnWhatATraceHoldsAndNotOnItsPath) {
  write("a.csv", kTwo);
  write("elsewhere/b.csv", kTwo);
  write("c.csv", kTwo + "20,64,0\n");
  const auto id = [&](const std::string& path) {
    return id_of(parsed(kTraced + "trace = \"" + path + "\"").cells.at(0));
  };
  EXPECT_EQ(id("a.csv"), id("elsewhere/b.csv"));
  EXPECT_NE(id("a.csv"), id("c.csv"));
  EXPECT_THAT(parsed(kTraced + "trace = [\"a.csv\", \"elsewhere/b.csv\", \"c.csv\"]").cells,
              SizeIs(2))
      << "the same content is the same cell";
}

TEST_F(WorkloadTest, WhatIsKeptIsNotReadAgain) {
  const Config config = parsed(kTraced + "trace = \"gone.csv\"", {{"gone.csv", kTwo}});
  write("gone.csv", kTwo);
  EXPECT_EQ(id_of(config.cells.at(0)), id_of(parsed(kTraced + "trace = \"gone.csv\"").cells.at(0)));
}

TEST_F(WorkloadTest, ATraceThatCannotBeReadIsToldAtItsKey) {
  EXPECT_THAT(
      only_error(kTraced + "trace = \"no.csv\""),
      AllOf(HasSubstr("c.toml:5:9: matrix.trace: found \"no.csv\", which cannot be read: No "
                      "such file"),
            HasSubstr("allowed: the path of a CSV file")));
  EXPECT_THAT(only_error(kTraced + "trace = \".\""), HasSubstr("it is a directory"));
  EXPECT_THAT(only_error(kTraced + "trace = 3"), HasSubstr("found 3; allowed: the path"));
  EXPECT_THAT(only_error(kTraced + "trace = \"\""), HasSubstr("allowed: the path"));
}

TEST_F(WorkloadTest, WhatIsWrongInATraceIsToldWithItsLine) {
  write("bad.csv", "time_us\n1\nx\n0\n");
  EXPECT_THAT(errors(kTraced + "trace = \"bad.csv\""),
              ElementsAre(AllOf(HasSubstr("c.toml:5:9: matrix.trace: bad.csv:3: time_us: found "
                                          "\"x\"")),
                          HasSubstr("matrix.trace: bad.csv:4: time_us: found \"0\"")));
}

TEST_F(WorkloadTest, ATraceWithoutSizesLeavesThemToTheConfig) {
  write("times.csv", "time_us\n0\n10\n");
  const auto cells =
      parsed(kTraced + "trace = \"times.csv\"\nsizes = [\"fixed\", \"uniform\"]\nrecord_size = 32")
          .cells;
  ASSERT_THAT(cells, SizeIs(2));
  EXPECT_EQ(cells[1].sizes, "uniform");
  EXPECT_EQ(cells[1].record_size, 32U);
  write("sized.csv", kTwo);
  EXPECT_THAT(only_error(kTraced + "trace = \"sized.csv\"\nrecord_size = 32"),
              HasSubstr("found a value that no cell uses"));
}

TEST_F(WorkloadTest, AnExcludeNamesATraceByItsContent) {
  write("a.csv", kTwo);
  write("b.csv", kTwo + "20,64,0\n");
  const auto cells =
      parsed(kTraced + "trace = [\"a.csv\", \"b.csv\"]\n[[exclude]]\ntrace = \"b.csv\"").cells;
  ASSERT_THAT(cells, SizeIs(1));
  EXPECT_EQ(cells[0].trace.stem, "a");
}

TEST_F(WorkloadTest, WhatMakesNoSenseIsRefused) {
  write("two.csv", kTwo);
  write("short.csv", "time_us,size\n0,8\n1,64\n");
  const std::map<std::string, std::string> cases{
      {"arrival = \"trace\"", "matrix.arrival: \"trace\" needs a file of arrivals; state trace"},
      {"arrival = \"trace\"\ntrace = \"two.csv\"",
       "matrix.trace: found a trace that names producer 1, the first being 0, for 1 producers"},
      {"arrival = \"trace\"\ntrace = \"short.csv\"\nduration_ms = 9000",
       "matrix.duration_ms: found a trace with 9020000 events for one producer in 9020 ms; "
       "allowed: at most 4000000, as the trace has records below 16 bytes and stamps = true"},
      {"arrival = \"trace\"\ntrace = \"short.csv\"\nduration_ms = 900_000\nstamps = false",
       "found a trace with 900020000 events for one producer in 900020 ms; allowed: at most "
       "67108864, so lower"},
      {"sizes = \"empirical\"", "matrix.sizes: \"empirical\" needs a list of sizes"},
      {"sizes = \"uniform\"\nrecord_size = 128\nrecord_size_max = 127",
       "matrix.record_size_max: found records of 128 bytes and more that have 127 at most"},
      {"sizes = \"lognormal\"\nrecord_size = 2048", "matrix.record_size: found records of 2048"},
      {"interrupt_every_us = 50\nsizes = \"uniform\"",
       "matrix.interrupt_every_us: found interrupts with records of several sizes"},
      {"interrupt_every_us = 0.5",
       "matrix.interrupt_every_us: found signals every 0.5 us, which leave a producer no time"},
      {"abandon_every = 1", "matrix.abandon_every: found every reservation given up"},
      {"arrival = \"constant\"\nhold_us = 100_000\nhold_every_ms = 200",
       "matrix.hold_us: found pauses of 100000 us in a window of 100 ms"},
      {"arrival = \"race\"\nproducers = 2\nsizes = \"uniform\"", "found \"race\" with a counter"},
      {"interrupt_every_us = 50\nproducers = 600",
       "matrix.interrupt_every_us: found 600 producers that are interrupted"},
      {"producers = 4\narrival = \"constant\"\nskew = \"one_hot\"\nhot_share = 0.2",
       "matrix.hot_share: found a hot producer that sends 0.2 of all, less than each of the 4"},
      {"producers = 4\narrival = \"constant\"\nskew = \"one_hot\"\nrate = 1e6\nduration_ms = 25000",
       "80064000 due times for the busiest producer"},
      {"merge = \"seen\"\nstamps = false",
       "matrix.merge: found a merge by stamps that the records"},
      {"merge = \"seen\"\nmerge_by = \"counter\"",
       "matrix.merge_by: found a merge by a counter that the records do not carry"},
      {"counter = true\nrecord_size = 23", "found records of 23 bytes, too small for a counter"},
      {"counter = true\nsizes = \"uniform\"", "found several of fill"},
      {"stall_ms = 5\nstall_every_ms = 5", "matrix.stall_ms: found stalls of 5 ms every 5 ms"},
  };
  for (const auto& [lines, sentence] : cases) {
    EXPECT_THAT(only_error(lines), HasSubstr(sentence)) << lines;
  }
}

TEST_F(WorkloadTest, WhatHasNoMeaningIsNoPartOfTheCell) {
  EXPECT_THAT(parsed("producers = [1, 2]\narrival = \"poisson\"\nskew = [\"even\", \"zipf\"]\n"
                     "skew_exponent = [1, 2]")
                  .cells,
              SizeIs(4))
      << "one producer shares with nobody, and even has no exponent";
  EXPECT_THAT(only_error("arrival = \"bursty\"\nproducers = 2\nskew = \"zipf\""),
              HasSubstr("no cell uses"));
  EXPECT_THAT(only_error("stall_every_ms = 5"), HasSubstr("it counts only with stall_ms above 0"));
  EXPECT_THAT(only_error("poll = \"after_window\"\nstall_ms = 5"), HasSubstr("no cell uses"));
  EXPECT_THAT(only_error("merge_by = \"counter\""), HasSubstr("no cell uses"));
  EXPECT_THAT(only_error("merge = \"seen\"\nmerge_wait_us = 5"), HasSubstr("no cell uses"));
}

TEST_F(WorkloadTest, AConsumerOfOneBufferHasNothingToMerge) {
  Cell cell;
  cell.transport = "perfbuf";
  cell.producers = 2;
  cell.merge = "seen";
  cell.consumers = "per_ring";
  resolve(cell);
  const auto complaints = complaints_about(*find_transport("perfbuf"), cell);
  ASSERT_THAT(complaints, SizeIs(1));
  EXPECT_THAT(complaints[0].sentence, HasSubstr("found a merge of the one buffer"));
}

TEST_F(WorkloadTest, ACounterIsForRecordsOfThreads) {
  Cell cell;
  cell.counter = true;
  for (const Row* row : transports()) {
    cell.transport = row->name;
    cell.options.clear();
    resolve(cell);
    EXPECT_EQ(complaints_about(*row, cell).empty(), !row->name.starts_with("kernel_")) << row->name;
  }
}

// From before these parameters existed; computed by the program as it was then.
TEST(Ids, OfEarlierCellsStay) {
  const std::map<std::string, std::string> known{
      {"transport = \"null\"\nrecord_size = 8\nwarmup_ms = 5\nduration_ms = 35",
       "1518038e54a12e71"},
      {"transport = \"perfbuf\"\nconsumer = \"shares_producer_core\"\npoll = \"after_window\"\n"
       "stamps = false\nwarmup_ms = 5\nduration_ms = 35\nperfbuf.overwrite = \"on\"",
       "15d706e923eb23a7"},
      {"transport = \"ringbuf\"\narrival = \"constant\"\nrate = 5e5\nwarmup_ms = 5\n"
       "duration_ms = 35",
       "113b932ec6b06977"},
      {"transport = \"perfbuf\"\nproducers = 8\nbytes = 32768\nservice_ns = 2000\n"
       "arrival = \"bursty\"\nrate = 2e6\nburst_on_us = 500\nburst_every_us = 40000\n"
       "burst_width = 4\nduration_ms = 500",
       "992ebed0bce25e85"},
      {"transport = \"hybrid\"\nproducers = 8\nbytes = 16777216\nhybrid.cpus_per_ring = 4\n"
       "arrival = \"poisson\"\nrate = 1e3\nduration_ms = 200",
       "288dad0e94df16fc"},
  };
  for (const auto& [lines, id] : known) {
    const auto cells = parse_config("[matrix]\n" + lines, "c.toml", 16).cells;
    ASSERT_THAT(cells, SizeIs(1));
    EXPECT_EQ(id_of(cells[0]), id) << lines;
  }
}

Cell skewed(const char* skew, std::uint64_t producers) {
  Cell cell;
  cell.arrival = "constant";
  cell.producers = producers;
  cell.skew = skew;
  return cell;
}

TEST(Skew, SharesAddUpToOne) {
  EXPECT_THAT(shares_of(skewed("even", 4)), Each(DoubleNear(0.25, 1e-12)));
  Cell zipf = skewed("zipf", 3);
  EXPECT_THAT(shares_of(zipf), ElementsAre(DoubleNear(6.0 / 11, 1e-12), DoubleNear(3.0 / 11, 1e-12),
                                           DoubleNear(2.0 / 11, 1e-12)));
  zipf.skew_exponent = 2;
  EXPECT_THAT(shares_of(zipf),
              ElementsAre(DoubleNear(36.0 / 49, 1e-12), DoubleNear(9.0 / 49, 1e-12),
                          DoubleNear(4.0 / 49, 1e-12)));
  Cell hot = skewed("one_hot", 3);
  hot.hot_share = 0.5;
  EXPECT_THAT(shares_of(hot), ElementsAre(0.5, 0.25, 0.25));
}

}  // namespace
}  // namespace ringbench
