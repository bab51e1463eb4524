// What a consumer is held up by: its own stalls, and the stage that it shares with others.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <thread>
#include <vector>

#include "bench/trial/consumer_loop.hpp"

namespace ringbench {
namespace {

constexpr std::size_t kStallSize = 32;

// A ring that always has another record until it has given one at `until` or later, however late
// its thread gets there; keeps when each was taken.
class EndlessRing {
 public:
  explicit EndlessRing(std::uint64_t until) : until_(until) {}
  template <Sink S>
  std::size_t consume(unsigned /*ring*/, S& sink, std::size_t budget) {
    std::size_t found = 0;
    for (; !ended() && (budget == 0 || found < budget); ++found) {
      std::array<std::byte, kStallSize> bytes;
      write_payload(bytes.data(), bytes.size(), {0, next_++, 0}, true);
      sink.record(bytes);
      taken.push_back(ticks());
    }
    return found;
  }
  std::size_t occupancy(unsigned /*ring*/) const { return 0; }

  std::vector<std::uint64_t> taken;

 private:
  bool ended() const { return !taken.empty() && taken.back() >= until_; }

  std::uint64_t until_;
  std::uint64_t next_ = 0;
};

class ConsumerStallTest : public ::testing::TestWithParam<std::uint64_t> {
 protected:
  static constexpr std::uint64_t kStall = 20'000'000;
  static constexpr std::uint64_t kEvery = 50'000'000;

  ConsumerStallTest() {
    plan.rings = {0};
    plan.budget = GetParam();
    plan.stall_ticks = kStall;
    plan.stall_every_ticks = kEvery;
    begin();
  }

  void begin() {
    timeline.start = ticks() + 100'000;
    timeline.window_begin = timeline.start + 3 * kEvery;  // longer than a busy machine takes a CPU
    timeline.window_end = timeline.window_begin + 3 * kEvery + kEvery / 2;
    timeline.drain_end = ~std::uint64_t{0} / 2;
  }

  Receiver receiver{1, kStallSize, false, 0, 0};
  ConsumerPlan plan;
  Timeline timeline;
  std::atomic<unsigned> producing{0};
  std::atomic<bool> stop{false};
};

// The record in hand when a stall begins is one that was taken before it. The scheduler may take
// all the time between the stalls of a run, or before them; that of each of ten is left out.
TEST_P(ConsumerStallTest, NothingIsReadDuringAStall) {
  std::uint64_t read_between = 0, before = 0;
  for (int run = 0; run < 10 && (read_between == 0 || before == 0); ++run) {
    begin();
    EndlessRing ring(timeline.window_end + kEvery);
    Receiver counted{1, kStallSize, false, 0, 0};
    ConsumerLoop(ring, counted, plan, timeline, producing, stop).run();
    std::array<std::uint64_t, 4> inside{};
    std::uint64_t after = 0;
    for (const auto at : ring.taken) {
      before += at < timeline.window_begin;
      after += at >= timeline.window_end;
      if (at < timeline.window_begin || at >= timeline.window_end) continue;
      const auto since = at - timeline.window_begin;
      ++(since % kEvery < kStall ? inside[since / kEvery] : read_between);
    }
    EXPECT_THAT(inside, ::testing::Each(::testing::Le(1U)));
    EXPECT_GT(after, 0U) << "none after the window";
    EXPECT_EQ(counted.sources()[0].consumed, ring.taken.size());
  }
  EXPECT_GT(read_between, 0U);
  EXPECT_GT(before, 0U) << "none before the window";
}

// A stall is no work: the cost of a record is what it is without stalls. The scheduler may take all
// four stalls of a run; that it does so in each of ten is left out.
TEST_P(ConsumerStallTest, StallsAreNotCountedAsWork) {
  bool left_out = false;
  for (int run = 0; run < 10 && !left_out; ++run) {
    begin();
    const auto since = ticks();
    EndlessRing ring(timeline.window_end - 10'000);
    const auto log = ConsumerLoop(ring, receiver, plan, timeline, producing, stop).run();
    left_out = log.facts.busy_ticks + kStall <= ticks() - since;
  }
  EXPECT_TRUE(left_out);
}

TEST_P(ConsumerStallTest, AStallEndsWhenTheTrialIsStopped) {
  plan.stall_every_ticks = std::uint64_t{1} << 60;
  plan.stall_ticks = plan.stall_every_ticks / 2;
  timeline.window_end = timeline.drain_end = ~std::uint64_t{0} / 2;
  EndlessRing ring(timeline.window_begin + 1'000'000);
  std::thread other([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(150));
    stop = true;
  });
  ConsumerLoop(ring, receiver, plan, timeline, producing, stop).run();
  other.join();
  EXPECT_LT(ticks(), timeline.window_begin + plan.stall_ticks);
}

INSTANTIATE_TEST_SUITE_P(Budget, ConsumerStallTest, ::testing::Values(0, 16));

TEST(DownstreamStage, HoldsEachRecordForItsTimeOneAtATime) {
  constexpr std::uint64_t kEach = 20'000;
  constexpr std::uint64_t kRecords = 40;
  DownstreamStage stage(kEach);
  const auto feed = [&] {
    for (std::uint64_t i = 0; i < kRecords; ++i) stage.pass();
  };
  const auto begin = ticks();
  std::thread other(feed);
  feed();
  other.join();
  EXPECT_EQ(stage.passed(), 2 * kRecords);
  EXPECT_GE(ticks() - begin, 2 * kRecords * kEach) << "two at once would take half";
}

TEST(DownstreamStage, EveryConsumedRecordPassesAndNoOther) {
  DownstreamStage stage(0);
  Receiver receiver(1, kStallSize, true, 0, 10, &stage);
  const auto give = [&](std::uint64_t sequence) {
    std::array<std::byte, kStallSize> bytes;
    write_payload(bytes.data(), bytes.size(), {0, sequence, 0}, true);
    receiver.record(bytes);
  };
  for (const std::uint64_t sequence : {0, 1, 5}) give(sequence);
  EXPECT_EQ(stage.passed(), 3U);
  receiver.count_as_left();
  give(6);
  EXPECT_EQ(stage.passed(), 3U) << "what is left in the buffer goes nowhere";
  EXPECT_EQ(receiver.sources()[0].consumed, 3U);
}

}  // namespace
}  // namespace ringbench
