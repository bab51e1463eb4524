// What a ring does that departs from the kernel's in one thing.
#include <gtest/gtest.h>

#include <memory>

#include "impls/ringbuf.hpp"
#include "tests/impls/rig.hpp"

namespace ringbench::conformance {
namespace {

using ringbuf::Departure;
using ringbuf::Ring;

RingSettings settings() {
  return {kRing, false, [](std::span<std::byte>) {}};
}

Rig make_for_two(std::initializer_list<std::pair<std::string_view, std::string_view>> given) {
  return Rig(ringbuf::row, options_of(ringbuf::row, given), kRing, 2, true);
}

struct CountLost {
  void record(std::span<const std::byte> /*payload*/) {}
  void lost(std::uint64_t count) { told += count; }
  std::uint64_t told = 0;
};

TEST(InBand, ARecordIsPrecededByWhatWasRefusedBeforeIt) {
  auto rig = make_for_two({{"accounting", "in_band"}});
  EXPECT_EQ(rig.emit_until_refused(0, 8, 1'000), kRing / 24U);  // a header of 16 bytes
  EXPECT_FALSE(rig.emit(1, 8));
  EXPECT_FALSE(rig.emit(0, 8));
  rig.drain();
  const auto before = rig.inbox.items.size();
  const auto sent = rig.emit(1, 8);
  rig.emit(1, 8);
  rig.consume(0);
  ASSERT_EQ(rig.inbox.items.size(), before + 3);
  EXPECT_EQ(rig.inbox.items[before].lost, 3U);
  EXPECT_EQ(rig.inbox.items[before + 1].payload, *sent);
  EXPECT_EQ(rig.inbox.items[before + 2].lost, 0U);
}

TEST(InBand, ADiscardedRecordTellsTheLossesToo) {
  auto rig = make_for_two({{"accounting", "in_band"}});
  EXPECT_FALSE(rig.emit(0, 5'000));
  rig.reserve(0, 8)->discard();
  rig.consume(0);
  EXPECT_EQ(rig.inbox.lost_in_all(), 1U);
}

template <Departure D>
void expect_counted(std::string_view accounting) {
  const auto options = options_of(ringbuf::row, {{"accounting", accounting}});
  Ring<McsLock, D> ring(settings(), options);
  typename Ring<McsLock, D>::Producer first(ring);
  typename Ring<McsLock, D>::Producer second(ring);
  const auto fill = [](auto& producer) {
    for (;;) {
      auto reservation = producer.reserve(8);
      if (!reservation) return;
      reservation.commit();
    }
  };
  fill(first);
  fill(second);
  fill(second);
  CountLost sink;
  ring.consume(sink, 0);
  EXPECT_EQ(second.reserve(5'000).cause(), Drop::too_big);
  if (accounting == "none") {
    EXPECT_FALSE(ring.counted_drops());
  } else {
    EXPECT_EQ(ring.counted_drops(), first.tally.dropped() + second.tally.dropped());
    EXPECT_EQ(ring.counted_drops(), 4U);
  }
  EXPECT_EQ(sink.told, 0U);  // no record came after the losses yet
  first.reserve(8).commit();
  ring.consume(sink, 0);
  EXPECT_EQ(sink.told, accounting == "in_band" ? 4U : 0U);
}

TEST(DropCounters, CountWhatTheProducersWereRefused) {
  expect_counted<Departure::none>("none");
  expect_counted<Departure::none>("producer");
  expect_counted<Departure::none>("shared");
  expect_counted<Departure::in_band>("in_band");
}

// A lock that is free at the try that it is told.
struct StubbornLock {
  struct Node {};
  void lock(Node& /*node*/) {}
  bool try_lock(Node& /*node*/) { return ++tries == free_at; }
  void unlock(Node& /*node*/) {}
  bool locked() const { return true; }
  inline static std::uint64_t tries = 0;
  inline static std::uint64_t free_at = 0;
};

template <Departure D = Departure::none>
Drop refused_by(const Options& options, std::uint64_t free_at) {
  StubbornLock::tries = 0;
  StubbornLock::free_at = free_at;
  Ring<StubbornLock, D> ring(settings(), options);
  typename Ring<StubbornLock, D>::Producer producer(ring);
  typename Ring<StubbornLock, D>::Interrupter interrupter(ring, producer);
  auto reservation = interrupter.reserve(8);
  if (!reservation) return reservation.cause();
  reservation.commit();
  EXPECT_EQ(interrupter.tally.committed, 1U);
  return Drop::too_big;  // which 8 bytes never are
}

TEST(Interrupter, TriesTheLockOnce) {
  const auto options = options_of(ringbuf::row);
  EXPECT_EQ(refused_by(options, 1), Drop::too_big);
  EXPECT_EQ(refused_by(options, 2), Drop::lock_busy);
  EXPECT_EQ(StubbornLock::tries, 1U);
}

TEST(Interrupter, TriesTheLockAsOftenAsTheBoundSays) {
  const auto options =
      options_of(ringbuf::row, {{"interrupted", "bounded"}, {"interrupted_tries", "7"}});
  EXPECT_EQ(refused_by(options, 7), Drop::too_big);
  EXPECT_EQ(refused_by(options, 8), Drop::lock_busy);
  EXPECT_EQ(StubbornLock::tries, 7U);
}

TEST(Interrupter, PassesWhereOnlyTheRecordOfWhatItInterruptsIsOpen) {
  Ring<McsLock> ring(settings(), options_of(ringbuf::row));
  Ring<McsLock>::Producer producer(ring);
  Ring<McsLock>::Interrupter interrupter(ring, producer);
  auto open = producer.reserve(8);  // the lock is free again
  auto between = interrupter.reserve(8);
  EXPECT_TRUE(between);
  between.commit();
  open.commit();
  CountLost sink;
  EXPECT_EQ(ring.consume(sink, 0), 2U);
}

template <class Lock>
void expect_refused_while_held() {
  Lock lock;
  typename Lock::Node holder;
  typename Lock::Node other;
  lock.lock(holder);
  EXPECT_FALSE(lock.try_lock(other));
  lock.unlock(holder);
  EXPECT_TRUE(lock.try_lock(other));
  lock.unlock(other);
  EXPECT_FALSE(lock.locked());
}

TEST(Interrupter, FindsARealLockHeldOrFree) {
  expect_refused_while_held<McsLock>();
  expect_refused_while_held<TicketLock>();
  expect_refused_while_held<TtasLock>();
}

TEST(Guard, RefusesWhatInterruptsAReservationAndNothingElse) {
  using Guarded = Ring<McsLock, Departure::guarded>;
  Guarded ring(settings(), options_of(ringbuf::row, {{"interrupted", "guard"}}));
  Guarded::Producer producer(ring);
  Guarded::Interrupter interrupter(ring, producer);
  interrupter.reserve(8).commit();
  {
    auto open = producer.reserve(8);
    EXPECT_EQ(interrupter.reserve(8).cause(), Drop::recursion);
    open.commit();
  }
  interrupter.reserve(8).commit();
  { const auto abandoned = producer.reserve(8); }
  interrupter.reserve(8).commit();
  EXPECT_EQ(producer.reserve(5'000).cause(), Drop::too_big);
  while (auto reservation = producer.reserve(1'000)) reservation.commit();
  EXPECT_EQ(interrupter.reserve(4'000).cause(), Drop::no_space);
  EXPECT_EQ(interrupter.tally.committed, 3U);
}

TEST(Guard, LetsWaitForTheLockWhoInterruptsNoReservation) {
  const auto options = options_of(ringbuf::row, {{"interrupted", "guard"}});
  EXPECT_EQ(refused_by<Departure::guarded>(options, 100'000), Drop::too_big);
  EXPECT_EQ(StubbornLock::tries, 0U);
}

TEST(Departures, AreTakenOneAtATimeAndForOneLock) {
  const auto refusal = [](auto... given) {
    return ringbuf::row.refuse(options_of(ringbuf::row, {given...}));
  };
  using Given = std::pair<std::string_view, std::string_view>;
  EXPECT_EQ(refusal(Given{"commit", "release"}), "");
  EXPECT_EQ(refusal(Given{"overwrite", "on"}, Given{"lock", "ttas"}), "");
  EXPECT_EQ(refusal(Given{"accounting", "shared"}, Given{"overwrite", "on"}), "");
  EXPECT_NE(refusal(Given{"commit", "release"}, Given{"overwrite", "on"}), "");
  EXPECT_NE(refusal(Given{"commit", "release"}, Given{"lock", "ttas"}), "");
  EXPECT_NE(refusal(Given{"interrupted", "guard"}, Given{"position_load", "control"}), "");
}

}  // namespace
}  // namespace ringbench::conformance
