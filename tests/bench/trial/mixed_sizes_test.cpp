// Records of several sizes from one producer, from the loop that writes them to the receiver that
// checks them: short and long ones number and stamp themselves differently.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <functional>
#include <vector>

#include "bench/trial/producer_loop.hpp"
#include "bench/trial/receiver.hpp"

namespace ringbench {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

RecordSizes table_of(RecordSizes::Table sizes) {
  return RecordSizes(std::vector<RecordSizes::Table>{std::move(sizes)});
}

RecordSizes any_table() {
  const auto length = std::size_t{1} << *rc::gen::inRange(0, 7);
  const auto size = rc::gen::oneOf(rc::gen::inRange<std::uint16_t>(8, 16),
                                   rc::gen::inRange<std::uint16_t>(16, 90));
  return table_of(*rc::gen::container<RecordSizes::Table>(length, size));
}

// Hands every committed record to the receiver at once; refuses as it is told.
struct Wired {
  Reservation<Wired> reserve(std::uint32_t size) {
    if (refuses(attempts++)) return {*this, Drop::no_space};
    return {*this, memory.data(), size};
  }
  void commit(std::byte* payload, std::uint32_t size) { receiver->record({payload, size}); }
  void discard(std::byte* /*payload*/, std::uint32_t /*size*/) {}

