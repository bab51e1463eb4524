#include "bench/trial/merge_stage.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <map>

namespace ringbench {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr std::size_t kMergeSize = 32;

// A clock that stands until it is moved.
struct HandClock {
  static inline std::uint64_t time = 0;
  static std::uint64_t now() { return time; }
};
using Stage = MergeStage<HandClock>;

// Producer p writes to buffer p.
class Rig {
 public:
  explicit Rig(std::size_t buffers, const MergePlan& plan = {true, 100})
      : receiver_(buffers, kMergeSize, true, 0, 10'000),
        stage_(receiver_, buffers, plan),
        counted_(plan.counter != nullptr) {
    if (counted_) receiver_.expect_counters();
    HandClock::time = 1'000;
  }

  void take(std::uint32_t producer, std::uint64_t key) {
    std::array<std::byte, kMergeSize> bytes;
    const Event event{producer, sent_[producer]++, key, key};
    counted_ ? write_counted_payload(bytes.data(), kMergeSize, event)
             : write_payload(bytes.data(), kMergeSize, event, true);
    stage_.take(producer, bytes);
  }
  // Finds what is given, and then nothing more.
  void poll(std::uint32_t producer, const std::vector<std::uint64_t>& keys) {
    stage_.begin_poll();
    for (const auto key : keys) take(producer, key);
    stage_.end_poll(producer, true);
  }
  std::vector<std::uint64_t> released() {
    EXPECT_THAT(receiver_.violation(), IsEmpty());
    std::vector<std::uint64_t> stamps;
    for (const auto& delivery : receiver_.log()) stamps.push_back(delivery.stamp);
    return stamps;
  }
  Stage& stage() { return stage_; }
  const MergeLog& log() const { return stage_.log(); }

 private:
  Receiver receiver_;
  Stage stage_;
  bool counted_;
  std::map<std::uint32_t, std::uint64_t> sent_;
};

TEST(MergeStage, TwoSortedBuffersComeOutSorted) {
  Rig rig(2);
  for (const std::uint64_t stamp : {10, 30, 31, 60}) rig.take(0, stamp);
  for (const std::uint64_t stamp : {5, 20, 32, 50, 70}) rig.take(1, stamp);
  EXPECT_EQ(rig.stage().release_all(), 9U);
  EXPECT_THAT(rig.released(), ElementsAre(5, 10, 20, 30, 31, 32, 50, 60, 70));
  EXPECT_EQ(rig.log().late, 0U);
  EXPECT_FALSE(rig.stage().holds());
}

TEST(MergeStage, TheWatermarkFollowsTheNewestStamp) {
  Rig rig(2);
  rig.take(0, 500);
  rig.take(0, 560);
  rig.take(1, 600);
  EXPECT_EQ(rig.stage().release(), 0U) << "500 is not older than 600 - 100";
  rig.take(1, 601);
  EXPECT_EQ(rig.stage().release(), 1U);
  rig.take(1, 700);
  EXPECT_EQ(rig.stage().release(), 1U);
  EXPECT_THAT(rig.released(), ElementsAre(500, 560));
  EXPECT_TRUE(rig.stage().holds());
}

TEST(MergeStage, AQuietSystemDrainsByTheClock) {
  Rig rig(2);
  rig.take(0, 910);
  rig.stage().release();
  HandClock::time = 1'050;
  rig.take(1, 905);  // goes before one that was held for long enough, so it goes with it
  rig.take(1, 920);
  rig.stage().release();
  HandClock::time = 1'099;
  EXPECT_EQ(rig.stage().release(), 0U);
  HandClock::time = 1'100;
  EXPECT_EQ(rig.stage().release(), 2U);
  HandClock::time = 1'149;
  EXPECT_EQ(rig.stage().release(), 0U);
  HandClock::time = 1'150;
  EXPECT_EQ(rig.stage().release(), 1U);
  EXPECT_THAT(rig.released(), ElementsAre(905, 910, 920));
  EXPECT_EQ(rig.log().late, 0U);
}

TEST(MergeStage, WhoComesAfterItsPlaceWasPassedIsLate) {
  Rig rig(2);
  rig.take(0, 500);
  rig.take(0, 700);
  EXPECT_EQ(rig.stage().release(), 1U);
  rig.take(1, 400);
  rig.take(1, 500);
  EXPECT_EQ(rig.stage().release(), 2U);
  EXPECT_THAT(rig.released(), ElementsAre(500, 400, 500));
  EXPECT_EQ(rig.log().late, 1U) << "an equal stamp is not late";
}

TEST(MergeStage, AnUnsortedBufferIsLateInItself) {
  Rig rig(1);
  for (const std::uint64_t stamp : {10, 30, 20, 40}) rig.take(0, stamp);
  rig.stage().release_all();
  EXPECT_THAT(rig.released(), ElementsAre(10, 30, 20, 40));
  EXPECT_EQ(rig.log().late, 1U);
}

TEST(MergeStage, WhatIsSeenOfEveryBufferIsDue) {
  Rig rig(3, {});
  rig.poll(0, {10, 20});
  rig.poll(1, {15, 40});
  EXPECT_EQ(rig.stage().release(), 0U) << "nothing is known of buffer 2";
  rig.stage().begin_poll();
  rig.take(2, 16);
  rig.stage().end_poll(2, false);  // for its budget: more may be there
  EXPECT_EQ(rig.stage().release(), 3U);
  EXPECT_THAT(rig.released(), ElementsAre(10, 15, 16));
}

TEST(MergeStage, AnEmptyBufferIsSeenUpToItsPoll) {
  Rig rig(2, {});
  rig.poll(0, {900, 990});
  HandClock::time = 950;
  rig.poll(1, {});
  EXPECT_EQ(rig.stage().release(), 1U) << "buffer 1 may yet hold one stamped 950";
  HandClock::time = 1'000;
  rig.poll(1, {});
  EXPECT_EQ(rig.stage().release(), 1U);
  EXPECT_THAT(rig.released(), ElementsAre(900, 990));
}

TEST(MergeStage, ByCounterTheCounterIsTheClock) {
  std::atomic<std::uint64_t> counter{3};
  Rig rig(2, {.counter = &counter});
  rig.poll(0, {0, 2});
  EXPECT_EQ(rig.stage().release(), 0U);
  counter = 2;
  rig.poll(1, {});
  EXPECT_EQ(rig.stage().release(), 1U);
  counter = 3;
  rig.poll(1, {});
  EXPECT_EQ(rig.stage().release(), 1U);
  EXPECT_THAT(rig.released(), ElementsAre(0, 2));
}

TEST(MergeStage, ByCounterTheWatermarkIsOfTheClockAlone) {
  std::atomic<std::uint64_t> counter{0};
  Rig rig(2, {true, 100, &counter});
  rig.take(0, 7);
  rig.take(1, 1'000'000);
  EXPECT_EQ(rig.stage().release(), 0U);
  HandClock::time += 100;
  EXPECT_EQ(rig.stage().release(), 2U);
}

// Held: 3 at the first release, then 2; then 2 and 1.
TEST(MergeStage, HeldAndDelayAreExact) {
  Rig rig(2);
  rig.take(0, 500);
  HandClock::time += 7;
  rig.take(1, 510);
  HandClock::time += 3;
  rig.take(1, 700);
  rig.stage().release();
  HandClock::time += 20;
  rig.take(0, 710);
  rig.stage().release_all();
  EXPECT_THAT(rig.released(), ElementsAre(500, 510, 700, 710));
  EXPECT_EQ(rig.log().held.count(), 4U);
  EXPECT_EQ(rig.log().held.max(), 3U);
  EXPECT_EQ(rig.log().held.mean(), (3 + 2 + 2 + 1) / 4.0);
  EXPECT_EQ(rig.log().delay_ticks.max(), 20U);
  EXPECT_EQ(rig.log().delay_ticks.mean(), (10 + 3 + 20 + 0) / 4.0);
  EXPECT_EQ(rig.log().taken, 4U);
}

TEST(RecordFifo, KeepsItsMemory) {
  RecordFifo fifo;
  std::vector<std::byte> payload(40);
  for (int i = 0; i < 20; ++i) fifo.push({}, payload);
  const auto capacity = fifo.capacity();
  for (int i = 0; i < 10'000; ++i) {
    fifo.pop();
    fifo.push({}, payload);
  }
  EXPECT_LE(fifo.capacity(), 2 * capacity);
}

RC_GTEST_PROP(RecordFifo, IsAQueue, ()) {
  const auto steps = *rc::gen::container<std::vector<int>>(rc::gen::inRange(-1, 50));
  RecordFifo fifo;
  std::deque<std::vector<std::byte>> model;
  for (const int step : steps) {
    if (step < 0) {
      if (model.empty()) continue;
      const auto payload = fifo.payload();
      RC_ASSERT(std::vector<std::byte>(payload.begin(), payload.end()) == model.front());
      fifo.pop();
      model.pop_front();
    } else {
      model.emplace_back(static_cast<std::size_t>(step), static_cast<std::byte>(model.size()));
      fifo.push({}, model.back());
    }
    RC_ASSERT(fifo.empty() == model.empty());
  }
}

// Whatever buffers hold, if each is sorted and nothing is released before all of it is there.
RC_GTEST_PROP(MergeStage, WithoutABoundItSorts, ()) {
  auto buffers = *rc::gen::container<std::vector<std::vector<std::uint64_t>>>(
      3, rc::gen::container<std::vector<std::uint64_t>>(rc::gen::inRange<std::uint64_t>(0, 60)));
  Rig rig(3, {true, 1'000'000});
  std::vector<std::uint64_t> all;
  for (std::uint32_t b = 0; b < buffers.size(); ++b) {
    std::ranges::sort(buffers[b]);
    rig.poll(b, buffers[b]);
    RC_ASSERT(rig.stage().release() == 0U);
    all.insert(all.end(), buffers[b].begin(), buffers[b].end());
  }
  std::ranges::stable_sort(all);
  rig.stage().release_all();
  RC_ASSERT(rig.released() == all);
  RC_ASSERT(rig.log().late == 0U);
}

// `seen` releases nothing too early as long as what an emptied buffer gets later is stamped later:
// one buffer after the other is polled, each with records from its last poll on.
RC_GTEST_PROP(MergeStage, SeenIsNeverLateWithPromptProducers, ()) {
  const auto gaps =
      *rc::gen::container<std::vector<std::uint64_t>>(rc::gen::inRange<std::uint64_t>(0, 9));
  Rig rig(3, {});
  std::array<std::uint64_t, 3> polled{};
  HandClock::time = 0;
  for (std::size_t i = 0; i < gaps.size(); ++i) {
    const auto buffer = static_cast<std::uint32_t>(gaps[i] % 3);
    std::vector<std::uint64_t> stamps;
    for (auto t = polled[buffer]; t < HandClock::time; t += 1 + gaps[i]) stamps.push_back(t);
    rig.poll(buffer, stamps);
    rig.stage().release();
    polled[buffer] = HandClock::time;
    HandClock::time += gaps[i];
  }
  rig.stage().release_all();
  RC_ASSERT(std::ranges::is_sorted(rig.released()));
  RC_ASSERT(rig.log().late == 0U);
}

}  // namespace
}  // namespace ringbench
