#include "bench/trial/delivery_log.hpp"

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <vector>

namespace ringbench {
namespace {

TEST(DeliveryLog, KeepsWhatHasRoomAndCountsTheRest) {
  DeliveryLog log(3);
  for (std::uint64_t i = 0; i < 5; ++i) log.add({i, 10 * i});
  ASSERT_EQ(log.entries().size(), 3U);
  EXPECT_EQ(log.entries()[2].stamp, 2U);
  EXPECT_EQ(log.entries()[2].delivered, 20U);
  EXPECT_EQ(log.omitted(), 2U);
}

TEST(DeliveryLog, WithoutRoomOnlyCounts) {
  DeliveryLog log(0);
  log.add({1, 2});
  EXPECT_TRUE(log.entries().empty());
  EXPECT_EQ(log.omitted(), 1U);
}

// Far more than a huge page lies beyond what is likely.
TEST(DeliveryLog, BringsInWhatIsLikelyAndNoMore) {
  const auto page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  const std::size_t likely_pages = 64, all_pages = 4096;
  DeliveryLog log(
      LogRoom(all_pages * page / sizeof(Delivery), likely_pages * page / sizeof(Delivery)));
  std::vector<unsigned char> resident(all_pages);
  ASSERT_EQ(mincore(log.entries().data(), all_pages * page, resident.data()), 0);
  const auto middle = resident.begin() + static_cast<std::ptrdiff_t>(likely_pages);
  EXPECT_TRUE(std::all_of(resident.begin(), middle, [](auto in) { return in != 0; }));
  EXPECT_LT(std::count(middle, resident.end(), 1), 1024) << "but for the huge page begun";
}

}  // namespace
}  // namespace ringbench
