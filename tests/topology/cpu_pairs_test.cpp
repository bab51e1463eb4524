#include "topology/cpu_pairs.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>

namespace ringbench {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

std::vector<unsigned> cpus_of(const Machine& machine) {
  std::vector<unsigned> cpus;
  for (const Cpu& cpu : machine.cpus) cpus.push_back(cpu.os);
  return cpus;
}

std::map<Nearness, int> count_by_nearness(const Machine& machine) {
  std::map<Nearness, int> found;
  for (const auto& [a, b] : representative_pairs(machine, cpus_of(machine))) {
    ++found[nearness(*machine.find(a), *machine.find(b))];
  }
  return found;
}

// Two packages of two nodes of two L3 groups of two cores of two CPUs: 32 in all.
Machine every_nearness() {
  return machine_from_synthetic("package:2 numa:2 l3:2 core:2 pu:2");
}

TEST(CpuPairs, NearnessIsTheInnermostThingShared) {
  const Machine machine = every_nearness();
  const auto from_first = [&](std::size_t other) {
    return nearness(machine.cpus[0], machine.cpus[other]);
  };
  EXPECT_EQ(from_first(1), Nearness::core);
  EXPECT_EQ(from_first(2), Nearness::l3);
  EXPECT_EQ(from_first(4), Nearness::node);
  EXPECT_EQ(from_first(8), Nearness::package);
  EXPECT_EQ(from_first(16), Nearness::machine);
  EXPECT_EQ(nearness(machine.cpus[16], machine.cpus[0]), Nearness::machine);
}

TEST(CpuPairs, OfFewCpusAllPairsAreTried) {
  const Machine machine = machine_from_synthetic("core:4 pu:1");
  EXPECT_THAT(representative_pairs(machine, {2, 0, 3, 2}),
              ElementsAre(Pair(0, 2), Pair(0, 3), Pair(2, 3)));
  EXPECT_THAT(representative_pairs(machine, {1}), IsEmpty());
  EXPECT_THAT(representative_pairs(machine, {1, 77}), IsEmpty()) << "77 is not allowed";
}

TEST(CpuPairs, OfSixteenCpusAllPairsAreTried) {
  const Machine machine = machine_from_synthetic("core:16 pu:1");
  EXPECT_EQ(representative_pairs(machine, cpus_of(machine)).size(), 16U * 15 / 2);
}

TEST(CpuPairs, OfManyCpusAFewOfEachNearnessAre) {
  const auto found = count_by_nearness(every_nearness());
  ASSERT_EQ(found.size(), 5U);
  for (const auto& [nearness, pairs] : found) EXPECT_EQ(pairs, 4);
}

TEST(CpuPairs, SampledPairsAreDistinctAndSpreadOverTheMachine) {
  const Machine machine = machine_from_synthetic("package:2 core:32 pu:2");
  const auto pairs = representative_pairs(machine, cpus_of(machine));
  EXPECT_EQ(std::set(pairs.begin(), pairs.end()).size(), pairs.size());
  std::set<unsigned> packages;
  for (const auto& [a, b] : pairs) {
    EXPECT_LT(a, b);
    if (nearness(*machine.find(a), *machine.find(b)) == Nearness::core) {
      packages.insert(machine.find(a)->package);
    }
  }
  EXPECT_EQ(packages.size(), 2U);
}

}  // namespace
}  // namespace ringbench
