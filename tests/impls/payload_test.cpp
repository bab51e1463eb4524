#include "impls/payload.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <numeric>
#include <vector>

namespace ringbench {
namespace {

using Bytes = std::vector<std::byte>;

// A byte that no test's pattern has by chance at the end, to see that nothing is written there.
constexpr std::byte kGuard{0xA5};

Bytes written(std::size_t size, const Event& event, bool stamps = true) {
  Bytes bytes(size + 8, kGuard);
  write_payload(bytes.data(), size, event, stamps);
  EXPECT_EQ(Bytes(bytes.begin() + static_cast<std::ptrdiff_t>(size), bytes.end()),
            Bytes(8, kGuard));
  bytes.resize(size);
  return bytes;
}

std::vector<std::size_t> sizes() {
  std::vector<std::size_t> all(80 - kMinRecordSize + 1);
  std::iota(all.begin(), all.end(), kMinRecordSize);
  all.insert(all.end(), {255, 256, 1'000, 1'024, 4'095, 65'000});
  return all;
}

TEST(Payload, RoundTripsAtEverySize) {
  const Event event{1'023, 4'000'000, 0x1234'5678'9ABC'DEF0};
  for (const auto size : sizes()) {
    const auto found = read_payload(written(size, event), true);
    ASSERT_TRUE(found) << size;
    EXPECT_EQ(found->producer, event.producer) << size;
    EXPECT_EQ(found->sequence, event.sequence % sequence_modulus(size, true)) << size;
    EXPECT_EQ(restore_stamp(size, found->stamp, event.stamp + 5'000),
              size < kLongRecord ? event.stamp / 16 * 16 : event.stamp);
  }
}

RC_GTEST_PROP(Payload, RoundTripsWithAndWithoutStamps,
              (std::uint64_t number, std::uint64_t stamp, bool stamps)) {
  const auto size = *rc::gen::inRange<std::size_t>(kMinRecordSize, 100);
  const auto producer = *rc::gen::inRange<std::uint32_t>(0, kMaxProducers);
  const auto sequence = number % sequence_modulus(size, stamps);
  const auto found = read_payload(written(size, {producer, sequence, stamp}, stamps), stamps);
  RC_ASSERT(found.has_value());
  RC_ASSERT(found->producer == producer);
  RC_ASSERT(found->sequence == sequence);
}

TEST(Payload, SequenceWraps) {
  for (const bool stamps : {true, false}) {
    for (const std::size_t size : {std::size_t{8}, std::size_t{64}}) {
      const auto modulus = sequence_modulus(size, stamps);
      EXPECT_EQ(read_payload(written(size, {7, modulus - 1, 0}, stamps), stamps)->sequence,
                modulus - 1);
    }
    const auto modulus = sequence_modulus(8, stamps);
    const auto wrapped = read_payload(written(8, {7, modulus + 5, 0}, stamps), stamps);
    EXPECT_EQ(wrapped->sequence, 5U);
    EXPECT_EQ(wrapped->producer, 7U) << "the sequence must not run into the producer";
  }
}

TEST(Payload, TooShortIsNoPayload) {
  EXPECT_FALSE(read_payload(Bytes(7), true));
  EXPECT_FALSE(read_payload({}, true));
}

TEST(Payload, CutOrGrownIsNoPayload) {
  auto bytes = written(64, {1, 2, 3});
  bytes.resize(63);
  EXPECT_TRUE(read_payload(bytes, true))
      << "a shorter pattern is still one: its length is for the receiver to check";
  bytes.resize(72);
  EXPECT_FALSE(read_payload(bytes, true));
}

// Where the pattern is a whole word, a flip anywhere but in the stamp is seen: in the first word
// because every later word follows from it.
RC_GTEST_PROP(Payload, AnyFlippedBitOutsideTheStampIsSeen,
              (std::uint64_t number, std::uint64_t stamp)) {
  const auto size = *rc::gen::inRange<std::size_t>(kLongRecord + 8, 300);
  const auto producer = *rc::gen::inRange<std::uint32_t>(0, kMaxProducers);
  const auto place = *rc::gen::inRange<std::size_t>(0, size - 8);
  const auto at = place < 8 ? place : place + 8;
  auto bytes = written(size, {producer, number % sequence_modulus(size, true), stamp});
  bytes[at] ^= std::byte{1} << *rc::gen::inRange(0, 8);
  RC_ASSERT(!read_payload(bytes, true).has_value());
}

RC_GTEST_PROP(Payload, AnyFlippedBitOfAShortPatternIsSeen, (std::uint64_t number, bool stamps)) {
  const auto size = *rc::gen::element<std::size_t>(9, 11, 15, 17, 20, 23);
  const std::size_t from = size < kLongRecord ? 8 : 16;
  auto bytes = written(size, {3, number % sequence_modulus(size, stamps), number}, stamps);
  bytes[*rc::gen::inRange(from, size)] ^= std::byte{1} << *rc::gen::inRange(0, 8);
  RC_ASSERT(!read_payload(bytes, stamps).has_value());
}

RC_GTEST_PROP(Payload, AnotherRecordsBytesAreSeen, (std::uint64_t number)) {
  const auto size = *rc::gen::inRange<std::size_t>(kLongRecord + 8, 200);
  const auto sequence = number % sequence_modulus(size, true);
  auto bytes = written(size, {1, sequence, 0});
  const auto next = written(size, {1, (sequence + 1) % sequence_modulus(size, true), 0});
  const auto from = *rc::gen::inRange<std::size_t>(kLongRecord, size);
  std::copy(next.begin() + static_cast<std::ptrdiff_t>(from), next.end(),
            bytes.begin() + static_cast<std::ptrdiff_t>(from));
  RC_ASSERT(!read_payload(bytes, true).has_value());
}

TEST(Payload, ShortStampsComeBackAcrossTheirWrap) {
  const auto stamp_of = [](std::uint64_t stamp) {
    return read_payload(written(8, {0, 0, stamp}), true)->stamp;
  };
  const std::uint64_t before = 5 * kShortStampWrap - 160;
  EXPECT_EQ(restore_stamp(8, stamp_of(before), before + 320), before);
  EXPECT_EQ(restore_stamp(8, stamp_of(0), 0), 0U);
}

// Clocks of two CPUs differ a little: a record may seem to come from the future.
TEST(Payload, ShortStampsSlightlyInTheFutureStayThere) {
  const std::uint64_t now = 7 * kShortStampWrap + 64;
  for (const std::uint64_t ahead : {16U, 64U, 4'096U}) {
    EXPECT_EQ(restore_stamp(8, (now + ahead) % kShortStampWrap, now), now + ahead);
  }
  const std::uint64_t last = 8 * kShortStampWrap - 16;
  EXPECT_EQ(restore_stamp(8, 0, last), 8 * kShortStampWrap);
}

RC_GTEST_PROP(Payload, ShortStampsAreRightForAnyDelayBelowTheirBound, ()) {
  const auto stamp = *rc::gen::inRange<std::uint64_t>(0, std::uint64_t{1} << 60);
  const auto delay = *rc::gen::inRange<std::uint64_t>(0, (std::uint64_t{1} << 35) - stamp_error(8));
  const auto carried = read_payload(written(8, {0, 0, stamp}), true)->stamp;
  const auto found = restore_stamp(8, carried, stamp + delay);
  RC_ASSERT(found <= stamp);
  RC_ASSERT(stamp - found < stamp_error(8));
}

// As impls/kernel/program.bpf.h lays one out.
Bytes written_link(std::size_t size, const Event& event, const Link& link) {
  Bytes bytes = written(size, event);
  const std::uint64_t first = payload_detail::load(bytes.data());
  payload_detail::store(bytes.data() + 16, link.chain << 16 | link.length << 8 | link.step);
  payload_detail::store(bytes.data() + 24, link.counter);
  payload_detail::write_pattern(bytes.data(), kLinkedRecord, size,
                                payload_detail::pattern_start(first));
  return bytes;
}

TEST(Payload, ALinkSaysItsChain) {
  const Event event{7, 1'234, 5'678};
  const Link link{0xABCD'1234'5678, 3, 2, ~std::uint64_t{0}};
  for (const std::size_t size : {32, 33, 40, 64, 1'001}) {
    const auto bytes = written_link(size, event, link);
    const auto found = read_payload(bytes, true, true);
    ASSERT_TRUE(found) << size;
    EXPECT_EQ(found->producer, 7U);
    EXPECT_EQ(found->sequence, 1'234U);
    EXPECT_EQ(found->stamp, 5'678U);
    EXPECT_EQ(read_link(bytes), link);
  }
}

TEST(Payload, ALinkIsWrittenAsItIsLaidOut) {
  const Event event{7, 1'234, 5'678};
  const Link link{0xABCD'1234'5678, 64, 63, 99};
  for (const std::size_t size : {32, 33, 40, 64, 1'001}) {
    std::vector<std::byte> bytes(size);
    write_linked_payload(bytes.data(), size, event, link);
    EXPECT_EQ(bytes, written_link(size, event, link)) << size;
  }
}

TEST(Payload, ALinkNeedsItsRoomAndItsPattern) {
  auto bytes = written_link(64, {7, 1, 2}, {3, 3, 1, 4});
  EXPECT_FALSE(read_payload(std::span(bytes).first(31), true, true));
  EXPECT_FALSE(read_payload(written(64, {7, 1, 2}), true, true));
  bytes[40] ^= std::byte{1};
  EXPECT_FALSE(read_payload(bytes, true, true));
}

}  // namespace
}  // namespace ringbench
