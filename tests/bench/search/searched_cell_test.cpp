// Which cells are searched, at which rates, and what is measured beside.
#include "bench/search/searched_cell.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "bench/config/config.hpp"
#include "bench/config/parameters.hpp"

namespace ringbench {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

std::vector<Cell> searched(const std::string& matrix) {
  return searched_cells(parse_config("[matrix]\n" + matrix, "c.toml", 2).cells);
}

TEST(SearchedCells, CellsThatDifferInTheirArrivalsAreOne) {
  EXPECT_THAT(
      searched("transport = \"ringbuf\"\narrival = [\"saturate\", \"constant\", \"bursty\"]\n"
               "rate = [1e4, 1e5]\nrecord_size = [8, 64]"),
      SizeIs(2));
  const auto poisson = searched("transport = \"ringbuf\"\narrival = [\"constant\", \"poisson\"]");
  ASSERT_THAT(poisson, SizeIs(2));
  EXPECT_EQ(poisson[1].arrival, "poisson");
  EXPECT_EQ(poisson[0].rate, 0) << "no measured cell can have this rate";
}

TEST(SearchedCells, AreMeasuredAtARateAndDuration) {
  const auto cell = searched("transport = \"ringbuf\"")[0];
  const auto measured = at_rate(cell, 12'500, 80);
  EXPECT_EQ(measured.rate, 12'500);
  EXPECT_EQ(measured.duration_ms, 80);
  EXPECT_NE(id_of(measured), id_of(cell));
  EXPECT_NE(id_of(measured), id_of(at_rate(cell, 12'500, 160)));
}

TEST(SearchedCells, AConsumerThatStaysAwayHasNoRate) {
  EXPECT_THAT(unsearchable(searched("transport = \"ringbuf\"\npoll = \"after_window\"")[0]),
              HasSubstr("after_window"));
  EXPECT_THAT(unsearchable(searched("transport = \"ringbuf\"")[0]), IsEmpty());
}

TEST(SearchedCells, ATrialHasEventsToSeeAndDueTimesToHold) {
  const auto cell = searched("transport = \"ringbuf\"\nwarmup_ms = 100")[0];
  SearchSettings settings;
  settings.longest_ms = 900;
  EXPECT_EQ(limits_of(cell, settings).highest, kMaxEvents);
  EXPECT_EQ(limits_of(cell, settings).lowest, 400) << "20 events in 50 ms";
}

TEST(Bursts, AreSentIntoAnEmptyBufferWithAndWithoutItsConsumer) {
  const auto cell = searched("transport = \"perfbuf\"\nproducers = 2\nconsumers = \"per_ring\"")[0];
  const auto found = bursts(cell);
  ASSERT_THAT(found, SizeIs(2));
  for (const auto& burst : found) {
    EXPECT_EQ(burst.arrival, "saturate");
    EXPECT_EQ(burst.warmup_ms, 0);
    EXPECT_EQ(burst.bytes, cell.bytes);
  }
  EXPECT_EQ(found[0].poll, "busy");
  EXPECT_EQ(found[0].consumers, "per_ring");
  EXPECT_EQ(found[1].poll, "after_window");
  EXPECT_EQ(found[1].consumers, "one") << "what after_window is allowed with";
  EXPECT_THAT(bursts(searched("transport = \"null\"")[0]), IsEmpty());
}

TEST(Bursts, LastLongEnoughToFillTheBuffer) {
  const auto small = bursts(searched("transport = \"ringbuf\"\nbytes = 4096")[0]);
  const auto large = bursts(searched("transport = \"ringbuf\"\nbytes = 67108864")[0]);
  EXPECT_EQ(small[0].duration_ms, 10);
  EXPECT_EQ(large[0].duration_ms, 2'000) << "2 us for each of a million records";
}

}  // namespace
}  // namespace ringbench
