// The semantics that are the perf ring buffer's own.
#include "impls/perfbuf.hpp"

#include <gtest/gtest.h>

#include "tests/impls/rig.hpp"

namespace ringbench::conformance {
namespace {

constexpr std::size_t kPerfbufHolds = 170;  // records of 8 bytes: 24 each in 4095

using Given = std::initializer_list<std::pair<std::string_view, std::string_view>>;

Rig make_perfbuf(Given given = {}) {
  return Rig(perfbuf::row, options_of(perfbuf::row, given), kRing, 1, true);
}
Rig overwriting_perfbuf() {
  return make_perfbuf({{"overwrite", "on"}});
}

// Leaves `bytes` usable bytes, of which one can never be used.
Rig with_free(std::size_t bytes) {
  auto rig = make_perfbuf();
  const auto taken = static_cast<std::uint32_t>(kRing - 1 - bytes) / 8 * 8;
  EXPECT_TRUE(rig.emit(0, taken - 12));
  EXPECT_EQ(rig.subject->occupancy(0), taken);
  return rig;
}

TEST(Perfbuf, ARecordOf8BytesTakes24) {
  auto rig = make_perfbuf();
  rig.emit(0, 8);
  EXPECT_EQ(rig.subject->occupancy(0), 24U);
  EXPECT_EQ(rig.emit_until_refused(0, 8, 1'000), kPerfbufHolds - 1);
  EXPECT_EQ(rig.drops(0, Drop::no_space), 1U);
}

TEST(Perfbuf, ARecordIsASampleHeaderASizeAndThePayload) {
  auto rig = make_perfbuf();
  const auto open = rig.reserve(0, 8);
  struct {
    perfbuf::Header header;
    std::uint32_t size;
  } front{};
  std::memcpy(&front, open->payload().data() - sizeof front, sizeof front);
  EXPECT_EQ(front.header.type, 9U);
  EXPECT_EQ(front.header.misc, 0U);
  EXPECT_EQ(front.header.size, 24U);
  EXPECT_EQ(front.size, 8U);
}

TEST(Perfbuf, ARecordIsPaddedTo8ButItsSizeIsThePayloads) {
  for (std::uint32_t size = 0; size < 40; ++size) {
    auto rig = make_perfbuf();
    const auto sent = rig.emit(0, size);
    EXPECT_EQ(rig.subject->occupancy(0), 8 + (4 + size + 7) / 8 * 8) << size;
    EXPECT_TRUE(arrived(rig.drain(), {*sent}));
  }
}

TEST(Perfbuf, AHeaderCannotSayMoreThan64KiB) {
  Rig rig(perfbuf::row, options_of(perfbuf::row), 1U << 18);
  EXPECT_TRUE(rig.emit(0, 65'516));
  EXPECT_EQ(rig.subject->occupancy(0), 65'528U);
  EXPECT_FALSE(rig.emit(0, 65'517));
  EXPECT_EQ(rig.drops(0, Drop::too_big), 1U);
}

TEST(PerfbufConsumer, StopsAtTheHeadReadOnEntry) {
  auto rig = make_perfbuf();
  rig.emit(0, 8, 2);
  rig.inbox.on_record = [&] { rig.emit(0, 8); };
  EXPECT_EQ(rig.consume(0), 2U);
  EXPECT_EQ(rig.consume(0), 2U);
}

TEST(PerfbufConsumer, FreesSpaceOnlyAtTheEndOfTheDrain) {
  auto rig = make_perfbuf();
  rig.emit_until_refused(0, 8, 1'000);
  rig.inbox.on_record = [&] { EXPECT_FALSE(rig.emit(0, 8)); };
  EXPECT_EQ(rig.consume(0), kPerfbufHolds);
  rig.inbox.on_record = nullptr;
  EXPECT_EQ(rig.subject->occupancy(0), 0U);
  EXPECT_TRUE(rig.emit(0, 8));
}

TEST(PerfbufConsumer, ABudgetFreesWhatWasRead) {
  auto rig = make_perfbuf();
  rig.emit_until_refused(0, 8, 1'000);
  EXPECT_EQ(rig.consume(0, 10), 10U);
  EXPECT_EQ(rig.subject->occupancy(0), (kPerfbufHolds - 10) * 24);
}

TEST(PerfbufLost, StandsInFrontOfTheNextRecordThatFits) {
  auto rig = make_perfbuf();
  rig.emit_until_refused(0, 8, 1'000);
  rig.emit(0, 8, 6);
  rig.drain();
  EXPECT_EQ(rig.inbox.lost_in_all(), 0U) << "nothing has fitted since";
  rig.inbox.items.clear();
  const auto sent = rig.emit(0, 8, 2);
  EXPECT_EQ(rig.subject->occupancy(0), 24U + 2 * 24);
  EXPECT_EQ(rig.consume(0), 2U) << "a LOST record is no record";
  ASSERT_EQ(rig.inbox.items.size(), 3U);
  EXPECT_EQ(rig.inbox.items[0].lost, 7U);
  EXPECT_TRUE(arrived(rig.inbox.records(), sent));
}

TEST(PerfbufLost, StandsBetweenTheRecordsThatFittedBeforeAndAfter) {
  auto rig = make_perfbuf();
  rig.emit_until_refused(0, 8, 1'000);
  rig.consume(0, 100);
  rig.inbox.items.clear();
  rig.emit(0, 8, 5);
  rig.drain();
  ASSERT_EQ(rig.inbox.items.size(), kPerfbufHolds - 100 + 1 + 5);
  EXPECT_EQ(rig.inbox.items[kPerfbufHolds - 100].lost, 1U);
}

TEST(PerfbufLost, CountsFromZeroAgain) {
  auto rig = make_perfbuf();
  for (std::uint64_t round = 1; round <= 4; ++round) {
    rig.emit_until_refused(0, 8, 1'000);
    rig.emit(0, 8, round);
    rig.drain();
  }
  rig.emit(0, 8);
  rig.drain();
  std::vector<std::uint64_t> counts;
  for (const auto& item : rig.inbox.items) {
    if (item.lost != 0) counts.push_back(item.lost);
  }
  EXPECT_EQ(counts, (std::vector<std::uint64_t>{2, 3, 4, 5}));
  EXPECT_EQ(rig.inbox.lost_in_all(), rig.drops(0, Drop::no_space));
}

TEST(PerfbufLost, ARecordIsRefusedIfItFitsOnlyWithoutItsLostRecord) {
  auto rig = with_free(40);
  EXPECT_FALSE(rig.emit(0, 40)) << "56 bytes do not fit in 40";
  EXPECT_FALSE(rig.emit(0, 8)) << "24 fit, but not behind a LOST record of 24";
  EXPECT_EQ(rig.drops(0, Drop::no_space), 2U);
  rig.drain();
  rig.emit(0, 8);
  rig.drain();
  EXPECT_EQ(rig.inbox.lost_in_all(), 2U);
}

TEST(PerfbufLost, ARecordAndItsLostRecordMayFillTheBufferExactly) {
  auto rig = with_free(48);
  EXPECT_FALSE(rig.emit(0, 50));
  EXPECT_TRUE(rig.emit(0, 8));
  EXPECT_EQ(rig.subject->occupancy(0), 4'088U);
}

TEST(PerfbufLost, SurvivesTheDiscardOfTheRecordBehindIt) {
  auto rig = make_perfbuf();
  rig.emit_until_refused(0, 8, 1'000);
  rig.drain();
  rig.inbox.items.clear();
  rig.reserve(0, 8)->discard();
  EXPECT_EQ(rig.consume(0), 0U);
  EXPECT_TRUE(rig.inbox.items.empty()) << "nothing was published";
  rig.emit(0, 8);
  rig.drain();
  ASSERT_EQ(rig.inbox.items.size(), 2U);
  EXPECT_EQ(rig.inbox.items[0].lost, 1U);
}

TEST(PerfbufLost, TooBigIsNoLossOfTheBuffer) {
  auto rig = make_perfbuf();
  rig.emit(0, 5'000);
  rig.emit(0, 8);
  rig.drain();
  EXPECT_EQ(rig.inbox.lost_in_all(), 0U);
}

// How many of `count` records of 24 bytes, drained often, had to be written before each
// notification.
std::vector<int> notified_at(Rig& rig, int count) {
  std::vector<int> at;
  for (int i = 1; i <= count; ++i) {
    const auto before = rig.notifications();
    rig.emit(0, 8);
    if (rig.notifications() != before) at.push_back(i);
    if (i % 50 == 0) rig.drain();
  }
  return at;
}

TEST(PerfbufWatermark, IsHalfTheBufferByDefault) {
  auto rig = make_perfbuf();
  // Beyond 2048, 4096 and 6144 bytes written.
  EXPECT_EQ(notified_at(rig, 260), (std::vector{86, 171, 257}));
}

TEST(PerfbufWatermark, IsInBytesAsGiven) {
  auto rig = make_perfbuf({{"watermark_bytes", "96"}});
  EXPECT_EQ(notified_at(rig, 18), (std::vector{5, 9, 13, 17}));  // beyond 96, 192, 288, 384
}

TEST(PerfbufWatermark, LetsTheConsumerSleepOverLess) {
  auto rig = make_perfbuf();
  rig.emit(0, 8, 85);
  EXPECT_FALSE(rig.rang(0));
  EXPECT_TRUE(rig.subject->ready_to_wait(0));
  rig.emit(0, 8);
  EXPECT_TRUE(rig.rang(0));
}

TEST(PerfbufOverwrite, TheNewestWinOldestFirst) {
  auto rig = overwriting_perfbuf();
  auto sent = rig.emit(0, 8, 300);
  ASSERT_EQ(sent.size(), 300U);
  sent.erase(sent.begin(), sent.end() - kPerfbufHolds);
  EXPECT_TRUE(arrived(rig.drain(), sent));
  EXPECT_EQ(rig.subject->overwritten(), 300U - kPerfbufHolds);
}

TEST(PerfbufOverwrite, DeliversWhatIsNewSinceTheLastTime) {
  auto rig = overwriting_perfbuf();
  auto sent = rig.emit(0, 8, 40);
  EXPECT_EQ(rig.consume(0, 15), 15U);
  for (auto& payload : rig.emit(0, 8, 20)) sent.push_back(std::move(payload));
  EXPECT_EQ(rig.consume(0), 45U);
  EXPECT_EQ(rig.consume(0), 0U);
  EXPECT_TRUE(arrived(rig.inbox.records(), sent));
  EXPECT_EQ(rig.subject->overwritten(), 0U);
}

// The discarded record was written over the oldest one, which is no longer whole.
TEST(PerfbufOverwrite, ADiscardTearsNoRecordThatIsDelivered) {
  auto rig = overwriting_perfbuf();
  auto sent = rig.emit(0, 8, kPerfbufHolds);
  const auto open = rig.reserve(0, 30);  // 48 bytes, of which 16 were free
  fill(open->payload(), 9, 9);
  open->discard();
  sent.erase(sent.begin(), sent.begin() + 2);
  EXPECT_TRUE(arrived(rig.drain(), sent));
  EXPECT_EQ(rig.subject->overwritten(), 2U);
}

TEST(PerfbufOverwrite, ADiscardOfTheWholeBufferLeavesNothingToWaitFor) {
  auto rig = make_perfbuf({{"overwrite", "on"}, {"notify", "always"}});
  rig.emit(0, 8, 10);
  rig.reserve(0, 4'070)->discard();
  EXPECT_EQ(rig.drain().size(), 0U);
  EXPECT_TRUE(rig.subject->ready_to_wait(0));
  EXPECT_EQ(rig.subject->overwritten(), 10U);
  const auto sent = rig.emit(0, 8, 3);
  EXPECT_TRUE(arrived(rig.drain(), sent));
}

TEST(PerfbufOverwrite, ProducersAreRefusedWhileItIsRead) {
  auto rig = overwriting_perfbuf();
  rig.emit(0, 8, 4);
  rig.inbox.on_record = [&] { EXPECT_EQ(rig.reserve(0, 8)->cause(), Drop::lock_busy); };
  EXPECT_EQ(rig.consume(0), 4U);
  rig.inbox = {};
  EXPECT_EQ(rig.drops(0, Drop::lock_busy), 4U);
  rig.emit(0, 8);
  rig.drain();
  EXPECT_EQ(rig.inbox.items.at(0).lost, 4U);
}

TEST(PerfbufOverwrite, IsNotReadWhileAWriterIsInsideARecord) {
  auto rig = overwriting_perfbuf();
  rig.emit(0, 8, 4);
  const auto open = rig.reserve(0, 8);
  EXPECT_EQ(rig.consume(0), 0U);
  open->commit();
  EXPECT_EQ(rig.consume(0), 5U);
}

}  // namespace
}  // namespace ringbench::conformance
