#include "bench/trial/surroundings.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>

namespace ringbench {
namespace {

using ::testing::DoubleEq;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Optional;

class FrequencyTest : public ::testing::Test {
 protected:
  ~FrequencyTest() override { std::filesystem::remove_all(root); }
  void put(unsigned cpu, const std::string& text) const {
    const auto folder = root / ("cpu" + std::to_string(cpu)) / "cpufreq";
    std::filesystem::create_directories(folder);
    std::ofstream(folder / "scaling_cur_freq") << text << '\n';
  }
  std::filesystem::path root =
      std::filesystem::temp_directory_path() / ("ringbench-frequency-" + std::to_string(getpid()));
};

TEST_F(FrequencyTest, ReadsEveryCpu) {
  put(0, "2000000");
  put(3, "3500000");
  EXPECT_THAT(frequencies_khz({0, 3}, root), ElementsAre(2'000'000, 3'500'000));
}

TEST_F(FrequencyTest, IsUnknownAsSoonAsOneCpuTellsNothing) {
  put(0, "2000000");
  EXPECT_THAT(frequencies_khz({0, 1}, root), IsEmpty());
  put(1, "<unknown>");
  EXPECT_THAT(frequencies_khz({0, 1}, root), IsEmpty());
}

TEST(LargestChange, IsTheLargestOfAnyCpuEitherWay) {
  EXPECT_THAT(largest_change({1000, 2000}, {1100, 1500}), Optional(DoubleEq(0.25)));
  EXPECT_THAT(largest_change({1000}, {1000}), Optional(DoubleEq(0)));
  EXPECT_EQ(largest_change({}, {}), std::nullopt);
}

TEST(CpusOf, NamesEachCpuOnce) {
  Placement placement;
  placement.producer_cpus = {3, 1};
  placement.consumer_cpus = {3, 0};
  EXPECT_THAT(cpus_of(placement), ElementsAre(0, 1, 3));
}

}  // namespace
}  // namespace ringbench
