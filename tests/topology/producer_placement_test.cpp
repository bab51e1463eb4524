// The producers' half of a placement: their CPUs, and the rings they write to.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>
#include <stdexcept>

#include "tests/source_dir.hpp"
#include "tests/topology/machines.hpp"
#include "topology/placement.hpp"

namespace ringbench {
namespace {

using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;
using testing::ThrowsMessage;
using testing::VariantWith;
using Cpus = std::vector<unsigned>;

Cpus whole_order(const Machine& machine, const std::string& policy) {
  PlacementRequest request;
  request.policy = policy;
  request.producers = static_cast<unsigned>(machine.cpus.size());
  return std::get<Cpus>(place_producers(machine, request));
}

TEST(PlaceProducers, PoliciesHandOutAWholeMachineInTheirOwnOrder) {
  // CPU c: core c / 2, L3 c / 4, node c / 8, package c / 16
  const Machine machine = machine_from_synthetic("pack:2 node:2 l3:2 core:2 pu:2");
  Cpus compact(32);
  std::iota(compact.begin(), compact.end(), 0U);
  EXPECT_EQ(whole_order(machine, "compact"), compact);
  EXPECT_THAT(whole_order(machine, "cores_first"),
              ElementsAre(0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30,  //
                          1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31));
  EXPECT_THAT(whole_order(machine, "per_node"),
              ElementsAre(0, 8, 16, 24, 2, 10, 18, 26, 4, 12, 20, 28, 6, 14, 22, 30,  //
                          1, 9, 17, 25, 3, 11, 19, 27, 5, 13, 21, 29, 7, 15, 23, 31));
  EXPECT_THAT(whole_order(machine, "scatter"),
              ElementsAre(0, 16, 8, 24, 4, 20, 12, 28, 2, 18, 10, 26, 6, 22, 14, 30,  //
                          1, 17, 9, 25, 5, 21, 13, 29, 3, 19, 11, 27, 7, 23, 15, 31));
}

TEST(PlaceProducers, CompactFollowsTheNodesNotTheNumbers) {
  const Machine machine = machine_from_synthetic("node:2 core:2 pu:2(indexes=4*2:2*2:1*2)");
  EXPECT_THAT(whole_order(machine, "compact"), ElementsAre(0, 4, 2, 6, 1, 5, 3, 7));
  EXPECT_THAT(whole_order(machine, "cores_first"), ElementsAre(0, 2, 1, 3, 4, 6, 5, 7));
}

TEST(PlaceProducers, MaskWithoutCpuZero) {
  const Machine machine = restrict_to(machine_from_synthetic("node:2 core:2 pu:2"), {1, 2, 3, 5});
  EXPECT_THAT(whole_order(machine, "compact"), ElementsAre(1, 2, 3, 5));
  EXPECT_THAT(whole_order(machine, "cores_first"), ElementsAre(1, 2, 5, 3));
  EXPECT_THAT(whole_order(machine, "scatter"), ElementsAre(1, 5, 2, 3));
  EXPECT_THAT(whole_order(machine, "per_node"), ElementsAre(1, 5, 2, 3));
}

TEST(PlaceProducers, OfflineAndForbiddenCpusAreLeftOut) {
  const Machine machine = machine_from_xml(source_dir() + "/tests/topology/data/offline_cpus.xml");
  EXPECT_THAT(whole_order(machine, "compact"), ElementsAre(0, 2, 3));
}

TEST(PlaceProducers, MoreThanTheCpusTakeTurnsOnlyWhenAllowed) {
  PlacementRequest request{.producers = 5, .policy = "scatter"};
  EXPECT_THAT(
      place_producers(two_cpus(), request),
      VariantWith<Refusal>(Field(&Refusal::why,
                                 "5 producers need 5 CPUs; this machine allows 2: use fewer "
                                 "producers, or set oversubscribe = true to let them take turns")));
  request.oversubscribe = true;
  EXPECT_THAT(place_producers(two_cpus(), request), VariantWith<Cpus>(Cpus{0, 1, 0, 1, 0}));
}

TEST(PlaceProducers, ExplicitListMustFitMachineAndProducers) {
  const auto with = [](Cpus list, bool oversubscribe = false) {
    return place_producers(two_cpus(), {.producers = 2,
                                        .policy = "explicit",
                                        .explicit_cpus = std::move(list),
                                        .oversubscribe = oversubscribe});
  };
  const auto refuses = [](const char* why) {
    return VariantWith<Refusal>(Field(&Refusal::why, HasSubstr(why)));
  };
  EXPECT_THAT(with({1, 0}), VariantWith<Cpus>(Cpus{1, 0}));
  EXPECT_THAT(with({1}), refuses("lists 1 CPU for 2 producers"));
  EXPECT_THAT(with({1}, true), refuses("lists 1 CPU for 2 producers"));
  EXPECT_THAT(with({1, 2}), refuses("lists CPU 2, which does not exist"));
  EXPECT_THAT(with({1, 2}), refuses("list CPUs out of 0-1"));
  EXPECT_THAT(with({1, 1}), refuses("lists only 1 distinct CPU for 2 producers"));
  EXPECT_THAT(with({1, 1}, true), VariantWith<Cpus>(Cpus{1, 1}));
}

TEST(MapToRings, EveryMapping) {
  const Machine machine = machine_from_synthetic("node:2 l3:2 core:1 pu:2");  // 2 CPUs an L3
  const Cpus cpus{7, 0, 1, 2, 6};
  EXPECT_THAT(map_to_rings(machine, cpus, "contiguous", 2), ElementsAre(0, 0, 1, 1, 2));
  EXPECT_THAT(map_to_rings(machine, cpus, "modulo", 2), ElementsAre(0, 1, 2, 0, 1));
  EXPECT_THAT(map_to_rings(machine, cpus, "contiguous", 9), ElementsAre(0, 0, 0, 0, 0));
  EXPECT_THAT(map_to_rings(machine, cpus, "modulo", 1), ElementsAre(0, 1, 2, 3, 4));
  EXPECT_THAT(map_to_rings(machine, cpus, "per_core", 0), ElementsAre(0, 1, 1, 2, 0));
  EXPECT_THAT(map_to_rings(machine, cpus, "per_l3", 0), ElementsAre(0, 1, 1, 2, 0));
  EXPECT_THAT(map_to_rings(machine, cpus, "per_node", 0), ElementsAre(0, 1, 1, 1, 0));
}

TEST(MapToRings, RefusesWhatHasNoMeaning) {
  const auto with = [](const char* mapping, unsigned cpus_per_ring, Cpus cpus) {
    return [=] { map_to_rings(two_cpus(), cpus, mapping, cpus_per_ring); };
  };
  EXPECT_THAT(with("diagonal", 1, {0}), ThrowsMessage<std::invalid_argument>(
                                            HasSubstr("mapping = \"diagonal\" is not known")));
  EXPECT_THAT(with("modulo", 0, {0}),
              ThrowsMessage<std::invalid_argument>(HasSubstr("cannot put 0 CPUs on a ring")));
  EXPECT_THAT(with("per_core", 0, {0, 9}),
              ThrowsMessage<std::invalid_argument>(HasSubstr("producer 1 cannot be on CPU 9")));
}

}  // namespace
}  // namespace ringbench
