// A store in a folder of its own, things to put into it, and a look at it through SQLite itself.
#pragma once

#include <gtest/gtest.h>
#include <sqlite3.h>
#include <stdlib.h>

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "bench/config/matrix.hpp"
#include "bench/run/store.hpp"
#include "tests/bench/trial/planted_trial.hpp"

namespace ringbench {

namespace fs = std::filesystem;
using Rows = std::vector<std::vector<std::string>>;

// What any other program sees in the file. NULL reads as "NULL".
inline Rows sql(const fs::path& file, const std::string& statement) {
  sqlite3* database = nullptr;
  EXPECT_EQ(sqlite3_open(file.c_str(), &database), SQLITE_OK);
  Rows rows;
  const auto collect = [](void* into, int count, char** values, char** /*names*/) {
    auto& row = static_cast<Rows*>(into)->emplace_back();
    for (int i = 0; i < count; ++i) row.emplace_back(values[i] == nullptr ? "NULL" : values[i]);
    return 0;
  };
  char* error = nullptr;
  EXPECT_EQ(sqlite3_exec(database, statement.c_str(), collect, &rows, &error), SQLITE_OK)
      << statement << ": " << (error == nullptr ? "" : error);
  sqlite3_free(error);
  sqlite3_close(database);
  return rows;
}

inline std::string one(const fs::path& file, const std::string& statement) {
  const auto rows = sql(file, statement);
  return rows.size() == 1 && rows[0].size() == 1 ? rows[0][0] : "not one value";
}

inline std::string refusal(const std::function<void()>& action) {
  try {
    action();
  } catch (const StoreError& error) {
    return error.what();
  }
  return "no StoreError";
}

inline Cell some_cell(std::uint64_t record_size = 64) {
  Cell cell;
  cell.transport = "ringbuf";
  cell.record_size = record_size;
  resolve(cell);
  return cell;
}

inline TrialResult some_result() {
  PlantedTrial trial;
  trial.deliver_all();
  trial.producers[1].log.reserve.record(40, 20);
  trial.producers[0].log.gap.record(7);
  trial.producers[1].log.first_drop_ticks = PlantedTrial::kWindowBegin + 1'500;
  trial.log.peak_bytes = {128, 256};
  return trial.judged();
}

// As large as a long trial's: a transaction of it takes some milliseconds.
inline TrialResult large_result() {
  auto result = some_result();
  for (std::uint64_t value = 1; value < std::uint64_t{1} << 62; value += 1 + value / 64) {
    result.distributions.delivery_ns.record(value);
  }
  return result;
}

class StoreTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "ringbench-store-XXXXXX").string();
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    folder = name;
  }
  void TearDown() override { fs::remove_all(folder); }

  fs::path file() const { return folder / "run.sqlite"; }

  fs::path folder;
};
}  // namespace ringbench
