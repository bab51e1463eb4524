// Whole trials whose records carry a shared counter, or are put in order before they are delivered.
#include <gmock/gmock.h>

#include "impls/list.hpp"
#include "tests/bench/trial/short_trial.hpp"

namespace ringbench {
namespace {

// Both producers and the consumer take turns on few CPUs, so whole slices of one are read before
// those of the other.
Cell two_buffers() {
  Cell cell = short_cell("perfbuf");
  cell.producers = 2;
  cell.arrival = "constant";
  cell.rate = 50'000;
  cell.duration_ms = 60;
  return cell;
}

class MergeTrialTest : public WholeTrial {
 protected:
  static void expect_merged(const Cell& cell) {
    const auto result = run(cell);
    EXPECT_EQ(result.merge.value().records, result.total().consumed + result.total().left);
    EXPECT_EQ(result.distributions.merge_held.count(), result.merge->records);
    EXPECT_EQ(result.distributions.merge_delay_ns.count(), result.merge->records);
    EXPECT_GT(value("merge_cycles", result), 0);
    EXPECT_GE(value("merge_held_max", result), 1);
  }
};

TEST_F(MergeTrialTest, WithoutItNothingIsSaidOfIt) {
  const auto result = run(two_buffers());
  for (const char* name :
       {"merge_held_mean", "merge_held_max", "merge_delay_ns_p50", "merge_late", "merge_cycles"}) {
    EXPECT_FALSE(value(name, result)) << name;
  }
}

TEST_F(MergeTrialTest, LeavesFewerReorderedRecords) {
  Cell cell = two_buffers();
  cell.stall_ms = 1;  // so that every buffer holds several records when it is read
  cell.stall_every_ms = 3;
  const auto without = run_until(cell, [](const TrialResult& any) { return any.reordered > 20; });
  ASSERT_GT(without.reordered, 20U);
  for (const char* rule : {"watermark", "seen"}) {
    cell.merge = rule;
    cell.merge_wait_us = 5'000;
    // Nothing can be done for a record that is held up for longer than the merge waits.
    const auto with = run_until(
        cell, [&](const TrialResult& any) { return any.reordered < without.reordered / 4; });
    EXPECT_LT(with.reordered, without.reordered / 4) << rule;
  }
}

TEST_F(MergeTrialTest, BalancesWithEveryRuleAndKey) {
  Cell cell = two_buffers();
  cell.counter = true;
  for (const char* rule : {"watermark", "seen"}) {
    for (const char* key : {"stamp", "counter"}) {
      for (const char* poll : {"busy", "epoll", "after_window"}) {
        SCOPED_TRACE(std::string(rule) + " " + key + " " + poll);
        cell.merge = rule;
        cell.merge_by = key;
        cell.poll = poll;
        expect_merged(cell);
      }
    }
  }
}

TEST_F(MergeTrialTest, MergesWhateverHasRings) {
  for (const Row* row : transports()) {
    if (row->layout == Layout::none || !row->unavailable().empty()) continue;
    for (const std::uint64_t budget : {0, 16}) {
      SCOPED_TRACE(row->name);
      Cell cell = short_cell(row->name);
      cell.producers = 2;
      cell.budget = budget;
      cell.merge = "watermark";
      if (row->whole && budget != 0) continue;
      expect_merged(cell);
    }
  }
}

TEST_F(MergeTrialTest, ACounterIsCarriedByEveryTransportOfThreads) {
  for (const Row* row : transports()) {
    if (row->whole) continue;
    for (const bool stamps : {true, false}) {
      SCOPED_TRACE(row->name);
      Cell cell = short_cell(row->name);
      cell.producers = 2;
      cell.counter = true;
      cell.stamps = stamps;
      cell.record_size = 24;
      run(cell);
    }
  }
}

}  // namespace
}  // namespace ringbench