  Receiver* receiver;
  std::function<bool(std::uint64_t)> refuses = [](std::uint64_t) { return false; };
  std::uint64_t attempts = 0;
  std::vector<std::byte> memory = std::vector<std::byte>(128);
  Tally tally{};
};

RC_GTEST_PROP(MixedSizes, WhatTheLoopWritesTheReceiverExpects, (bool stamps, bool paced)) {
  const auto sizes = any_table();
  Receiver receiver(1, sizes, stamps, 0, 100'000);
  Wired producer{&receiver};
  const auto refused = *rc::gen::inRange<std::uint64_t>(0, 4);
  producer.refuses = [&](std::uint64_t attempt) { return attempt * attempt % 5 < refused; };
  ProducerPlan plan;
  plan.sizes = sizes.table(0);
  plan.stamps = stamps;
  plan.sample_every = *rc::gen::element<std::uint64_t>(0, 1, 3, 16);
  std::atomic<std::uint64_t> progress{0};
  const std::atomic<bool> stop{false};
  ProducerLoop<Wired> loop(producer, plan, progress, stop);
  ProducerLog log;
  if (paced) {
    loop.follow(std::vector<std::uint64_t>(500), ticks(), ticks() + 1'000'000'000, log);
  } else {
    while (producer.attempts == 0) loop.saturate(ticks() + 50'000, log);
  }
  RC_ASSERT(receiver.violation() == "");
  RC_ASSERT(receiver.sources()[0].consumed == producer.tally.committed);
  RC_ASSERT(receiver.sources()[0].missing <= producer.tally.dropped());
  RC_ASSERT(receiver.sources()[0].expected - receiver.sources()[0].missing ==
            producer.tally.committed);
}

// One producer's records by hand, sizes as the table has them.
class Hand {
 public:
  Hand(RecordSizes sizes, bool stamps)
      : receiver(1, sizes, stamps, 0, 1'000), sizes_(std::move(sizes)), stamps_(stamps) {}
  void give(std::uint64_t sequence, std::uint64_t stamp) {
    give_of(sizes_.of(0, sequence), sequence, stamp);
  }
  void give_of(std::size_t size, std::uint64_t sequence, std::uint64_t stamp) {
    std::vector<std::byte> bytes(size);
    write_payload(bytes.data(), size, {0, sequence, stamp}, stamps_);
    receiver.record(bytes);
  }
  const Receiver::Source& source() const { return receiver.sources()[0]; }

  Receiver receiver;

 private:
  RecordSizes sizes_;
  bool stamps_;
};

// Skips of any length that a modulus can tell, each taking a tick an attempt at least.
RC_GTEST_PROP(MixedSizes, SkipsAreCountedWhateverTheSizesAre, (bool stamps)) {
  Hand hand(any_table(), stamps);
  std::uint64_t sequence = *rc::gen::inRange<std::uint64_t>(0, 1 << 22);
  std::uint64_t stamp = *rc::gen::inRange<std::uint64_t>(0, std::uint64_t{1} << 50);
  std::uint64_t missing = sequence;
  for (int i = 0; i < 30; ++i) {
    hand.give(sequence, stamp);
    const auto skip = *rc::gen::oneOf(rc::gen::inRange<std::uint64_t>(0, 3),
                                      rc::gen::inRange<std::uint64_t>(0, 1 << 22));
    if (i < 29) missing += skip;
    sequence += skip + 1;
    stamp += 2 * (skip + 1) + *rc::gen::inRange<std::uint64_t>(0, 100);
  }
  RC_ASSERT(hand.receiver.violation() == "");
  RC_ASSERT(hand.source().missing == missing);
  RC_ASSERT(hand.source().consumed == 30U);
}

RC_GTEST_PROP(MixedSizes, AStepBackIsSeenWhateverTheSizesAre, (bool stamps)) {
  Hand hand(any_table(), stamps);
  const auto from = *rc::gen::inRange<std::uint64_t>(1, 1 << 22);
  const auto stamp = (std::uint64_t{1} << 50) + 3 * from;
  hand.give(from, stamp);
  const auto back = *rc::gen::inRange<std::uint64_t>(0, std::min<std::uint64_t>(from, 1 << 20));
  hand.give(from - back, stamp - 3 * back);
  RC_ASSERT(hand.receiver.violation().find("came after record") != std::string::npos);
}

RC_GTEST_PROP(MixedSizes, StampsComeBackWithinTheErrorThatIsTold, ()) {
  Hand hand(any_table(), true);
  std::vector<std::uint64_t> stamps;
  for (std::uint64_t i = 0; i < 50; ++i) {
    stamps.push_back(ticks());
    hand.give(i, stamps.back());
  }
  for (std::size_t i = 0; i < stamps.size(); ++i) {
    const auto found = hand.receiver.log()[i].stamp;
    RC_ASSERT(found <= stamps[i]);
    RC_ASSERT(stamps[i] - found <= hand.receiver.worst_stamp_error());
  }
}

TEST(MixedSizes, TheWorstErrorIsTheShortestRecords) {
  EXPECT_EQ(Hand(table_of({64, 8}), true).receiver.worst_stamp_error(), stamp_error(8));
  EXPECT_EQ(Hand(table_of({64, 16}), true).receiver.worst_stamp_error(), 0U);
}

TEST(MixedSizes, ASizeThatIsAnotherRecordsIsAViolation) {
  Hand hand(table_of({64, 32}), true);
  hand.give(0, 100);
  hand.give_of(64, 1, 200);
  EXPECT_THAT(hand.receiver.violation(), HasSubstr("record 2 of the consumer (64 bytes)"));
}

// More refusals in a row than a short record can count: the next long one makes up for it.
TEST(MixedSizes, ALongRecordCountsWhatShortOnesCouldNot) {
  Hand hand(table_of({8, 64}), true);
  hand.give(0, 1'000);
  constexpr std::uint64_t kSkipped = 3 * (1 << 22) + 1;
  hand.give(1 + kSkipped, 1'000 + 2 * kSkipped);
  EXPECT_THAT(hand.receiver.violation(), IsEmpty());
  EXPECT_LT(hand.source().missing, kSkipped);
  hand.give(2 + kSkipped, 1'100 + 2 * kSkipped);
  EXPECT_THAT(hand.receiver.violation(), IsEmpty());
  EXPECT_EQ(hand.source().missing, kSkipped);
}

}  // namespace
}  // namespace ringbench
