#include "topology/machine.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <stdexcept>

#include "tests/source_dir.hpp"
#include "tests/topology/machines.hpp"
#include "topology/survival.hpp"
#include "topology/synthetic.hpp"

namespace ringbench {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using testing::ThrowsMessage;

TEST(Machine, FourNodesOfTenCoresOfTwoThreads) {
  const Machine machine = machine_from_synthetic("node:4 core:10 pu:2");
  ASSERT_THAT(machine.cpus, SizeIs(80));
  ASSERT_THAT(machine.nodes, SizeIs(4));
  EXPECT_EQ(machine.cpus[45], (Cpu{.os = 45, .core = 22, .smt = 1, .l3 = 0, .node = 2}));
  EXPECT_THAT(machine.nodes[3].cpus, SizeIs(20));
  EXPECT_EQ(machine.nodes[3].bytes, 1U << 30);
  EXPECT_EQ(machine.find(79)->node, 3U);
  EXPECT_EQ(machine.find(80), nullptr);
  EXPECT_EQ(machine.find_node(4), nullptr);
}

// As Linux numbers a server's CPUs: nodes alternate, and the siblings come in a second round.
TEST(Machine, OsIndicesAreNotLogicalOnes) {
  const Machine machine = machine_from_synthetic("node:2 l3:1 core:2 pu:2(indexes=4*2:2*2:1*2)");
  ASSERT_THAT(machine.cpus, SizeIs(8));
  EXPECT_EQ(*machine.find(0), (Cpu{.os = 0, .core = 0, .smt = 0, .l3 = 0, .node = 0}));
  EXPECT_EQ(*machine.find(4), (Cpu{.os = 4, .core = 0, .smt = 1, .l3 = 0, .node = 0}));
  EXPECT_EQ(*machine.find(7), (Cpu{.os = 7, .core = 3, .smt = 1, .l3 = 1, .node = 1}));
  EXPECT_THAT(machine.nodes[1].cpus, ElementsAre(1, 5, 3, 7));
}

TEST(Machine, WithoutL3ThePackageStandsIn) {
  const Machine machine = machine_from_synthetic("pack:2 core:2 pu:1");
  EXPECT_EQ(machine.find(1)->l3, 0U);
  EXPECT_EQ(machine.find(2)->l3, 1U);
}

TEST(Machine, WithoutCoresPackagesOrNodesEveryCpuIsACoreOfOneNode) {
  const Machine machine = machine_from_synthetic("pu:3");
  ASSERT_THAT(machine.cpus, SizeIs(3));
  EXPECT_EQ(machine.cpus[2], (Cpu{.os = 2, .core = 2}));
  EXPECT_THAT(machine.nodes, ElementsAre(Field(&Node::cpus, ElementsAre(0, 1, 2))));
}

TEST(Machine, NodesWithoutCpusAreKept) {
  const Machine machine = fixture("cpuless_nodes.xml");
  ASSERT_THAT(machine.nodes, SizeIs(4));
  EXPECT_THAT(machine.find_node(0)->cpus, ElementsAre(0, 2));
  EXPECT_THAT(machine.find_node(1)->cpus, ElementsAre(1, 3));
  EXPECT_THAT(machine.find_node(2)->cpus, IsEmpty());
  EXPECT_THAT(machine.find_node(3)->cpus, IsEmpty());
  EXPECT_EQ(machine.find_node(2)->bytes, std::uint64_t{4} << 30);
}

TEST(Machine, CpuBelongsToTheTightestNodeAroundIt) {
  // Node 0 is attached to the whole machine, node 2 to package 0, node 1 to package 1.
  const Machine machine = machine_from_synthetic("[numa(indexes=2,1,0)] pack:2 [numa] core:2 pu:1");
  EXPECT_THAT(machine.find_node(0)->cpus, IsEmpty());
  EXPECT_THAT(machine.find_node(1)->cpus, ElementsAre(2, 3));
  EXPECT_THAT(machine.find_node(2)->cpus, ElementsAre(0, 1));
}

TEST(Machine, DistancesFollowTheOrderOfTheNodes) {
  const Machine machine = fixture("cpuless_nodes.xml");
  const Node& from = *machine.find_node(0);
  ASSERT_THAT(from.distance, SizeIs(4));
  const std::vector<unsigned> expected{10, 21, 17, 28};  // by OS index
  for (std::size_t to = 0; to < machine.nodes.size(); ++to)
    EXPECT_EQ(from.distance[to], expected[machine.nodes[to].os]) << machine.nodes[to].os;
}

TEST(Machine, OfflineAndForbiddenCpusAreAbsent) {
  const Machine machine = fixture("offline_cpus.xml");
  EXPECT_EQ(cpu_list(machine.cpus), "0,2-3");
  EXPECT_EQ(machine.find(1), nullptr) << "offline";
  EXPECT_EQ(machine.find(4), nullptr) << "not in the cpuset";
  EXPECT_THAT(machine.nodes, ElementsAre(Field(&Node::cpus, ElementsAre(0, 2, 3))));
}

TEST(Machine, RestrictionRanksSiblingsAnewAndKeepsNodes) {
  const Machine machine = restrict_to(machine_from_synthetic("node:2 core:1 pu:2"), {1, 7});
  EXPECT_THAT(machine.cpus, ElementsAre(Cpu{.os = 1, .core = 0, .smt = 0}));
  EXPECT_THAT(machine.nodes,
              ElementsAre(Field(&Node::cpus, ElementsAre(1)),
                          AllOf(Field(&Node::os, 1), Field(&Node::cpus, IsEmpty()))));
}

TEST(Machine, XmlReadsBackAsTheSameMachine) {
  const Machine machine = machine_from_synthetic("pack:2 node:2 l3:2 core:2 pu:2");
  const std::string path = testing::TempDir() + "ringbench_topology_" + std::to_string(getpid());
  std::ofstream(path) << machine.xml;
  const Machine read_back = machine_from_xml(path);
  std::remove(path.c_str());
  EXPECT_EQ(read_back.cpus, machine.cpus);
  EXPECT_EQ(read_back.nodes, machine.nodes);
  EXPECT_EQ(read_back.xml, machine.xml);
}

TEST(Machine, WhatCannotBeReadIsNamed) {
  EXPECT_THAT(
      [] { machine_from_synthetic("cheese:4"); },
      ThrowsMessage<std::runtime_error>(HasSubstr("'cheese:4' is not a synthetic topology")));
  EXPECT_THAT([] { machine_from_xml("/nonexistent/m.xml"); },
              ThrowsMessage<std::runtime_error>(HasSubstr("'/nonexistent/m.xml' cannot be read")));
  EXPECT_THAT([] { machine_from_xml("/"); },
              ThrowsMessage<std::runtime_error>(HasSubstr("'/' cannot be read")));
  EXPECT_THAT([] { fixture("README.md"); },
              ThrowsMessage<std::runtime_error>(HasSubstr("is not hwloc XML")));
}

TEST(Machine, CpuListIsWrittenAsLinuxDoes) {
  EXPECT_EQ(cpu_list(std::vector<unsigned>{}), "none");
  EXPECT_EQ(cpu_list(std::vector{5U}), "5");
  EXPECT_EQ(cpu_list(std::vector{8U, 1U, 0U, 2U, 1U, 10U, 11U}), "0-2,8,10-11");
}

class ThisMachine : public testing::Test {
 protected:
  void SetUp() override { ASSERT_EQ(sched_getaffinity(0, sizeof before_, &before_), 0); }
  void TearDown() override { sched_setaffinity(0, sizeof before_, &before_); }

