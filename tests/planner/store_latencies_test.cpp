#include "planner/store_latencies.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <sqlite3.h>

#include <filesystem>
#include <fstream>

#include "tests/planner/plan_files.hpp"

namespace ringbench::planner {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

const std::string kTopology = "package:2 [numa] core:2 pu:1";

class StoreLatencies : public PlanFiles {
 protected:
  // A store in "run", with these rows of `limit` and of provenance.
  void store(const std::string& limits, const std::string& tsc_hz = "2000000000",
             const std::string& topology = kTopology) const {
    std::filesystem::create_directories(folder_ / "run");
    const auto path = (folder_ / "run/run.sqlite").string();
    std::filesystem::remove(path);
    sqlite3* database = nullptr;
    ASSERT_EQ(sqlite3_open(path.c_str(), &database), SQLITE_OK);
    auto* sql = sqlite3_mprintf(
        "CREATE TABLE provenance (key TEXT PRIMARY KEY, value TEXT);"
        "CREATE TABLE \"limit\" (round INTEGER, operation TEXT, bytes INTEGER, threads INTEGER, "
        "cpu_a INTEGER, cpu_b INTEGER, cycles REAL);"
        "INSERT INTO provenance VALUES ('tsc_hz', %Q), ('topology_xml', %Q); %s",
        tsc_hz.c_str(), machine_from_synthetic(topology).xml.c_str(), limits.c_str());
    EXPECT_EQ(sqlite3_exec(database, sql, nullptr, nullptr, nullptr), SQLITE_OK);
    sqlite3_free(sql);
    sqlite3_close(database);
  }

  static std::string hand_over(unsigned a, unsigned b, double cycles) {
    return fmt::format("INSERT INTO \"limit\" VALUES (0, 'hand_over', NULL, 2, {}, {}, {});", a, b,
                       cycles);
  }

  Latencies read(const std::vector<unsigned>& cpus = {0, 1, 2, 3}) const {
    return latencies_from_store((folder_ / "run").string(), machine_from_synthetic(kTopology),
                                cpus);
  }

  std::string error() const {
    try {
      read();
    } catch (const std::runtime_error& error) {
      return error.what();
    }
    return "none";
  }
};

TEST_F(StoreLatencies, AreMediansOfTheRoundsInNanoseconds) {
  store(hand_over(0, 1, 100) + hand_over(0, 1, 120) + hand_over(0, 1, 900) + hand_over(2, 3, 200) +
        hand_over(0, 2, 400) +
        "INSERT INTO \"limit\" VALUES (0, 'xadd', NULL, 1, NULL, NULL, 20);");
  const auto latencies = read();
  EXPECT_DOUBLE_EQ(latencies(0, 1), 60);
  EXPECT_DOUBLE_EQ(latencies(1, 0), 60);
  EXPECT_DOUBLE_EQ(latencies(2, 3), 100);
  EXPECT_EQ(latencies(0, 0), 0);
  EXPECT_DOUBLE_EQ(latencies(1, 3), 200) << "as the one pair as near that was tried";
}

TEST_F(StoreLatencies, ArePlacedByTheCpusOfThePlan) {
  store(hand_over(1, 3, 100));
  const auto latencies = read({1, 3});
  EXPECT_EQ(latencies.cpus(), 2U);
  EXPECT_DOUBLE_EQ(latencies(0, 1), 50);
}

TEST_F(StoreLatencies, AreStatedByAPlan) {
  store(hand_over(0, 1, 100) + hand_over(0, 2, 400));
  const auto plan = read_plan([&] {
    PlanRequest request;
    request.file = write("p.toml", replaced(kPlan, "package:2 [numa] l3:2 core:2 pu:1", kTopology) +
                                       "[latency]\nstore = \"run\"\n");
    return request;
  }());
  ASSERT_TRUE(plan.latencies);
  EXPECT_DOUBLE_EQ((*plan.latencies)(3, 0), 200);
  EXPECT_DOUBLE_EQ(plan.inputs.value.machine_ns, 200);
  EXPECT_EQ(plan.inputs.origins.at("latency.machine_ns"), Origin::stated);
}

TEST_F(StoreLatencies, AreRefusedInASentence) {
  EXPECT_THAT(error(), HasSubstr("run tells no latencies: unable to open database file"));
  store(hand_over(0, 2, 400));
  EXPECT_THAT(error(), HasSubstr("no hand_over between CPUs as near as 0 and 1 was measured"));
  store("");
  EXPECT_THAT(error(), HasSubstr("no hand_over"));
  store("", "0");
  EXPECT_THAT(error(), HasSubstr("tsc_hz, is not known"));
  store("", "1", "core:4 pu:1");
  EXPECT_THAT(error(), HasSubstr("it is of another machine than the plan"));
  store("DROP TABLE \"limit\";");
  EXPECT_THAT(error(), HasSubstr("no such table: limit"));
  store("DELETE FROM provenance;");
  EXPECT_THAT(error(), HasSubstr("its table provenance has no tsc_hz"));
  write("run/run.sqlite", "no database at all, and long enough to be looked at as one by SQLite");
  EXPECT_THAT(error(), HasSubstr("file is not a database"));
}

// What can be read of it would be enough.
TEST_F(StoreLatencies, OfADamagedStoreAreRefused) {
  std::string rows = "BEGIN;" + hand_over(0, 1, 100) + hand_over(0, 2, 400);
  for (int more = 0; more < 1000; ++more) rows += hand_over(0, 1, 100);
  store(rows + "COMMIT;");
  EXPECT_EQ(error(), "none");
  const auto path = folder_ / "run/run.sqlite";
  constexpr std::uintmax_t kPage = 4096;
  const auto size = std::filesystem::file_size(path);
  ASSERT_GT(size, 4 * kPage);
  std::filesystem::resize_file(path, size - kPage);
  std::ofstream(path, std::ios::app | std::ios::binary) << std::string(kPage, '\xff');
  EXPECT_THAT(error(), HasSubstr("malformed"));
}

}  // namespace
}  // namespace ringbench::planner
