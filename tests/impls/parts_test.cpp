// The parts that rings are built of: memory mapped twice, doorbells and locks.
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/mman.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <new>
#include <system_error>
#include <thread>
#include <vector>

#include "impls/doorbell.hpp"
#include "impls/double_mapping.hpp"
#include "impls/locks.hpp"

namespace ringbench::conformance {
namespace {

TEST(DoubleMapping, TheDataIsThereTwice) {
  const auto page = page_size();
  const DoubleMapping mapping(page, 4 * page);
  std::byte* const data = mapping.data();
  data[4 * page + 7] = std::byte{42};
  EXPECT_EQ(data[7], std::byte{42});
  data[4 * page - 1] = std::byte{43};
  EXPECT_EQ(data[8 * page - 1], std::byte{43});
}

TEST(DoubleMapping, IsOnePieceOfZeroPages) {
  const auto page = page_size();
  const DoubleMapping mapping(2 * page, page);
  EXPECT_EQ(mapping.data() - mapping.control(), static_cast<std::ptrdiff_t>(2 * page));
  EXPECT_EQ(mapping.pages().data(), mapping.control());
  ASSERT_EQ(mapping.pages().size(), 3 * page);
  for (const auto byte : mapping.pages()) ASSERT_EQ(byte, std::byte{0});
}

TEST(DoubleMapping, TouchedIsResidentAndStillZero) {
  const auto page = page_size();
  const DoubleMapping mapping(page, 8 * page);
  std::array<unsigned char, 9> resident{};
  ASSERT_EQ(mincore(mapping.control(), 9 * page, resident.data()), 0);
  EXPECT_EQ(std::ranges::count(resident, 1), 0);
  mapping.touch();
  ASSERT_EQ(mincore(mapping.control(), 9 * page, resident.data()), 0);
  EXPECT_EQ(std::ranges::count(resident, 1), 9);
  for (const auto byte : mapping.pages()) ASSERT_EQ(byte, std::byte{0});
}

TEST(DoubleMapping, SaysWhenThereIsNoMemory) {
  EXPECT_THROW(DoubleMapping(page_size(), std::size_t{1} << 60), std::system_error);
}

bool readable(int fd) {
  pollfd watched{fd, POLLIN, 0};
  return poll(&watched, 1, 0) == 1;
}

TEST(Doorbell, IsReadableOnceItRang) {
  const Doorbell doorbell(true);
  EXPECT_FALSE(readable(doorbell.fd()));
  doorbell.ring();
  doorbell.ring();
  EXPECT_TRUE(readable(doorbell.fd()));
}

TEST(Doorbell, IsNoneWhenNobodyListens) {
  const Doorbell doorbell(false);
  doorbell.ring();
  EXPECT_EQ(doorbell.fd(), -1);
}

template <class Lock>
class Locks : public testing::Test {};
using AllLocks = testing::Types<McsLock, TicketLock, TtasLock>;
TYPED_TEST_SUITE(Locks, AllLocks);

TYPED_TEST(Locks, SaysWhetherItIsHeld) {
  TypeParam lock;
  typename TypeParam::Node node{};
  EXPECT_FALSE(lock.locked());
  lock.lock(node);
  EXPECT_TRUE(lock.locked());
  lock.unlock(node);
  EXPECT_FALSE(lock.locked());
}

TYPED_TEST(Locks, LetsOneThreadInAtATime) {
  constexpr int kTurns = 2'000;
  TypeParam lock;
  int inside = 0;
  int entered = 0;
  int most = 0;
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 3; ++t) {
      threads.emplace_back([&] {
        typename TypeParam::Node node{};
        for (int i = 0; i < kTurns; ++i) {
          lock.lock(node);
          most = std::max(most, ++inside);
          ++entered;
          --inside;
          lock.unlock(node);
          std::this_thread::yield();
        }
      });
    }
  }
  EXPECT_EQ(most, 1);
  EXPECT_EQ(entered, 3 * kTurns);
}

// As in the control pages of a ring.
TYPED_TEST(Locks, IsFreeWhenMadeInZeroedMemory) {
  alignas(TypeParam) std::array<std::byte, sizeof(TypeParam)> memory{};
  auto* const lock = new (memory.data()) TypeParam;
  EXPECT_FALSE(lock->locked());
}

}  // namespace
}  // namespace ringbench::conformance
