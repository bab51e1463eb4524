// Events that others cause, and events around a race.
#include <gtest/gtest.h>

#include <thread>

#include "bench/trial/chain_relay.hpp"
#include "bench/trial/race_loop.hpp"
#include "impls/list.hpp"
#include "impls/null.hpp"
#include "tests/bench/trial/short_trial.hpp"

namespace ringbench {
namespace {

TEST(BatonQueue, KeepsTheOrderAndRefusesWhatDoesNotFit) {
  BatonQueue queue(2);
  EXPECT_EQ(queue.front(), nullptr);
  EXPECT_TRUE(queue.push({1, 0, 0}));
  EXPECT_TRUE(queue.push({2, 0, 0}));
  EXPECT_FALSE(queue.push({3, 0, 0}));
  EXPECT_EQ(queue.front()->chain, 1U);
  queue.pop();
  EXPECT_TRUE(queue.push({3, 0, 0}));
  queue.pop();
  EXPECT_EQ(queue.front()->chain, 3U);
}

TEST(BatonQueue, HandsOverBetweenThreads) {
  constexpr std::uint64_t kCount = 20'000;
  BatonQueue queue(64);
  std::thread giver([&] {
    for (std::uint64_t i = 0; i < kCount; ++i) {
      while (!queue.push({i, 2 * i, 0})) std::this_thread::yield();
    }
  });
  for (std::uint64_t i = 0; i < kCount; ++i) {
    while (queue.front() == nullptr) std::this_thread::yield();
    ASSERT_EQ(queue.front()->chain, i);
    ASSERT_EQ(queue.front()->due, 2 * i);
    queue.pop();
  }
  giver.join();
}

TEST(ChainRelay, IsOverWhenAllHaveClosedAndEveryChainHasEnded) {
  ChainRelay relay(2, 10);
  EXPECT_FALSE(relay.is_over());
  relay.close(0, 3);
  relay.note_ended(1, 3);
  EXPECT_FALSE(relay.is_over());
  relay.close(1, 1);
  EXPECT_FALSE(relay.is_over());
  relay.note_ended(0, 1);
  EXPECT_TRUE(relay.is_over());
}

class Chain : public WholeTrial {
 protected:
  static Cell chain_cell(std::string_view transport) {
    Cell cell = short_cell(transport);
    cell.producers = 2;
    cell.arrival = "chain";
    cell.rate = 3'000;
    cell.record_size = 32;
    cell.chain_length = 5;
    return cell;
  }
};

TEST_F(Chain, KeepsItsOrderInOneRing) {
  for (const double gap_us : {0., 20.}) {
    Cell cell = chain_cell("ringbuf");
    cell.chain_gap_us = gap_us;
    const auto result = run(cell);
    EXPECT_GT(value("chains_whole", result).value_or(0), 0);
    EXPECT_EQ(value("chains_broken", result), 0.);
    EXPECT_EQ(value("causal_inversions", result), 0.);
    EXPECT_EQ(result.total().attempted, 5 * *value("chains_whole", result));
  }
}

TEST_F(Chain, GoesThroughEveryTransport) {
  for (const Row* row : transports()) {
    if (row->whole) continue;
    const auto result = run(chain_cell(row->name));
    EXPECT_GT(result.total().attempted, 0U) << row->name;
    EXPECT_EQ(result.total().attempted % 5, 0U) << row->name;
    if (row->layout == Layout::none) continue;
    EXPECT_GT(value("chains_whole", result).value_or(0), 0) << row->name;
    EXPECT_EQ(value("chains_broken", result), 0.) << row->name;
  }
}

TEST_F(Chain, EndsWithItsFirstDrop) {
  Cell cell = chain_cell("ringbuf");
  cell.bytes = 4'096;
  cell.poll = "after_window";
  const auto result =
      run_until(cell, [](const TrialResult& any) { return any.total().tally.dropped() > 0; });
  EXPECT_GT(result.total().tally.dropped(), 0U);
  EXPECT_LT(*value("chains_whole", result) * 5, 4'096 / 40);
}

TEST(RaceLoop, LosesNothingAlone) {
  null::Null transport{for_one_producer(), {}};
  auto producer = transport.producer(0);
  ProducerPlan plan;
  plan.record_size = 16;
  std::atomic<std::uint64_t> progress{0};
  const std::atomic<bool> stop{false};
  RacedWord word;
  RaceLoop loop(producer, plan, progress, stop, RacePlan{100, 300, true}, word);
  ProducerLog log;
  while (loop.tries() < 100) loop.run(ticks() + 100'000, log);
  EXPECT_EQ(word.value.load(), loop.tries());
  EXPECT_EQ(loop.attempted(), 2 * loop.tries());
  EXPECT_EQ(producer.tally.committed, loop.attempted());
}

class Race : public WholeTrial {
 protected:
  static Cell race_cell() {
    Cell cell = short_cell("ringbuf");
    cell.producers = 2;
    cell.arrival = "race";
    cell.race_window_ns = 50'000;
    cell.race_every_ns = 1'000;
    return cell;
  }
};

TEST_F(Race, LosesUpdatesWithoutAnyEvent) {
  const auto result = run_until(
      race_cell(), [](const TrialResult& any) { return value("races", any).value_or(0) > 0; });
  EXPECT_EQ(result.total().attempted, 0U);
  EXPECT_GT(value("race_tries", result).value_or(0), 0);
  EXPECT_GT(value("races", result).value_or(0), 0);
  EXPECT_LT(*value("races", result), *value("race_tries", result));
  EXPECT_FALSE(value("offered_rate", result));
  EXPECT_FALSE(value("lag_ns_p99", result));
}

TEST_F(Race, HasAnEventAtBothEnds) {
  Cell cell = race_cell();
  cell.probe = "both_ends";
  const auto result = run(cell);
  EXPECT_EQ(result.total().attempted, 2 * *value("race_tries", result));
}

}  // namespace
}  // namespace ringbench
