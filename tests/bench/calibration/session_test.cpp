#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "bench/calibration/calibration_round.hpp"
#include "bench/calibration/calibration_session.hpp"
#include "bench/config/config.hpp"
#include "bench/run/store.hpp"

namespace ringbench {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

class Place : public ::testing::Test {
 protected:
  void SetUp() override { fs::create_directories(root_); }
  void TearDown() override { fs::remove_all(root_); }
  fs::path root_ = fs::temp_directory_path() / ("calibration-" + std::to_string(getpid()));
};

TEST_F(Place, TheFileIsWholeAndAlone) {
  const fs::path folder = root_ / "a" / "b";
  CalibrationFolder place(folder);
  EXPECT_EQ(place.put("{}\n"), folder / "calibration.json");
  EXPECT_EQ(fs::file_size(folder / "calibration.json"), 3U);
  EXPECT_EQ(std::distance(fs::directory_iterator(folder), {}), 1);
}

TEST_F(Place, AFolderIsLeftAsItWas) {
  { const CalibrationFolder place(root_ / "new"); }
  EXPECT_FALSE(fs::exists(root_ / "new"));
  fs::create_directories(root_ / "old");
  { const CalibrationFolder place(root_ / "old"); }
  EXPECT_TRUE(fs::exists(root_ / "old")) << "the user made it";
}

TEST_F(Place, WhatIsThereIsNotOverwritten) {
  std::ofstream(root_ / "calibration.json") << "{}";
  EXPECT_THROW(CalibrationFolder{root_}, StoreError);
  EXPECT_TRUE(fs::exists(root_ / "calibration.json"));
  std::ofstream(root_ / "file") << "";
  EXPECT_THROW(CalibrationFolder{root_ / "file"}, StoreError);
}

TEST(Cpus, AreThoseOfTheListOrAll) {
  const Machine machine = machine_from_synthetic("core:4 pu:1");
  EXPECT_EQ(calibrated_cpus(machine, ""), (std::vector<unsigned>{0, 1, 2, 3}));
  EXPECT_EQ(calibrated_cpus(machine, "3,1-2,2"), (std::vector<unsigned>{1, 2, 3}));
}

TEST(Cpus, AMistakeIsTold) {
  const Machine machine = machine_from_synthetic("core:4 pu:1");
  for (const char* list : {"a", "1-", "1..2", "-1", "3-1", "0-4000000000", "99999999999", " "}) {
    EXPECT_THROW(calibrated_cpus(machine, list), ConfigError) << list;
  }
  try {
    calibrated_cpus(machine, "0,7");
    ADD_FAILURE();
  } catch (const ConfigError& error) {
    EXPECT_THAT(error.errors().front(), HasSubstr("CPU 7 is not there"));
    EXPECT_THAT(error.errors().front(), HasSubstr("it may use 0-3"));
  }
}

// Of this machine, as short as can be.
TEST(Round, GivesWhatTheMachineCan) {
  const Machine machine = this_machine();
  auto cpus = calibrated_cpus(machine, "");
  cpus.resize(std::min<std::size_t>(cpus.size(), 2));
  const auto plan = plan_calibration(machine, cpus, 1);
  ASSERT_EQ(plan.offsets.size(), plan.pairs.size());
  EXPECT_GE(plan.slice_s, 1e-3);
  const auto round = measure_round(plan, 1);
  ASSERT_EQ(round.failure, "");
  for (const char* key :
       {"producer.alone_ns", "producer.outside_lock_ns", "consumer.ns_per_poll"}) {
    ASSERT_TRUE(round.values.contains(key)) << key;
    EXPECT_GT(round.values.at(key), 0) << key;
    EXPECT_LT(round.values.at(key), 1e6) << key;
  }
  EXPECT_EQ(round.latency_ns.size(), plan.pairs.size());
  EXPECT_EQ(round.moves.size(), plan.pairs.size());
  EXPECT_NEAR(round.stalls.watched_s, plan.watch_s * static_cast<double>(cpus.size()), 1e-9);
}

TEST(Round, OneCpuIsMeasuredAlone) {
  const Machine machine = this_machine();
  const auto plan = plan_calibration(machine, {machine.cpus.front().os}, 1);
  EXPECT_TRUE(plan.pairs.empty());
  const auto round = measure_round(plan, 0);
  ASSERT_EQ(round.failure, "");
  EXPECT_TRUE(round.values.contains("consumer.ns_per_record"));
  EXPECT_FALSE(round.values.contains("consumer.wakeup_ns"));
}

TEST(Round, WhatFailsIsASentence) {
  const Machine machine = this_machine();
  auto plan = plan_calibration(machine, {machine.cpus.front().os}, 1);
  plan.cpus = {8191};
  EXPECT_THAT(measure_round(plan, 0).failure, HasSubstr("CPU 8191"));
}

}  // namespace
}  // namespace ringbench
