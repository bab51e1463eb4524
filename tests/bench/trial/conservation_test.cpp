#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "bench/trial/accounting.hpp"
#include "tests/bench/trial/planted_trial.hpp"

namespace ringbench {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(Conservation, ABalancedTrialIsOk) {
  PlantedTrial trial;
  trial.deliver_all();
  const auto result = trial.judged();
  EXPECT_EQ(result.status, Status::ok) << result.reason;
  EXPECT_THAT(result.reason, IsEmpty());
  const Flow sum = result.total();
  EXPECT_EQ(sum.attempted, 20U);
  EXPECT_EQ(sum.tally.committed, 16U);
  EXPECT_EQ(sum.tally.discarded, 2U);
  EXPECT_EQ(sum.tally.dropped(), 2U);
  EXPECT_EQ(sum.consumed, 16U);
  EXPECT_EQ(sum.overwritten, 0U);
  EXPECT_EQ(sum.left, 0U);
}

TEST(Conservation, WhatIsLeftBalancesToo) {
  PlantedTrial trial;
  for (const std::uint64_t sequence : {0, 1, 2, 4}) {
    for (const std::uint32_t producer : {0U, 1U}) trial.deliver(producer, sequence);
  }
  trial.receiver->count_as_left();
  for (const std::uint64_t sequence : {6, 7, 8, 9}) {
    for (const std::uint32_t producer : {0U, 1U}) trial.deliver(producer, sequence);
  }
  const auto result = trial.judged();
  EXPECT_EQ(result.status, Status::ok) << result.reason;
  EXPECT_EQ(result.producers[1].flow.consumed, 4U);
  EXPECT_EQ(result.producers[1].flow.left, 4U);
}

TEST(Conservation, WhatTheTransportOverwroteBalancesToo) {
  PlantedTrial trial;
  trial.overwritten = 4;
  for (const std::uint64_t sequence : {2, 4, 6, 7, 8, 9}) {
    for (const std::uint32_t producer : {0U, 1U}) trial.deliver(producer, sequence);
  }
  const auto result = trial.judged();
  EXPECT_EQ(result.status, Status::ok) << result.reason;
  EXPECT_EQ(result.producers[0].flow.overwritten, 2U);
}

// Each plants one fault into the balanced trial; the reason has to name it.
struct Fault {
  const char* name;
  void (*plant)(PlantedTrial&);
  const char* reason;
};
class ConservationOf : public ::testing::TestWithParam<Fault> {};

TEST_P(ConservationOf, FailsTheTrialWithTheReason) {
  PlantedTrial trial;
  GetParam().plant(trial);
  const auto result = trial.judged();
  EXPECT_EQ(result.status, Status::failed);
  EXPECT_THAT(result.reason, HasSubstr(GetParam().reason));
}

void deliver_but(const PlantedTrial& trial, std::uint64_t missing) {
  for (const std::uint64_t sequence : {0, 1, 2, 4, 6, 7, 8, 9}) {
    for (const std::uint32_t producer : {0U, 1U}) {
      if (producer != 0 || sequence != missing) trial.deliver(producer, sequence);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(
    Conservation, ConservationOf,
    ::testing::Values(
        Fault{
            "a_missing_commit",
            [](PlantedTrial& trial) {
              trial.deliver_all();
              --trial.producers[1].tally.committed;
            },
            "producer 1 does not balance: 10 attempted, but 7 committed + 1 discarded + 1 dropped"},
        Fault{
            "a_drop_not_counted",
            [](PlantedTrial& trial) {
              trial.deliver_all();
              trial.producers[0].tally.drops = {};
            },
            "producer 0 does not balance: 10 attempted, but 8 committed + 1 discarded + 0 dropped"},
        Fault{
            "a_drop_counted_twice",
            [](PlantedTrial& trial) {
              trial.deliver_all();
              ++trial.producers[0].tally.drops[static_cast<std::size_t>(Drop::lock_busy)];
            },
            "producer 0 does not balance: 10 attempted, but 8 committed + 1 discarded + 2 dropped"},
        Fault{"a_record_consumed_that_was_not_committed",
              [](PlantedTrial& trial) {
                trial.deliver_all();
                trial.deliver(0, 10);
              },
              "producer 0 does not balance: 8 committed, but 9 consumed + 0 left in the buffer"},
        Fault{"a_lost_record", [](PlantedTrial& trial) { deliver_but(trial, 7); },
              "1 committed records were never delivered, but the transport overwrote 0"},
        Fault{"a_record_that_was_never_attempted",
              [](PlantedTrial& trial) {
                deliver_but(trial, 9);
                trial.deliver(0, 12);
              },
              "producer 0: the consumer misses 5 records, of which only 2 are accounted for"},
        Fault{"a_lost_last_record", [](PlantedTrial& trial) { deliver_but(trial, 9); },
              "1 committed records were never delivered, but the transport overwrote 0"},
        Fault{"a_duplicate",
              [](PlantedTrial& trial) {
                trial.deliver(0, 0);
                trial.deliver(0, 0);
              },
              "producer 0: record 0 came after record 0"},
        Fault{"a_lost_and_a_duplicate_record",
              [](PlantedTrial& trial) {
                deliver_but(trial, 9);
                trial.deliver(0, 8);
              },
              "producer 0: record 8 came after record 8"},
        Fault{"an_overwrite_not_counted",
              [](PlantedTrial& trial) {
                trial.overwritten = 1;
                trial.deliver_all();
              },
              "0 committed records were never delivered, but the transport overwrote 1"},
        Fault{"a_keeper_who_counts_otherwise",
              [](PlantedTrial& trial) {
                trial.deliver_all();
                trial.audit = "its event lost 3 records";
              },
              "its event lost 3 records"},
        Fault{"pages_on_the_wrong_node",
              [](PlantedTrial& trial) {
                trial.deliver_all();
                trial.nodes_found[1] = {{0, 2}, {1, 1}};
              },
              "ring 1: 1 pages are on node 1, where they were not bound"}),
    [](const auto& param) { return param.param.name; });

TEST(Conservation, EveryConsumedRecordGoesDownstream) {
  for (const std::uint64_t passed : {15, 16, 17}) {
    PlantedTrial trial;
    trial.deliver_all();
    trial.passed_downstream = passed;
    const auto result = trial.judged();
    EXPECT_EQ(result.status, passed == 16 ? Status::ok : Status::failed) << passed;
    if (passed != 16) {
      EXPECT_EQ(result.reason, "16 records were consumed, but " + std::to_string(passed) +
                                   " passed the stage downstream");
    }
  }
}

TEST(Conservation, PagesWhoseNodeNobodyKnowsAreNotHeldAgainstTheTrial) {
  PlantedTrial trial;
  trial.deliver_all();
  trial.nodes_found = {{{-1, 3}}, {{0, 1}, {-1, 2}}};
  EXPECT_EQ(trial.judged().status, Status::ok);
}

TEST(Conservation, PagesWithoutAPolicyMayBeAnywhere) {
  PlantedTrial trial;
  trial.deliver_all();
  trial.spec.placement.ring_nodes = {{}, {}};
  trial.nodes_found[0] = {{5, 3}};
  EXPECT_EQ(trial.judged().status, Status::ok);
}

}  // namespace
}  // namespace ringbench
