#include "bench/trial/record_sizes.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

#include "impls/payload.hpp"

namespace ringbench {
namespace {

using ::testing::ElementsAre;

constexpr double kSizesHz = 1e9;

Cell sized(const char* sizes, std::uint64_t size, std::uint64_t most = 1'024) {
  Cell cell;
  cell.producers = 2;
  cell.sizes = sizes;
  cell.record_size = size;
  cell.record_size_max = most;
  return cell;
}

std::vector<std::size_t> drawn(const RecordSizes& sizes, std::uint32_t producer = 0) {
  std::vector<std::size_t> all(kSizeTable);
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = sizes.of(producer, i);
  return all;
}

TEST(RecordSizes, OneSizeNeedsNoTable) {
  const auto sizes = record_sizes(sized("fixed", 65'000), 0, kSizesHz, 1);
  EXPECT_TRUE(sizes.table(0).empty());
  EXPECT_EQ(sizes.of(1, 123'456'789), 65'000U);
  EXPECT_EQ(sizes.smallest(), 65'000U);
}

TEST(RecordSizes, UniformHasEverySizeAsOftenUpToRounding) {
  const auto sizes = record_sizes(sized("uniform", 8, 71), 0, kSizesHz, 1);
  std::map<std::size_t, int> counts;
  for (const auto size : drawn(sizes)) ++counts[size];
  EXPECT_EQ(counts.size(), 64U);
  for (const auto& [size, count] : counts) EXPECT_EQ(count, 64) << size;
  EXPECT_EQ(sizes.smallest(), 8U);
  EXPECT_EQ(counts.rbegin()->first, 71U);
}

TEST(RecordSizes, UniformOfOneSizeIsThatSize) {
  const auto sizes = record_sizes(sized("uniform", 65'000, 65'000), 0, kSizesHz, 1);
  EXPECT_EQ(sizes.smallest(), 65'000U);
  EXPECT_EQ(std::ranges::max(drawn(sizes)), 65'000U);
}

// Median, and the share below each standard deviation of the logarithm (68.3 % within one).
TEST(RecordSizes, LognormalHasItsQuantiles) {
  Cell cell = sized("lognormal", 1'000, 65'000);
  cell.size_sigma = 0.7;
  auto sizes = drawn(record_sizes(cell, 0, kSizesHz, 1));
  std::ranges::sort(sizes);
  EXPECT_NEAR(static_cast<double>(sizes[kSizeTable / 2]), 1'000, 1);
  const auto share_below = [&](double z) {
    const auto bound = static_cast<std::size_t>(std::lround(1'000 * std::exp(0.7 * z)));
    return static_cast<double>(std::ranges::lower_bound(sizes, bound) - sizes.begin()) /
           static_cast<double>(kSizeTable);
  };
  EXPECT_NEAR(share_below(-2), 0.02275, 0.001);
  EXPECT_NEAR(share_below(-1), 0.15866, 0.001);
  EXPECT_NEAR(share_below(1), 0.84134, 0.001);
  EXPECT_NEAR(share_below(3), 0.99865, 0.0005);
  const double mean = static_cast<double>(std::accumulate(sizes.begin(), sizes.end(), 0UL)) /
                      static_cast<double>(kSizeTable);
  EXPECT_NEAR(mean, 1'000 * std::exp(0.7 * 0.7 / 2), 5);
}

TEST(RecordSizes, LognormalKeepsItsBounds) {
  Cell cell = sized("lognormal", 16, 40);
  cell.size_sigma = 10;
  const auto sizes = drawn(record_sizes(cell, 0, kSizesHz, 1));
  EXPECT_EQ(std::ranges::min(sizes), 8U);
  EXPECT_EQ(std::ranges::max(sizes), 40U);
}

TEST(RecordSizes, EmpiricalHasItsWeights) {
  Cell cell = sized("empirical", 64);
  cell.size_list = {
      "a", "1",
      std::make_shared<const SizeList>(SizeList{{512, 1}, {8, 6}, {64, 1e-9}, {1'000, 1}})};
  const auto sizes = record_sizes(cell, 0, kSizesHz, 1);
  std::map<std::size_t, int> counts;
  for (const auto size : drawn(sizes)) ++counts[size];
  EXPECT_EQ(counts[8], 3'072);
  EXPECT_EQ(counts[512], 512);
  EXPECT_EQ(counts[1'000], 512);
  EXPECT_EQ(counts[64], 0) << "less than one part in 4096";
}

TEST(RecordSizes, EachProducerHasItsOwnOrderOfTheSameSizes) {
  const Cell cell = sized("uniform", 8);
  const auto sizes = record_sizes(cell, 0, kSizesHz, 7);
  auto first = drawn(sizes, 0);
  auto second = drawn(sizes, 1);
  EXPECT_NE(first, second);
  EXPECT_EQ(first, drawn(record_sizes(cell, 0, kSizesHz, 7), 0)) << "the seed says it";
  EXPECT_NE(first, drawn(record_sizes(cell, 0, kSizesHz, 8), 0));
  std::ranges::sort(first);
  std::ranges::sort(second);
  EXPECT_EQ(first, second);
}

// A record tells its sequence modulo something that hangs on its size: the table has to agree.
TEST(RecordSizes, ATablesLengthDividesEveryModulus) {
  for (const std::size_t size : {8, 15, 16, 64}) {
    for (const bool stamps : {true, false}) {
      EXPECT_EQ(sequence_modulus(size, stamps) % kSizeTable, 0U);
    }
  }
}

TEST(RecordSizes, OfATraceAreThoseOfItsEvents) {
  Cell cell;
  cell.producers = 2;
  cell.arrival = "trace";
  Trace trace;
  trace.events = {{0, 0, 8}, {1, 1, 100}, {2, 0, 16}};
  trace.has_sizes = trace.names_producers = true;
  trace.period_us = 3;
  cell.trace = {"t", "1", std::make_shared<const Trace>(trace)};
  const auto sizes = record_sizes(cell, 6'000, kSizesHz, 1);  // two rounds
  EXPECT_THAT(sizes.table(0), ElementsAre(8, 16, 8, 16));
  EXPECT_THAT(sizes.table(1), ElementsAre(100, 100));
  EXPECT_EQ(sizes.smallest(), 8U);
  const auto empty = record_sizes(cell, 500, kSizesHz, 1);
  EXPECT_EQ(empty.table(1).size(), 1U) << "a producer without events has a size too";
}

}  // namespace
}  // namespace ringbench