  cpu_set_t before_{};
};

TEST_F(ThisMachine, HasExactlyTheAllowedCpus) {
  const Machine machine = this_machine();
  EXPECT_EQ(machine.cpus.size(), static_cast<std::size_t>(CPU_COUNT(&before_)));
  for (const Cpu& cpu : machine.cpus) EXPECT_TRUE(CPU_ISSET(cpu.os, &before_)) << cpu.os;
  for (const Cpu& cpu : machine.cpus) EXPECT_NE(machine.find_node(cpu.node), nullptr) << cpu.os;
  EXPECT_THAT(machine.xml, HasSubstr("<topology version="));
}

TEST_F(ThisMachine, HonoursAnAffinityMaskWithoutTheFirstCpu) {
  const Machine whole = this_machine();
  if (whole.cpus.size() < 2) GTEST_SKIP() << "needs 2 allowed CPUs, this process has 1";
  cpu_set_t mask = before_;
  CPU_CLR(whole.cpus.front().os, &mask);
  ASSERT_EQ(sched_setaffinity(0, sizeof mask, &mask), 0);
  const Machine rest = this_machine();
  EXPECT_EQ(rest.cpus.size(), whole.cpus.size() - 1);
  EXPECT_EQ(rest.find(whole.cpus.front().os), nullptr);
  EXPECT_EQ(rest.nodes.size(), whole.nodes.size());
}

TEST_F(ThisMachine, IsNotReplacedByOneFromTheEnvironment) {
  ASSERT_EQ(setenv("HWLOC_SYNTHETIC", "pu:8", 1), 0);
  EXPECT_THAT([] { this_machine(); },
              ThrowsMessage<std::runtime_error>(HasSubstr("unset HWLOC_XMLFILE")));
  unsetenv("HWLOC_SYNTHETIC");
}

// An attribute's name was changed in offline_cpus.xml; hwloc 2.9 follows a pointer that is not
// there.
TEST(MachineFromXml, WhatKillsHwlocIsRefused) {
  EXPECT_THAT([] { fixture("crashes_hwloc.xml"); },
              ThrowsMessage<std::runtime_error>(HasSubstr("is not hwloc XML that hwloc")));
}

// A node whose number is left out has the largest there is, and a set of nodes a bit for each
// below.
TEST(MachineFromXml, WhatMakesHwlocTakeHalfAGibibyteIsRefused) {
  std::ifstream file(source_dir() + "/tests/topology/data/offline_cpus.xml");
  std::string xml{std::istreambuf_iterator<char>(file), {}};
  const std::string_view index = "type=\"NUMANode\" os_index=\"0\"";
  xml.replace(xml.find(index), index.size(), "type=\"NUMANode\"");
  EXPECT_THAT([&] { machine_from_xml_text(xml, "m.xml"); },
              ThrowsMessage<std::runtime_error>(HasSubstr("'m.xml' is not hwloc XML that hwloc")));
}

TEST(MachineFromSynthetic, MayNotBeLargerThanHwlocCanMakeInTime) {
  for (const auto* large : {"core:1000000 pu:2", "0x100 0x100", "core:1025", "1000(memory=1)1000",
                            "node:512 [numa] core:512"}) {
    EXPECT_THAT([&] { machine_from_synthetic(large); },
                ThrowsMessage<std::runtime_error>(HasSubstr("describes more than 8192 CPUs")))
        << large;
  }
  EXPECT_EQ(machine_from_synthetic("package:2 [numa(memory=9999999)] l3:2 core:2 pu:2").cpus.size(),
            16U);
}

// hwloc takes what stands between a type and the next colon for a part of the type.
TEST(MachineFromSynthetic, CountsCannotHide) {
  for (const auto* hidden :
       {"package:32[numa] l4[machore:62[numa] l4[machore:62[numa] l4[core:62 pu:2", "core(:62 pu:2",
        "core2(x:62", "core x:62", "core:2(memory=1 pu:62", "core:2[numa pu:62", "core:2)",
        "3:4"}) {
    EXPECT_THAT([&] { machine_from_synthetic(hidden); },
                ThrowsMessage<std::runtime_error>(HasSubstr("is not a synthetic topology")))
        << hidden;
  }
}

TEST(SyntheticSize, IsTheProductOfItsCounts) {
  const auto pus = [](const char* description) {
    const auto size = synthetic_size(description);
    return size ? size->pus : 0;
  };
  EXPECT_EQ(pus("node:4 core:10 pu:2"), 80);
  EXPECT_EQ(pus("(memory=1GB) Package:2(indexes=1,0)[NUMANode(memory=99)] L1iCache:3 0x10"), 96);
  EXPECT_EQ(pus("2 3\n4"), 24);
  EXPECT_EQ(pus("core:0 pu:2"), 2) << "hwloc refuses it";
  EXPECT_EQ(pus(""), 1);
  EXPECT_EQ(pus("core:"), 0);
  EXPECT_EQ(pus("core:-1"), 0);
  EXPECT_EQ(synthetic_size("core:7 pu:99999999999999999999")->siblings, ~0UL);
}

TEST(Survival, IsOfWhatEndsWell) {
  const auto survives = [](bool (*work)(const std::string&)) {
    return ringbench::survives(work, "input");
  };
  EXPECT_TRUE(survives([](const std::string& input) { return input == "input"; }));
  EXPECT_FALSE(survives([](const std::string& input) { return input != "input"; }));
  EXPECT_FALSE(survives([](const std::string&) -> bool { std::abort(); }));
  EXPECT_FALSE(survives([](const std::string&) -> bool { _exit(3); }));
  EXPECT_FALSE(survives(
      [](const std::string&) { return !std::vector<char>(std::size_t{300} << 20, 'x').empty(); }));
}

}  // namespace
}  // namespace ringbench
