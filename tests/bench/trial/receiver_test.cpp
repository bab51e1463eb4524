#include "bench/trial/receiver.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

#include "topology/clock.hpp"

namespace ringbench {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr std::size_t kReceiveSize = 24;

// Two producers; records of one size, fed by hand.
class ReceiverTest : public ::testing::Test {
 protected:
  void give(Receiver& receiver, std::uint32_t producer, std::uint64_t sequence,
            std::uint64_t stamp = 0) {
    std::vector<std::byte> bytes(size);
    write_payload(bytes.data(), size, {producer, sequence, stamp}, stamps);
    receiver.record(bytes);
  }
  Receiver make(std::size_t log_capacity = 100) {
    return Receiver(2, size, stamps, 0, log_capacity);
  }

  std::size_t size = kReceiveSize;
  bool stamps = true;
};

TEST_F(ReceiverTest, CountsByProducer) {
  auto receiver = make();
  for (const std::uint64_t sequence : {0, 1, 2}) give(receiver, 0, sequence);
  give(receiver, 1, 0);
  EXPECT_EQ(receiver.sources()[0].consumed, 3U);
  EXPECT_EQ(receiver.sources()[1].consumed, 1U);
  EXPECT_EQ(receiver.sources()[0].missing, 0U);
  EXPECT_EQ(receiver.received(), 4U);
  EXPECT_THAT(receiver.violation(), IsEmpty());
}

TEST_F(ReceiverTest, CountsWhatTheSequenceSkips) {
  auto receiver = make();
  for (const std::uint64_t sequence : {2, 3, 7}) give(receiver, 0, sequence);
  EXPECT_EQ(receiver.sources()[0].missing, 5U);
  EXPECT_EQ(receiver.sources()[0].consumed, 3U);
  EXPECT_THAT(receiver.violation(), IsEmpty());
}

// Producer 0 skips three numbers while two records of producer 1 go by, then one at once. Before a
// producer's first record nothing encloses a gap.
TEST_F(ReceiverTest, AGapLiesBetweenTheRecordsThatEncloseIt) {
  auto receiver = make();
  give(receiver, 1, 4);
  give(receiver, 0, 0);
  give(receiver, 1, 5);
  give(receiver, 1, 6);
  give(receiver, 0, 4);
  give(receiver, 0, 6);
  give(receiver, 1, 7);
  EXPECT_EQ(receiver.gap_place().count(), 2U);
  EXPECT_EQ(receiver.gap_place().max(), 2U);
  EXPECT_EQ(receiver.gap_place().mean(), 1);
}

TEST_F(ReceiverTest, OtherRingsDoNotMoveTheRecordsThatEncloseAGap) {
  auto receiver = make();
  receiver.tell_rings({0, 1});
  give(receiver, 0, 0);
  give(receiver, 1, 0);
  give(receiver, 1, 1);
  give(receiver, 0, 3);
  EXPECT_EQ(receiver.gap_place().count(), 1U);
  EXPECT_EQ(receiver.gap_place().max(), 0U);
}

TEST_F(ReceiverTest, ADuplicateIsAViolation) {
  auto receiver = make();
  for (const std::uint64_t sequence : {0, 1, 1}) give(receiver, 1, sequence);
  EXPECT_EQ(receiver.violation(), "producer 1: record 1 came after record 1");
}

TEST_F(ReceiverTest, AStepBackIsAViolation) {
  auto receiver = make();
  for (const std::uint64_t sequence : {0, 5, 3}) give(receiver, 0, sequence);
  EXPECT_EQ(receiver.violation(), "producer 0: record 3 came after record 5");
}

TEST_F(ReceiverTest, TheFirstViolationIsKept) {
  auto receiver = make();
  for (const std::uint64_t sequence : {4, 2, 1}) give(receiver, 0, sequence);
  EXPECT_THAT(receiver.violation(), HasSubstr("record 2 came after record 4"));
}

TEST_F(ReceiverTest, AForeignProducerIsAViolation) {
  auto receiver = make();
  give(receiver, 2, 0);
  EXPECT_EQ(receiver.violation(),
            "record 1 of the consumer (24 bytes) is not what any producer wrote");
  EXPECT_EQ(receiver.sources()[0].consumed + receiver.sources()[1].consumed, 0U);
}

TEST_F(ReceiverTest, AnotherSizeIsAViolation) {
  auto receiver = make();
  size = 32;
  give(receiver, 0, 0);
  EXPECT_THAT(receiver.violation(), HasSubstr("(32 bytes)"));
}

TEST_F(ReceiverTest, AChangedByteIsAViolation) {
  auto receiver = make();
  give(receiver, 0, 0);
  std::vector<std::byte> bytes(size);
  write_payload(bytes.data(), size, {0, 1, 0}, true);
  bytes.back() ^= std::byte{1};
  receiver.record(bytes);
  EXPECT_THAT(receiver.violation(), HasSubstr("record 2 of the consumer"));
  EXPECT_EQ(receiver.sources()[0].consumed, 1U);
}

TEST_F(ReceiverTest, ACounterIsNoPartOfThePattern) {
  std::vector<std::byte> bytes(size);
  write_counted_payload(bytes.data(), size, {0, 0, 0, 77});
  auto receiver = make();
  receiver.expect_counters();
  receiver.record(bytes);
  EXPECT_THAT(receiver.violation(), IsEmpty());
  EXPECT_EQ(receiver.sources()[0].consumed, 1U);
  auto unaware = make();
  unaware.record(bytes);
  EXPECT_THAT(unaware.violation(), HasSubstr("record 1 of the consumer"));
}

TEST_F(ReceiverTest, WhatIsLeftIsVerifiedButNotConsumed) {
  auto receiver = make();
  give(receiver, 0, 0);
  receiver.count_as_left();
  give(receiver, 0, 1);
  give(receiver, 0, 4);
  EXPECT_EQ(receiver.sources()[0].consumed, 1U);
  EXPECT_EQ(receiver.sources()[0].left, 2U);
  EXPECT_EQ(receiver.sources()[0].missing, 2U);
  EXPECT_EQ(receiver.log().size(), 1U);
  EXPECT_EQ(receiver.received(), 3U);
  give(receiver, 0, 4);
  EXPECT_THAT(receiver.violation(), HasSubstr("came after"));
}

TEST_F(ReceiverTest, LogsStampAndDelivery) {
  auto receiver = make();
  const auto before = ticks();
  give(receiver, 0, 0, before);
  const auto after = ticks();
  ASSERT_EQ(receiver.log().size(), 1U);
  EXPECT_EQ(receiver.log()[0].stamp, before);
  EXPECT_GE(receiver.log()[0].delivered, before);
  EXPECT_LE(receiver.log()[0].delivered, after);
}

TEST_F(ReceiverTest, CountsWhatTheLogCannotHold) {
  auto receiver = make(2);
  for (const std::uint64_t sequence : {0, 1, 2, 3, 4}) give(receiver, 0, sequence);
  EXPECT_EQ(receiver.log().size(), 2U);
  EXPECT_EQ(receiver.unlogged(), 3U);
  EXPECT_EQ(receiver.sources()[0].consumed, 5U);
}

TEST_F(ReceiverTest, WithoutStampsNothingIsLogged) {
  stamps = false;
  auto receiver = make();
  give(receiver, 0, 0);
  EXPECT_TRUE(receiver.log().empty());
  EXPECT_EQ(receiver.unlogged(), 0U);
  EXPECT_EQ(receiver.sources()[0].consumed, 1U);
}

TEST_F(ReceiverTest, SumsTheLossesThatTheBufferMarks) {
  auto receiver = make();
  receiver.lost(3);
  receiver.lost(4);
  EXPECT_EQ(receiver.lost_marked(), 7U);
}

TEST_F(ReceiverTest, ServiceTakesItsTime) {
  constexpr std::uint64_t kService = 200'000;
  Receiver receiver(1, size, false, kService, 0);
  stamps = false;
  const auto begin = ticks();
  give(receiver, 0, 0);
  EXPECT_GE(ticks() - begin, kService);
}

// A short record has room for 22 bits of the sequence beside a stamp; runs of drops are longer than
// that in trials whose consumer stays away.
TEST_F(ReceiverTest, AShortSequenceWraps) {
  size = 8;
  const auto modulus = sequence_modulus(8, true);
  auto receiver = make();
  give(receiver, 0, modulus - 2, 1 << 20);
  for (std::uint64_t i = 1; i < 5; ++i) give(receiver, 0, modulus - 2 + i, (1 << 20) + 16 * i);
  EXPECT_THAT(receiver.violation(), IsEmpty());
  EXPECT_EQ(receiver.sources()[0].missing, modulus - 2);
}

TEST_F(ReceiverTest, AShortRecordMaySkipMoreThanHalfItsSequence) {
  size = 8;
  for (const std::uint64_t skipped : {3'000'000U, 4'194'000U, 7'000'000U}) {
    auto receiver = make();
    give(receiver, 0, 0, 1'000);
    give(receiver, 0, skipped, 1'000 + 10 * skipped);
    EXPECT_THAT(receiver.violation(), IsEmpty()) << skipped;
    EXPECT_LE(receiver.sources()[0].missing, skipped);
  }
}

TEST_F(ReceiverTest, TheFirstShortRecordMayHaveAnyNumber) {
  size = 8;
  for (const std::uint64_t first : {2'900'000U, 4'194'303U}) {
    auto receiver = make();
    give(receiver, 0, first, 1'000);
    EXPECT_THAT(receiver.violation(), IsEmpty()) << first;
  }
}

TEST_F(ReceiverTest, AShortStepBackIsAViolationAllTheSame) {
  size = 8;
  auto receiver = make();
  give(receiver, 0, 10, 1'000'000);
  give(receiver, 0, 9, 999'000);
  EXPECT_EQ(receiver.violation(), "producer 0: record 9 came after record 10");
  auto twice = make();
  give(twice, 0, 10, 1'000'000);
  give(twice, 0, 10, 1'000'000);
  EXPECT_EQ(twice.violation(), "producer 0: record 10 came after record 10");
}

TEST_F(ReceiverTest, WithoutStampsAShortSequenceIsLong) {
  size = 8;
  stamps = false;
  auto receiver = make();
  give(receiver, 0, 3'000'000'000);
  give(receiver, 0, 9'000'000'000);
  EXPECT_THAT(receiver.violation(), IsEmpty());
  EXPECT_EQ(receiver.sources()[0].missing, 8'999'999'999U);
  give(receiver, 0, 8'999'999'999);
  EXPECT_THAT(receiver.violation(), HasSubstr("came after"));
}

}  // namespace
}  // namespace ringbench
