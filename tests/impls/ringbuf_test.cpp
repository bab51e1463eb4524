// The semantics that are the BPF ring buffer's own.
#include "impls/ringbuf.hpp"

#include <gtest/gtest.h>

#include <deque>

#include "tests/impls/rig.hpp"

namespace ringbench::conformance {
namespace {

constexpr std::uint32_t kRingbufHolds =
    255;  // records of 8 bytes: 16 each, and one byte must stay free

Rig make_ringbuf(std::initializer_list<std::pair<std::string_view, std::string_view>> given = {},
                 unsigned producers = 1) {
  return Rig(ringbuf::row, options_of(ringbuf::row, given), kRing, producers, true);
}
Rig overwriting_ringbuf() {
  return make_ringbuf({{"overwrite", "on"}});
}

std::uint32_t header_word(const OpenRecord& open, std::size_t index) {
  std::uint32_t word = 0;
  std::memcpy(&word, open.payload().data() - sizeof(ringbuf::Header) + index * sizeof word,
              sizeof word);
  return word;
}

TEST(Ringbuf, Holds255RecordsOf8BytesIn4096) {
  auto rig = make_ringbuf();
  EXPECT_EQ(rig.emit_until_refused(0, 8, 1'000), kRingbufHolds);
  EXPECT_EQ(rig.subject->occupancy(0), kRingbufHolds * 16U);
  EXPECT_EQ(rig.drops(0, Drop::no_space), 1U);
  EXPECT_EQ(rig.drain().size(), kRingbufHolds);
}

TEST(Ringbuf, ARecordIsItsHeaderAndPayloadRoundedUpTo8) {
  for (const auto& [size, bytes] :
       {std::pair{0U, 8U}, {1U, 16U}, {8U, 16U}, {9U, 24U}, {16U, 24U}, {1'000U, 1'008U}}) {
    auto rig = make_ringbuf();
    rig.emit(0, size);
    EXPECT_EQ(rig.subject->occupancy(0), bytes) << size;
  }
}

TEST(Ringbuf, TheLargestRecordLeavesOneByteFree) {
  auto rig = make_ringbuf();
  const auto sent = rig.emit(0, 4'080);
  ASSERT_TRUE(sent);
  EXPECT_EQ(rig.subject->occupancy(0), 4'088U);
  EXPECT_FALSE(rig.emit(0, 0));
  EXPECT_EQ(rig.drops(0, Drop::no_space), 1U);
  EXPECT_EQ(rig.drain().at(0), *sent);
  EXPECT_FALSE(rig.emit(0, 4'081));
  EXPECT_EQ(rig.drops(0, Drop::too_big), 1U);
}

TEST(Ringbuf, DeliversExactlyThePayload) {
  auto rig = make_ringbuf();
  for (std::uint32_t size = 0; size < 40; ++size) {
    const auto sent = rig.emit(0, size);
    EXPECT_EQ(rig.drain().at(0), *sent);
  }
}

TEST(Ringbuf, TheHeaderIsLengthFlagsAndPageOffset) {
  auto rig = make_ringbuf();
  rig.emit(0, 2'000);
  rig.emit(0, 1'000);
  rig.drain();
  const auto open =
      rig.reserve(0, 1'200);  // header at 3024: page 3 of the mapping, after three of control
  EXPECT_EQ(header_word(*open, 0), 1'200U | ringbuf::kBusy);
  EXPECT_EQ(header_word(*open, 1), 3U);
  const auto payload = open->payload();
  open->discard();
  std::uint32_t length = 0;
  std::memcpy(&length, payload.data() - sizeof(ringbuf::Header), sizeof length);
  EXPECT_EQ(length, 1'200U | ringbuf::kDiscarded);
}

TEST(Ringbuf, MapsThreePagesOfControlAndTheData) {
  EXPECT_EQ(make_ringbuf().subject->footprint(), 3U * 4096 + kRing);
}

TEST(Ringbuf, FreesEachRecordAsItIsRead) {
  auto rig = make_ringbuf();
  rig.emit_until_refused(0, 8, 1'000);
  std::vector<bool> fitted;
  rig.inbox.on_record = [&] {
    if (fitted.size() < 4) fitted.push_back(rig.emit(0, 8).has_value());
  };
  rig.consume(0);
  // The record in the sink's hands is not yet free.
  EXPECT_EQ(fitted, (std::vector{false, true, true, true}));
}

TEST(Ringbuf, GoesOnWhileThereIsNewData) {
  auto rig = make_ringbuf();
  rig.emit(0, 8);
  int left = 5;
  rig.inbox.on_record = [&] {
    if (left-- > 0) rig.emit(0, 8);
  };
  EXPECT_EQ(rig.consume(0), 6U);
}

TEST(Ringbuf, ABudgetEndsTheWalkOverNewDataToo) {
  auto rig = make_ringbuf();
  rig.emit(0, 8);
  rig.inbox.on_record = [&] { rig.emit(0, 8); };
  EXPECT_EQ(rig.consume(0, 7), 7U);
}

TEST(Ringbuf, ABusyRecordBlocksLaterOnes) {
  auto rig = make_ringbuf({}, 2);
  const auto stuck = rig.reserve(0, 8);
  const auto sent = rig.emit(1, 8, 3);
  EXPECT_EQ(rig.consume(0), 0U);
  EXPECT_NE(rig.subject->describe().find("never committed"), std::string::npos);
  fill(stuck->payload(), 0, 77);
  stuck->commit();
  EXPECT_EQ(rig.consume(0), 4U);
  EXPECT_EQ(rig.inbox.records().at(0), make_payload(8, 0, 77));
  EXPECT_EQ(rig.inbox.records().at(3), sent.at(2));
}

TEST(Ringbuf, ABusyRecordBlocksSpace) {
  auto rig = make_ringbuf({}, 2);
  const auto stuck = rig.reserve(0, 8);
  EXPECT_EQ(rig.emit_until_refused(1, 8, 1'000), kRingbufHolds - 1);
  rig.consume(0);
  EXPECT_FALSE(rig.emit(1, 8));
  stuck->discard();
  EXPECT_EQ(rig.consume(0), kRingbufHolds - 1);
  EXPECT_EQ(rig.emit_until_refused(1, 8, 1'000), kRingbufHolds);
}

TEST(Ringbuf, ABusyRecordIsNeverOverwritten) {
  auto rig = make_ringbuf({{"overwrite", "on"}}, 2);
  rig.emit(1, 8, 100);
  const auto stuck = rig.reserve(0, 8);
  EXPECT_EQ(rig.emit_until_refused(1, 8, 1'000), kRingbufHolds - 1);
  EXPECT_EQ(rig.drops(1, Drop::no_space), 1U);
  stuck->commit();
  EXPECT_EQ(rig.emit(1, 8, 1'000).size(), 1'000U);
}

TEST(Ringbuf, RecordsOfAllProducersComeInOrderOfReservation) {
  auto rig = make_ringbuf({}, 3);
  std::deque<std::unique_ptr<OpenRecord>> open;
  std::vector<Payload> sent;
  for (std::uint32_t i = 0; i < 9; ++i) {
    open.push_back(rig.reserve(i % 3, 20));
    fill(open.back()->payload(), i % 3, i);
    sent.push_back(make_payload(20, i % 3, i));
  }
  for (; !open.empty(); open.pop_back()) open.back()->commit();
  EXPECT_TRUE(arrived(rig.drain(), sent));
}

TEST(RingbufAdaptive, NotifiesOnlyIfTheConsumerStandsAtTheRecord) {
  auto rig = make_ringbuf();
  rig.emit(0, 8);
  EXPECT_EQ(rig.notifications(), 1U);
  rig.emit(0, 8, 2);
  EXPECT_EQ(rig.notifications(), 1U);
  rig.consume(0, 1);
  rig.emit(0, 8);
  EXPECT_EQ(rig.notifications(), 1U) << "the consumer stands at the second record";
  rig.consume(0);
  rig.emit(0, 8);
  EXPECT_EQ(rig.notifications(), 2U);
}

TEST(RingbufAdaptive, TheOldestBusyRecordNotifiesWhenItIsDone) {
  auto rig = make_ringbuf({}, 2);
  auto first = rig.reserve(0, 8);
  rig.emit(1, 8, 5);
  EXPECT_TRUE(rig.subject->ready_to_wait(0)) << "nothing can be consumed";
  EXPECT_EQ(rig.notifications(), 0U);
  first->discard();
  EXPECT_EQ(rig.notifications(), 1U) << "a discard lets the consumer go on as a commit does";
  EXPECT_FALSE(rig.subject->ready_to_wait(0));
}

// The consumer's position was left behind by records that overwrote each other; it must still be
// woken.
TEST(RingbufAdaptive, NotifiesAConsumerThatWasOverwritten) {
  auto rig = make_ringbuf({{"overwrite", "on"}}, 2);
  rig.emit(0, 2'000);
  EXPECT_EQ(rig.notifications(), 1U);
  auto newest = rig.reserve(1, 4'000);  // takes the place of the first
  EXPECT_EQ(rig.consume(0), 0U);
  ASSERT_TRUE(rig.subject->ready_to_wait(0));
  newest->commit();
  EXPECT_EQ(rig.notifications(), 2U) << "the consumer sleeps over a committed record";
}

TEST(RingbufOverwrite, TheNewestWin) {
  auto rig = overwriting_ringbuf();
  auto sent = rig.emit(0, 8, 300);
  ASSERT_EQ(sent.size(), 300U);
  EXPECT_EQ(rig.subject->occupancy(0), kRingbufHolds * 16U);
  sent.erase(sent.begin(), sent.end() - kRingbufHolds);
  EXPECT_TRUE(arrived(rig.drain(), sent));
  EXPECT_EQ(rig.subject->overwritten(), 300U - kRingbufHolds);
}

TEST(RingbufOverwrite, OneLargeRecordTakesThePlaceOfMany) {
  auto rig = overwriting_ringbuf();
  auto sent = rig.emit(0, 8, kRingbufHolds);
  sent.push_back(rig.emit(0, 1'000).value());  // 1008 bytes: 63 records of 16
  EXPECT_EQ(rig.subject->overwritten(), 63U);
  sent.erase(sent.begin(), sent.begin() + 63);
  EXPECT_TRUE(arrived(rig.drain(), sent));
}

TEST(RingbufOverwrite, DiscardedRecordsAreNotCounted) {
  auto rig = overwriting_ringbuf();
  for (int i = 0; i < 300; ++i) rig.reserve(0, 8)->discard();
  const auto sent = rig.emit(0, 8, 10);
  EXPECT_EQ(rig.subject->overwritten(), 0U);
  EXPECT_TRUE(arrived(rig.drain(), sent));
  EXPECT_EQ(rig.subject->overwritten(), 0U);
}

TEST(RingbufOverwrite, ARecordThatWasReadIsNotCounted) {
  auto rig = overwriting_ringbuf();
  rig.emit(0, 8, kRingbufHolds);
  EXPECT_EQ(rig.consume(0, 100), 100U);
  rig.emit(0, 8, 120);
  EXPECT_EQ(rig.subject->overwritten(), 20U);
  EXPECT_EQ(rig.drain().size(), kRingbufHolds);
  EXPECT_EQ(rig.subject->overwritten(), 20U);
}

TEST(RingbufOverwrite, AConsumerThatIsOvertakenGoesOnWithTheOldestThatIsLeft) {
  auto rig = overwriting_ringbuf();
  auto sent = rig.emit(0, 8, 20);
  bool overtaken = false;
  rig.inbox.on_record = [&] {
    if (std::exchange(overtaken, true)) return;
    for (auto& payload : rig.emit(0, 8, kRingbufHolds)) sent.push_back(std::move(payload));
  };
  EXPECT_EQ(rig.consume(0), 1U + kRingbufHolds);
  EXPECT_EQ(rig.subject->overwritten(), 19U);
  sent.erase(sent.begin() + 1, sent.begin() + 20);
  EXPECT_TRUE(arrived(rig.inbox.records(), sent));
}

// A lock that counts how often it was taken.
struct CountedLock {
  struct Node {};
  void lock(Node& /*node*/) { ++taken; }
  void unlock(Node& /*node*/) { ++released; }
  bool locked() const { return taken != released; }
  inline static int taken = 0;
  inline static int released = 0;
};

TEST(Ringbuf, AFullRingStillPaysTheLockAndARecordTooBigDoesNot) {
  const auto options = options_of(ringbuf::row);
  ringbuf::Ring<CountedLock> ring({kRing, false, [](std::span<std::byte>) {}}, options);
  ringbuf::Ring<CountedLock>::Producer producer(ring);
  producer.reserve(4'080).commit();
  EXPECT_EQ(CountedLock::taken, 1);
  EXPECT_EQ(producer.reserve(8).cause(), Drop::no_space);
  EXPECT_EQ(CountedLock::taken, 2);
  EXPECT_EQ(producer.reserve(5'000).cause(), Drop::too_big);
  EXPECT_EQ(CountedLock::taken, 2);
  EXPECT_EQ(CountedLock::released, 2);
}

}  // namespace
}  // namespace ringbench::conformance
