#include "topology/placement.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ostream>

#include "tests/topology/machines.hpp"

namespace ringbench {

void PrintTo(const Placement& placement, std::ostream* out) {
  *out << "producers " << testing::PrintToString(placement.producer_cpus) << ", consumers "
       << testing::PrintToString(placement.consumer_cpus) << ", nodes "
       << testing::PrintToString(placement.ring_nodes) << ", oversubscribed "
       << placement.oversubscribed;
}
void PrintTo(const Refusal& refusal, std::ostream* out) {
  *out << "refusal: " << refusal.why;
}

namespace {

using testing::AllOf;
using testing::Field;
using testing::HasSubstr;
using testing::VariantWith;
using Cpus = std::vector<unsigned>;

Machine four_nodes() {
  return machine_from_synthetic("node:4 core:10 pu:2");  // CPU c: core c / 2, node c / 20
}
auto refused(const testing::Matcher<std::string>& why) {
  return VariantWith<Refusal>(Field(&Refusal::why, why));
}
auto runs_on(const Cpus& producers, const Cpus& consumers) {
  return VariantWith<Placement>(AllOf(Field(&Placement::producer_cpus, producers),
                                      Field(&Placement::consumer_cpus, consumers)));
}
auto lives_on(const std::vector<Cpus>& ring_nodes) {
  return VariantWith<Placement>(Field(&Placement::ring_nodes, ring_nodes));
}

struct Golden {
  std::string policy, consumer;
  Cpus producer_cpus;
  unsigned consumer_cpu;
};

// Three producers and one consumer for each policy and consumer, with each ring memory.
class GoldenPlacement : public testing::TestWithParam<Golden> {
 protected:
  static Placement expected(const Cpus& nodes) {
    return {GetParam().producer_cpus, {GetParam().consumer_cpu}, {nodes}, false};
  }
  static auto placed(const std::string& ring_memory) {
    return place(four_nodes(), {.producers = 3,
                                .policy = GetParam().policy,
                                .explicit_cpus = {45, 7, 20},
                                .consumer = GetParam().consumer,
                                .ring_memory = ring_memory});
  }
};

TEST_P(GoldenPlacement, IsAsDrawn) {
  const unsigned consumer_node = GetParam().consumer_cpu / 20;
  const unsigned producer_node = GetParam().producer_cpus.front() / 20;
  EXPECT_THAT(placed("consumer_node"), VariantWith<Placement>(expected({consumer_node})));
  EXPECT_THAT(placed("producer_node"), VariantWith<Placement>(expected({producer_node})));
  EXPECT_THAT(placed("interleave"), VariantWith<Placement>(expected({0, 1, 2, 3})));
  EXPECT_THAT(placed("local"), VariantWith<Placement>(expected({})));
}

INSTANTIATE_TEST_SUITE_P(
    FourNodes, GoldenPlacement,
    testing::Values(Golden{"compact", "own_core_same_node", {0, 1, 2}, 4},
                    Golden{"compact", "own_core_other_node", {0, 1, 2}, 20},
                    Golden{"compact", "shares_producer_core", {0, 1, 2}, 0},
                    Golden{"cores_first", "own_core_same_node", {0, 2, 4}, 6},
                    Golden{"cores_first", "own_core_other_node", {0, 2, 4}, 20},
                    Golden{"cores_first", "shares_producer_core", {0, 2, 4}, 0},
                    Golden{"scatter", "own_core_same_node", {0, 20, 40}, 2},
                    Golden{"scatter", "own_core_other_node", {0, 20, 40}, 22},
                    Golden{"scatter", "shares_producer_core", {0, 20, 40}, 0},
                    Golden{"per_node", "own_core_same_node", {0, 20, 40}, 2},
                    Golden{"per_node", "own_core_other_node", {0, 20, 40}, 22},
                    Golden{"per_node", "shares_producer_core", {0, 20, 40}, 0},
                    Golden{"explicit", "own_core_same_node", {45, 7, 20}, 40},
                    Golden{"explicit", "own_core_other_node", {45, 7, 20}, 0},
                    Golden{"explicit", "shares_producer_core", {45, 7, 20}, 45}),
    [](const auto& golden) { return golden.param.policy + "_" + golden.param.consumer; });

TEST(Place, OneNodeOfTwoCpus) {
  const auto with = [](unsigned producers, const char* consumer, bool oversubscribe = false) {
    return place(two_cpus(),
                 {.producers = producers, .consumer = consumer, .oversubscribe = oversubscribe});
  };
  EXPECT_THAT(with(1, "own_core_same_node"), runs_on({0}, {1}));
  EXPECT_THAT(with(2, "own_core_same_node"),
              refused("2 producers and 1 consumer on a core of its own need 3 cores; this machine "
                      "allows 2: use consumer = \"shares_producer_core\" or fewer producers"));
  EXPECT_THAT(
      with(1, "own_core_other_node"),
      refused("consumer = \"own_core_other_node\" needs 2 NUMA nodes with CPUs; this machine "
              "allows 1 (node 0): use \"own_core_same_node\" or \"shares_producer_core\""));
  EXPECT_THAT(with(2, "shares_producer_core"), runs_on({0, 1}, {0}));
  EXPECT_THAT(with(3, "shares_producer_core", true), runs_on({0, 1, 0}, {0}));
  EXPECT_THAT(
      with(3, "own_core_same_node", true),
      refused(HasSubstr("3 producers (on 2 cores) and 1 consumer on a core of its own need 3 "
                        "cores; this machine allows 2")));
}

TEST(Place, OversubscribedMeansThatProducersShareACpu) {
  PlacementRequest request;
  request.consumer = "shares_producer_core";
  request.oversubscribe = true;
  request.producers = 2;
  EXPECT_FALSE(std::get<Placement>(place(two_cpus(), request)).oversubscribed);
  request.producers = 3;
  EXPECT_TRUE(std::get<Placement>(place(two_cpus(), request)).oversubscribed);
  request.producers = 2;
  request.policy = "explicit";
  request.explicit_cpus = {1, 1};
  EXPECT_TRUE(std::get<Placement>(place(two_cpus(), request)).oversubscribed);
}

TEST(Place, FullNodeIsNotTheSameAsAFullMachine) {
  PlacementRequest request;
  request.producers = 20;  // all of node 0
  EXPECT_THAT(place(four_nodes(), request),
              refused("20 producers are given 10 cores by policy = \"compact\", and of the 30 left "
                      "none is on node 0 for consumer 0 (consumer = \"own_core_same_node\"): use "
                      "another policy, consumer = \"own_core_other_node\" or "
                      "\"shares_producer_core\", or fewer producers"));
  request.consumer = "own_core_other_node";
  EXPECT_THAT(place(four_nodes(), request), lives_on({{1}}));
}

TEST(Place, EachRingsConsumerIsNearItsFirstProducer) {
  const Machine machine = machine_from_synthetic("node:2 l3:2 core:3 pu:2");  // 6 CPUs an L3
  PlacementRequest request{.producers = 4,
                           .consumers = 2,
                           .ring_of = {0, 0, 1, 1},
                           .policy = "explicit",
                           .explicit_cpus = {6, 0, 18, 1},
                           .ring_memory = "producer_node"};
  EXPECT_THAT(place(machine, request), runs_on({6, 0, 18, 1}, {8, 20}));
  EXPECT_THAT(place(machine, request), lives_on({{0}, {1}}));
  request.consumer = "own_core_other_node";
  EXPECT_THAT(place(machine, request), runs_on({6, 0, 18, 1}, {12, 2}));
  request.consumer = "shares_producer_core";
  EXPECT_THAT(place(machine, request), runs_on({6, 0, 18, 1}, {6, 18}));
  request.consumers = 1;
  request.ring_memory = "consumer_node";
  EXPECT_THAT(place(machine, request), lives_on({{0}, {0}}));
}

TEST(Place, ConsumerOfAFullL3LeavesTheNeighboursCoreToItsOwnConsumer) {
  // Three L3 groups of 2 cores on one node: group 0 is full, group 1 has one core free, group 2
  // two.
  const Machine machine = machine_from_synthetic("l3:3 core:2 pu:1");
  const PlacementRequest request{.producers = 3,
                                 .consumers = 2,
                                 .ring_of = {0, 0, 1},
                                 .policy = "explicit",
                                 .explicit_cpus = {0, 1, 2}};
  EXPECT_THAT(place(machine, request), runs_on({0, 1, 2}, {4, 3}));
}

TEST(Place, ConsumersOnOtherNodesMoveForEachOther) {
  const Machine machine = machine_from_synthetic("node:3 core:2 pu:1");
  // Free: core 3 (node 1) and core 5 (node 2). The second ring is at home on node 2, so it needs 3.
  const PlacementRequest request{.producers = 4,
                                 .consumers = 2,
                                 .ring_of = {0, 1, 0, 0},
                                 .policy = "explicit",
                                 .explicit_cpus = {0, 4, 1, 2},
                                 .consumer = "own_core_other_node"};
  EXPECT_THAT(place(machine, request), runs_on({0, 4, 1, 2}, {5, 3}));
}

TEST(Place, RingsAndConsumersMustFit) {
  const auto with = [](unsigned consumers, Cpus ring_of) {
    return place(four_nodes(),
                 {.producers = 3, .consumers = consumers, .ring_of = std::move(ring_of)});
  };
  EXPECT_THAT(with(2, {}), refused(HasSubstr("1 ring cannot have 2 consumers")));
  EXPECT_THAT(with(0, {}), refused(HasSubstr("1 ring cannot have 0 consumers")));
  EXPECT_THAT(with(2, {0, 1, 2}), refused(HasSubstr("2 consumers cannot drain 3 rings")));
  EXPECT_THAT(with(1, {0, 1}), refused(HasSubstr("2 ring numbers are given for 3 producers")));
  EXPECT_THAT(with(1, {0, 2, 0}), refused(HasSubstr("ring 2 is used but only 2 rings have")));
  EXPECT_THAT(with(1, {4294967295U, 0, 0}), refused(HasSubstr("ring 4294967295 is used")));
  EXPECT_THAT(with(3, {2, 1, 0}), runs_on({0, 1, 2}, {4, 6, 8}));
}

TEST(Place, UnknownNamesAreRefusedWithTheKnownOnes) {
  EXPECT_THAT(place(two_cpus(), {.policy = "dense"}),
              refused("policy = \"dense\" is not known: use one of compact, scatter, per_node, "
                      "cores_first, explicit"));
  EXPECT_THAT(place(two_cpus(), {.consumer = "near"}), refused(HasSubstr("consumer = \"near\"")));
  EXPECT_THAT(place(two_cpus(), {.ring_memory = "far"}),
              refused(HasSubstr("ring_memory = \"far\"")));
  EXPECT_THAT(place(two_cpus(), {.producers = 0}), refused(HasSubstr("0 producers")));
  EXPECT_THAT(place(Machine{}, {}), refused(HasSubstr("no CPU of this machine")));
}

TEST(Place, NodesWithoutCpusHoldMemoryButNoThread) {
  const Machine machine = fixture("cpuless_nodes.xml");
  PlacementRequest request{
      .producers = 4, .consumer = "shares_producer_core", .ring_memory = "interleave"};
  EXPECT_THAT(place(machine, request), runs_on({0, 2, 1, 3}, {0}));
  EXPECT_THAT(place(machine, request), lives_on({{0, 1, 2, 3}}));
  request.producers = 1;
  request.consumer = "own_core_other_node";
  request.ring_memory = "consumer_node";
  EXPECT_THAT(place(machine, request), runs_on({0}, {1}));
  EXPECT_THAT(place(machine, request), lives_on({{1}}));
}

TEST(Place, NodeWithoutMemoryIsReplacedByTheNearestThatHasSome) {
  Machine machine = fixture("cpuless_nodes.xml");
  for (Node& node : machine.nodes)
    if (node.os < 2) node.bytes = 0;
  PlacementRequest request{.consumer = "own_core_other_node"};
  request.ring_memory = "consumer_node";  // on node 1, which node 3 is next to
  EXPECT_THAT(place(machine, request), lives_on({{3}}));
  request.ring_memory = "producer_node";  // on node 0, which node 2 is next to
  EXPECT_THAT(place(machine, request), lives_on({{2}}));
  request.ring_memory = "interleave";
  EXPECT_THAT(place(machine, request), lives_on({{2, 3}}));
}

TEST(Place, WhereNoMemoryIsKnownEveryNodeCounts) {
  const Machine machine = machine_from_synthetic("pack:2 [numa] core:2 pu:1");
  ASSERT_EQ(machine.nodes.at(0).bytes, 0U);
  PlacementRequest request{.ring_memory = "interleave"};
  EXPECT_THAT(place(machine, request), lives_on({{0, 1}}));
  request.ring_memory = "consumer_node";
  EXPECT_THAT(place(machine, request), lives_on({{0}}));
}

TEST(Place, OfflineAndForbiddenCpusAreNotUsed) {
  const Machine machine = fixture("offline_cpus.xml");
  EXPECT_THAT(place(machine, {.producers = 1}), runs_on({0}, {2}));
}

}  // namespace
}  // namespace ringbench
