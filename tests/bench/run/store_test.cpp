#include "bench/run/store.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "bench/config/parameters.hpp"
#include "bench/trial/columns.hpp"
#include "tests/bench/run/store_document.hpp"
#include "tests/bench/run/store_rig.hpp"

namespace ringbench {
namespace {

using ::testing::ElementsAre;
using ::testing::ElementsAreArray;
using ::testing::HasSubstr;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

TEST_F(StoreTest, MakesItsFolderAndOpensAgain) {
  const auto deep = folder / "deep/er";
  const auto made = Store::create(deep).file();
  EXPECT_EQ(made, deep / "run.sqlite");
  EXPECT_EQ(Store::open(deep).file(), made);
  EXPECT_EQ(Store::open(made).file(), made) << "the file's own name will do";
  EXPECT_EQ(one(made, "PRAGMA user_version"), std::to_string(kSchemaVersion));
  EXPECT_EQ(one(made, "PRAGMA journal_mode"), "wal");
}

TEST_F(StoreTest, HasTheColumnsOfTheDocument) {
  Store::create(folder);
  for (const std::string table :
       {"clock", "limit", "cell", "trial", "producer", "ring", "thread", "histogram"}) {
    auto wanted = documented_columns(table);
    if (table == "trial") {
      for (const auto& metric : documented_metrics()) wanted.push_back(metric);
    }
    std::vector<std::string> found;
    for (const auto& row : sql(file(), "PRAGMA table_info(\"" + table + "\")"))
      found.push_back(row[1]);
    EXPECT_THAT(found, ElementsAreArray(wanted)) << table;
  }
}

TEST_F(StoreTest, KeepsProvenance) {
  Store store = Store::create(folder);
  store.put({{"host", "a"}, {"seed", "1"}});
  store.put({{"host", "b \xE2\x82\xAC"}});
  EXPECT_THAT(store.provenance(),
              UnorderedElementsAre(Pair("host", "b \xE2\x82\xAC"), Pair("seed", "1")));
}

TEST_F(StoreTest, KeepsTheClockOfEachCpu) {
  Store store = Store::create(folder);
  store.put_clock({{.cpu = 0, .timer_pair_ticks = 30, .resolution_ticks = 2},
                   {.cpu = 5,
                    .timer_pair_ticks = 32,
                    .resolution_ticks = 1,
                    .offset_ticks = -7,
                    .offset_bound_ticks = 90}});
  EXPECT_THAT(
      sql(file(), "SELECT * FROM clock ORDER BY cpu"),
      ElementsAre(ElementsAre("0", "30", "2", "0", "0"), ElementsAre("5", "32", "1", "-7", "90")));
}

TEST_F(StoreTest, KeepsTheLimitsOfEachRound) {
  Store store = Store::create(folder);
  EXPECT_TRUE(store.limit_rounds().empty());
  store.put_limits(0, {{.operation = "fill", .bytes = 64, .cycles = 7.5},
                       {.operation = "xadd", .threads = 2, .cycles = 90}});
  store.put_limits(3, {{.operation = "hand_over", .cpu_a = 0, .cpu_b = 5, .cycles = 120}});
  EXPECT_THAT(sql(file(), "SELECT * FROM \"limit\" ORDER BY round, operation"),
              ElementsAre(ElementsAre("0", "fill", "64", "NULL", "NULL", "NULL", "7.5"),
                          ElementsAre("0", "xadd", "NULL", "2", "NULL", "NULL", "90.0"),
                          ElementsAre("3", "hand_over", "NULL", "NULL", "0", "5", "120.0")));
  EXPECT_THAT(Store::open(folder).limit_rounds(), ElementsAre(0, 3));
}

TEST_F(StoreTest, KeepsTheAtomicsOfACell) {
  Store store = Store::create(folder);
  store.put_cell(some_cell(), {}, 1);
  EXPECT_THAT(sql(file(),
                  "SELECT json_extract(atomics, '$.xadd'), json_extract(atomics, '$.xchg'), "
                  "json_extract(atomics, '$.cmpxchg'), "
                  "json_extract(atomics, '$.release_store') FROM cell"),
              ElementsAre(ElementsAre("0.0", "2.0", "1.0", "1.0")));
}

TEST_F(StoreTest, KeepsCellsInTheirOrder) {
  Store store = Store::create(folder);
  store.put_cell(some_cell(64), {}, 1);
  store.put_cell(some_cell(8), "too few CPUs", 0);
  const auto cells = store.cells();
  ASSERT_EQ(cells.size(), 2U);
  EXPECT_EQ(cells[0].id, id_of(some_cell(64)));
  EXPECT_EQ(cells[0].name, name_of(some_cell(64)));
  EXPECT_FALSE(cells[0].skipped);
  EXPECT_TRUE(cells[1].skipped);
  const auto rows = sql(file(), "SELECT status, reason, rings, producers, rate, options FROM cell");
  EXPECT_THAT(rows[0],
              ElementsAre("planned", "NULL", "1", "1", "NULL", HasSubstr(R"("lock":"mcs")")));
  EXPECT_THAT(rows[1], ElementsAre("skipped", "too few CPUs", "NULL", "1", "NULL", HasSubstr("{")));
}

TEST_F(StoreTest, KeepsATrialWithItsDetails) {
  const auto result = some_result();
  Store store = Store::create(folder);
  store.put_cell(some_cell(), {}, 2);
  store.put_trial({id_of(some_cell()), 3, 1}, "2026-01-31T12:00:00Z", result);
  EXPECT_THAT(sql(file(), "SELECT repetition, attempt, started, status, reason FROM trial"),
              ElementsAre(ElementsAre("3", "1", "2026-01-31T12:00:00Z", "ok", "NULL")));
  for (const auto& column : columns()) {
    const auto found = one(file(), "SELECT " + std::string(column.name) + " FROM trial");
    const auto wanted = column.value(result);
    ASSERT_EQ(found == "NULL", !wanted) << column.name;
    if (wanted) {
      EXPECT_NEAR(std::stod(found), *wanted, 1e-14 * *wanted) << column.name;  // 15 digits
    }
  }
  EXPECT_THAT(
      sql(file(),
          "SELECT producer, attempted, committed, discarded, consumed, drop_no_space, "
          "window_attempted, reserve_cycles_p50, event_cycles_p50, first_drop_us FROM producer"),
      ElementsAre(ElementsAre("0", "10", "8", "1", "8", "1", "6", "NULL", "NULL", "NULL"),
                  ElementsAre("1", "10", "8", "1", "8", "1", "6", "40.0", "NULL", "1.5")));
  EXPECT_THAT(sql(file(), "SELECT ring, bytes, peak_bytes, nodes_wanted, nodes_found FROM ring"),
              ElementsAre(ElementsAre("0", "4096", "128", "[0]", R"({"0":3})"),
                          ElementsAre("1", "4096", "256", "[0]", R"({"0":3})")));
  EXPECT_THAT(sql(file(), "SELECT role, number FROM thread ORDER BY role, number"),
              ElementsAre(ElementsAre("consumer", "0"), ElementsAre("producer", "0"),
                          ElementsAre("producer", "1")));
  EXPECT_THAT(sql(file(),
                  "SELECT metric, lower, upper, count FROM histogram WHERE metric IN "
                  "('reserve_cycles', 'gap') ORDER BY metric"),
              ElementsAre(ElementsAre("gap", "7", "7", "1"),
                          ElementsAre("reserve_cycles", "40", "40", "20")));
}

TEST_F(StoreTest, KeepsDisplacementsOfEitherSign) {
  Store store = Store::create(folder);
  auto result = some_result();
  result.distributions.reorder_density = {};
  for (const std::int64_t value : {-130, -4, 0, 0, 2}) {
    result.distributions.reorder_density.record(value);
  }
  store.put_trial({"cell", 0, 0}, "", result);
  EXPECT_THAT(sql(file(),
                  "SELECT lower, upper, count FROM histogram WHERE metric = 'reorder_density' "
                  "ORDER BY lower"),
              ElementsAre(ElementsAre("-131", "-130", "1"), ElementsAre("-4", "-4", "1"),
                          ElementsAre("0", "0", "2"), ElementsAre("2", "2", "1")));
}

TEST_F(StoreTest, KeepsWhyATrialFailedAndNoNumbers) {
  Store store = Store::create(folder);
  store.put_trial({"cell", 0, 0}, "", failed("hung: because"));
  EXPECT_THAT(sql(file(), "SELECT status, reason, attempted, window_s, steal_ms FROM trial"),
              ElementsAre(ElementsAre("failed", "hung: because", "NULL", "NULL", "NULL")));
  EXPECT_THAT(store.count_by_status(), ElementsAre(Pair("failed", 1)));
  EXPECT_TRUE(store.progress().is_settled("cell", 0));
  EXPECT_TRUE(store.values("attempted").empty());
}

TEST_F(StoreTest, FailedTrialsAreNotDrawn) {
  auto doubtful = some_result();
  doubtful.status = Status::tainted;
  auto wrong = some_result();
  wrong.status = Status::failed;
  Store store = Store::create(folder);
  store.put_cell(some_cell(), {}, 2);
  const auto id = id_of(some_cell());
  store.put_trial({id, 1, 0}, "", some_result());
  store.put_trial({id, 0, 0}, "", doubtful);
  store.put_trial({id, 2, 0}, "", wrong);
  EXPECT_EQ(store.values("attempted").at(id).size(), 1U) << "the tainted one does not count here";
  EXPECT_EQ(store.cells()[0].trials, 2U);
  for (const std::uint64_t repetition : {0, 1, 2})
    EXPECT_EQ(store.progress().attempts(id, repetition), 1U);
}

TEST_F(StoreTest, TaintedTrialsCountWhereThereIsNoOther) {
  auto doubtful = some_result();
  doubtful.status = Status::tainted;
  Store store = Store::create(folder);
  store.put_trial({"cell", 0, 0}, "", doubtful);
  store.put_trial({"cell", 0, 1}, "", doubtful);
  EXPECT_EQ(store.values("attempted").at("cell").size(), 2U);
  EXPECT_EQ(store.progress().attempts("cell", 0), 2U);
  EXPECT_FALSE(store.progress().is_settled("cell", 0));
}

TEST_F(StoreTest, TheSameTrialCannotBeStoredTwice) {
  Store store = Store::create(folder);
  store.put_trial({"cell", 0, 0}, "", some_result());
  EXPECT_THAT(refusal([&] {
                store.put_trial({"cell", 0, 0}, "", some_result());
              }),
              HasSubstr("UNIQUE"));
  EXPECT_EQ(one(file(), "SELECT count(*) FROM trial"), "1");
  EXPECT_EQ(one(file(), "SELECT count(*) FROM producer"), "2")
      << "nothing of the second is left behind";
  store.put_trial({"cell", 1, 0}, "", some_result());
}

TEST_F(StoreTest, TogetherIsAllOrNothing) {
  Store store = Store::create(folder);
  EXPECT_THROW(store.together([&] {
    store.put_cell(some_cell(), {}, 1);
    throw std::runtime_error("half-way");
  }),
               std::runtime_error);
  EXPECT_TRUE(store.cells().empty());
  store.put_cell(some_cell(), {}, 1);
}

}  // namespace
}  // namespace ringbench
