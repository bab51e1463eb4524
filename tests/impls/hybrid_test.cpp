// The semantics of one ring for N CPUs.
#include "impls/hybrid.hpp"

#include <gtest/gtest.h>

#include "tests/impls/rig.hpp"

namespace ringbench::conformance {
namespace {

using Given = std::initializer_list<std::pair<std::string_view, std::string_view>>;

Rig make(std::vector<unsigned> ring_of, unsigned rings, Given given) {
  Geometry geometry;
  geometry.ring_bytes = kRing;
  geometry.rings = rings;
  geometry.ring_of = std::move(ring_of);
  geometry.waits = true;
  return Rig(geometry, hybrid::row, options_of(hybrid::row, given));
}

TEST(Hybrid, ItsRingsAreOfTheBase) {
  EXPECT_EQ(make({0}, 1, {{"base", "ringbuf"}}).emit_until_refused(0, 8, 1'000), 255U);
  EXPECT_EQ(make({0}, 1, {{"base", "perfbuf"}}).emit_until_refused(0, 8, 1'000), 170U);
}

TEST(Hybrid, NativeNotificationIsTheBases) {
  auto adaptive = make({0}, 1, {{"base", "ringbuf"}});
  adaptive.emit(0, 8, 100);
  EXPECT_EQ(adaptive.notifications(), 1U);
  auto watermark = make({0}, 1, {{"base", "perfbuf"}});
  watermark.emit(0, 8, 85);
  EXPECT_EQ(watermark.notifications(), 0U);
  watermark.emit(0, 8, 15);
  EXPECT_EQ(watermark.notifications(), 1U);
}

class OnEitherBase : public testing::TestWithParam<const char*> {};
INSTANTIATE_TEST_SUITE_P(Hybrid, OnEitherBase, testing::Values("ringbuf", "perfbuf"));

TEST_P(OnEitherBase, AnyMapOfProducersToRings) {
  auto rig = make({2, 0, 2, 0, 1}, 3, {{"base", GetParam()}});
  for (unsigned p = 0; p < 5; ++p) rig.emit(p, 20, p + 1);
  const std::vector<std::size_t> expected{2 + 4, 5, 1 + 3};
  for (unsigned ring = 0; ring < 3; ++ring) {
    EXPECT_EQ(rig.consume(ring), expected[ring]) << ring;
  }
}

TEST_P(OnEitherBase, ARingKeepsTheOrderOfReservationAcrossItsProducers) {
  auto rig = make({1, 0, 1}, 2, {{"base", GetParam()}});
  std::vector<Payload> sent;
  for (const unsigned producer : {0, 2, 2, 0, 2, 0, 0}) {
    sent.push_back(rig.emit(producer, 36).value());
    rig.emit(1, 36);
  }
  rig.consume(1);
  EXPECT_TRUE(arrived(rig.inbox.records(), sent));
}

TEST_P(OnEitherBase, EachRingHasItsOwnDoorbell) {
  auto rig = make({0, 1}, 2, {{"base", GetParam()}, {"notify", "always"}});
  rig.emit(1, 8);
  EXPECT_FALSE(rig.rang(0));
  EXPECT_TRUE(rig.rang(1));
}

TEST_P(OnEitherBase, FootprintIsTheSumOfItsRings) {
  const auto one = make({0}, 1, {{"base", GetParam()}}).subject->footprint();
  EXPECT_EQ(make({0, 1, 2}, 3, {{"base", GetParam()}}).subject->footprint(), 3 * one);
}

TEST(Hybrid, ALostRecordCountsTheRefusalsOfAllProducersOfTheRing) {
  auto rig = make({0, 0}, 1, {{"base", "perfbuf"}});
  rig.emit_until_refused(0, 8, 1'000);
  rig.emit(1, 8, 3);
  rig.drain();
  rig.emit(1, 8);
  rig.drain();
  EXPECT_EQ(rig.inbox.lost_in_all(), 4U);
}

}  // namespace
}  // namespace ringbench::conformance
