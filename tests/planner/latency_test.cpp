#include "planner/latency.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <stdexcept>

#include "tests/planner/published_machines.hpp"

namespace ringbench::planner {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

class LatencyFile : public testing::Test {
 protected:
  ~LatencyFile() override { std::filesystem::remove(path_); }

  Latencies read(const std::string& text) {
    std::ofstream(path_) << text;
    return latencies_from_file(path_);
  }
  std::string refusal(const std::string& text) {
    try {
      read(text);
    } catch (const std::runtime_error& error) {
      EXPECT_THAT(error.what(), HasSubstr(path_));
      return error.what();
    }
    return "it was taken";
  }

  std::string path_ = (std::filesystem::temp_directory_path() /
                       ("ringbench_latencies_" + std::to_string(getpid()) + ".txt"))
                          .string();
};

TEST(Latencies, MeanIsOverAllPairsOfDifferentCpus) {
  const Latencies latencies(3, {0, 10, 20, 30, 0, 40, 50, 60, 0});
  EXPECT_DOUBLE_EQ(latencies.mean({0, 1, 2}), 35);
  EXPECT_DOUBLE_EQ(latencies.mean({0, 2}), 35);
  EXPECT_DOUBLE_EQ(latencies.mean({1}), 0);
  EXPECT_DOUBLE_EQ(latencies.mean({}), 0);
  EXPECT_DOUBLE_EQ(latencies.scaled(2).mean({0, 1}), 40);
}

TEST(Latencies, NothingMovesFromACpuToItself) {
  const Latencies latencies(2, {7, 1, 2, 7});
  EXPECT_EQ(latencies(0, 0), 0);
  EXPECT_EQ(latencies(1, 1), 0);
  EXPECT_EQ(latencies(1, 0), 2);
}

TEST(Latencies, AreAsManyAsPairs) {
  EXPECT_THROW(Latencies(2, {1, 2, 3}), std::invalid_argument);
}

// Two packages of two nodes of two L3 groups of two cores of two CPUs.
TEST(LatenciesByClass, GoByTheInnermostThingShared) {
  const auto machine = machine_from_synthetic("package:2 numa:2 l3:2 core:2 pu:2");
  Inputs inputs;
  inputs.core_ns = 1;
  inputs.l3_ns = 2;
  inputs.node_ns = 3;
  inputs.package_ns = 4;
  inputs.machine_ns = 5;
  const auto latencies = latencies_by_class(machine, {0, 1, 2, 4, 8, 16}, inputs);
  ASSERT_EQ(latencies.cpus(), 6U);
  for (unsigned to = 0; to < 6; ++to) {
    EXPECT_EQ(latencies(0, to), to);
    EXPECT_EQ(latencies(to, 0), to);
  }
  EXPECT_EQ(latencies(3, 4), 4) << "by place in the list: CPUs 4 and 8";
}

TEST(LatenciesByClass, RefuseACpuThatTheMachineDoesNotHave) {
  const auto machine = machine_from_synthetic("core:2 pu:1");
  try {
    latencies_by_class(machine, {0, 7}, {});
    FAIL();
  } catch (const std::invalid_argument& error) {
    EXPECT_STREQ(error.what(), "CPU 7 is not one of the machine's: it has 0-1");
  }
}

TEST_F(LatencyFile, IsReadWithOrWithoutACount) {
  for (const char* text :
       {"2\n0 10\n20 0\n", "0 10\n20 0", "\n# a comment\n  0\t10\r\n\n20  0 \n"}) {
    const auto latencies = read(text);
    ASSERT_EQ(latencies.cpus(), 2U) << text;
    EXPECT_EQ(latencies(0, 1), 10);
    EXPECT_EQ(latencies(1, 0), 20);
  }
}

TEST_F(LatencyFile, TheDiagonalIsNotRead) {
  const auto latencies = read("-, 1.5\n2e1, nan\n");
  EXPECT_EQ(latencies(0, 1), 1.5);
  EXPECT_EQ(latencies(1, 0), 20);
  EXPECT_EQ(latencies(1, 1), 0);
}

// As core-to-core-latency writes it with --csv.
TEST_F(LatencyFile, OneTriangleIsEnough) {
  const auto latencies = read(",,\n30,,\n40,50,\n");
  ASSERT_EQ(latencies.cpus(), 3U);
  EXPECT_EQ(latencies(0, 1), 30);
  EXPECT_EQ(latencies(1, 2), 50);
  EXPECT_EQ(latencies(2, 1), 50);
}

TEST_F(LatencyFile, OneCpuIsAMatrixToo) {
  EXPECT_EQ(read("0\n").cpus(), 1U);
}

TEST_F(LatencyFile, ThePublishedMachineIsRead) {
  const auto latencies = latencies_from_file(data("core_to_core_e5_2680v4_ns.txt"));
  ASSERT_EQ(latencies.cpus(), 56U);
  EXPECT_EQ(latencies(0, 1), 51.19);
  EXPECT_EQ(latencies(0, 28), 11.56) << "its SMT sibling";
}

TEST_F(LatencyFile, BadOnesAreRefusedWithTheLine) {
  EXPECT_THAT(refusal("3\n0 1 2\n3 0 4\n5 6\n"),
              AllOf(HasSubstr("line 4: 2 numbers"), HasSubstr("3 CPUs")));
  EXPECT_THAT(refusal("0 1 2\n3 0 4\n5 6 0\n7 8 9\n"),
              AllOf(HasSubstr("line 1: 3 numbers"), HasSubstr("4 CPUs")));
  EXPECT_THAT(refusal("3\n0 1\n2 0\n"),
              AllOf(HasSubstr("line 1"), HasSubstr("'3'"), HasSubstr("are 2")));
  EXPECT_THAT(refusal("0 1\n-2 0\n"), HasSubstr("line 2, number 1: '-2' is not a latency"));
  EXPECT_THAT(refusal("0 nan\n2 0\n"), HasSubstr("line 1, number 2: 'nan' is not a latency"));
  EXPECT_THAT(refusal("0 inf\n2 0\n"), HasSubstr("'inf'"));
  EXPECT_THAT(refusal("0 1e999\n2 0\n"), HasSubstr("'1e999'"));
  EXPECT_THAT(refusal("0 12ns\n2 0\n"), HasSubstr("'12ns'"));
  EXPECT_THAT(refusal("cpu latency\nhello world\n"), HasSubstr("'latency'"));
  EXPECT_THAT(refusal("0,\n,0\n"), HasSubstr("nothing is given between CPU 0 and CPU 1"));
}

// One is a device that has no end.
TEST_F(LatencyFile, TooLargeOnesAreRefused) {
  std::ofstream(path_).close();
  std::filesystem::resize_file(path_, std::uintmax_t{65} << 20);
  for (const auto& path : {path_, std::string("/dev/zero")}) {
    try {
      latencies_from_file(path);
      FAIL() << path;
    } catch (const std::runtime_error& error) {
      EXPECT_THAT(error.what(), AllOf(HasSubstr(path), HasSubstr("it is larger than 64 MiB"),
                                      HasSubstr("a line of numbers for each CPU")));
    }
  }
}

TEST_F(LatencyFile, EmptyOnesAndMissingOnesAreRefused) {
  EXPECT_THAT(refusal(""), HasSubstr("it holds no numbers"));
  EXPECT_THAT(refusal("\n# nothing\n  \n"), HasSubstr("it holds no numbers"));
  for (const char* path : {"/nowhere/latencies.txt", "/"}) {
    try {
      latencies_from_file(path);
      FAIL() << path;
    } catch (const std::runtime_error& error) {
      EXPECT_THAT(error.what(), AllOf(HasSubstr(path), HasSubstr("cannot be read")));
    }
  }
}

}  // namespace
}  // namespace ringbench::planner
