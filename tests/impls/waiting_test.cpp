// What every transport with the option `notify` promises a consumer that sleeps.
#include <gtest/gtest.h>

#include "tests/impls/rig.hpp"

namespace ringbench::conformance {
namespace {

constexpr std::size_t kRoomyRing = 65'536;

bool has_a_notify_rule(const Variant& variant) {
  return variant.options.contains("notify");
}

class Waiting : public testing::TestWithParam<Variant> {};
INSTANTIATE_TEST_SUITE_P(Every, Waiting, testing::ValuesIn(variants_where(has_a_notify_rule)),
                         name);

auto with(std::string_view word) {
  return testing::ValuesIn(
      variants_where([=](const Variant& variant) { return notifies(variant, word); }));
}
class NotifyAlways : public testing::TestWithParam<Variant> {};
INSTANTIATE_TEST_SUITE_P(Every, NotifyAlways, with("always"), name);
class NotifyNever : public testing::TestWithParam<Variant> {};
INSTANTIATE_TEST_SUITE_P(Every, NotifyNever, with("never"), name);
class NotifySampled : public testing::TestWithParam<Variant> {};
INSTANTIATE_TEST_SUITE_P(Every, NotifySampled, with("sampled"), name);

Rig listening(const Variant& variant, unsigned producers = 1) {
  return Rig(*variant.row, variant.options, kRoomyRing, producers, true);
}

TEST_P(Waiting, NobodyListensUnlessTheGeometryWaits) {
  Rig rig(*GetParam().row, GetParam().options, kRoomyRing);
  EXPECT_EQ(rig.subject->wait_fd(0), -1);
  EXPECT_EQ(rig.emit(0, 16, 5).size(), 5U);
}

TEST_P(Waiting, MayWaitWhenEmpty) {
  auto rig = listening(GetParam());
  ASSERT_TRUE(rig.subject->waitable());
  EXPECT_GE(rig.subject->wait_fd(0), 0);
  EXPECT_TRUE(rig.subject->ready_to_wait(0));
  rig.emit(0, 16, 3);
  rig.drain();
  EXPECT_TRUE(rig.subject->ready_to_wait(0));
}

TEST_P(Waiting, TheDescriptorIsReadableExactlyIfANotificationWasCounted) {
  auto rig = listening(GetParam());
  EXPECT_FALSE(rig.rang(0));
  for (int i = 0; i < 1'000 && rig.notifications() == 0; ++i) {
    EXPECT_FALSE(rig.rang(0));
    rig.emit(0, 40);
  }
  EXPECT_EQ(rig.rang(0), rig.notifications() != 0);
}

TEST_P(Waiting, ARefusedRecordNotifiesNobody) {
  auto rig = listening(GetParam());
  rig.emit(0, UINT32_MAX);
  EXPECT_EQ(rig.notifications(), 0U);
  EXPECT_FALSE(rig.rang(0));
}

TEST_P(NotifyAlways, EveryCommitIsOne) {
  auto rig = listening(GetParam());
  for (std::uint64_t i = 1; i <= 20; ++i) {
    rig.emit(0, 16);
    EXPECT_EQ(rig.notifications(), i);
    if (i % 6 == 0) rig.drain();
  }
  EXPECT_TRUE(rig.rang(0));
}

TEST_P(NotifyAlways, MayNotWaitOverData) {
  auto rig = listening(GetParam());
  rig.emit(0, 16, 2);
  EXPECT_FALSE(rig.subject->ready_to_wait(0));
  rig.consume(0, 1);
  EXPECT_FALSE(rig.subject->ready_to_wait(0));
  rig.consume(0, 1);
  EXPECT_TRUE(rig.subject->ready_to_wait(0));
}

TEST_P(NotifyNever, NoCommitIsOne) {
  auto rig = listening(GetParam());
  for (int i = 0; i < 3; ++i) {
    rig.emit(0, 64, 2'000);
    rig.drain();
  }
  EXPECT_EQ(rig.notifications(), 0U);
  EXPECT_FALSE(rig.rang(0));
}

// By each producer's own count.
TEST_P(NotifySampled, OneCommitInSoManyIsOne) {
  const auto every = std::stoull(GetParam().options.find("notify_every")->second);
  auto rig = listening(GetParam(), 2);
  for (std::uint64_t i = 1; i <= 3 * every + 1; ++i) {
    for (unsigned p = 0; p < 2; ++p) {
      ASSERT_TRUE(rig.emit(p, 16));
      EXPECT_EQ(rig.writers[p]->tally().notifications, i / every);
    }
  }
  EXPECT_TRUE(rig.rang(rig.geometry.ring_of[1]));
}

}  // namespace
}  // namespace ringbench::conformance
