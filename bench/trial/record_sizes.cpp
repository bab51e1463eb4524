#include "bench/trial/record_sizes.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <numbers>
#include <random>

#include "bench/trial/trace_replay.hpp"

namespace ringbench {
namespace {

using Table = RecordSizes::Table;

// Keeps the sizes' random numbers apart from those of the arrivals, which have the same seed.
constexpr std::uint64_t kSizesSalt = 0x9E37'79B9'7F4A'7C15;

// In the middle of the i-th of so many equal parts of [0, 1].
double quantile(std::size_t i) {
  return (static_cast<double>(i) + 0.5) / static_cast<double>(kSizeTable);
}

Table uniform(const Cell& cell) {
  Table table(kSizeTable);
  const auto range = static_cast<double>(cell.record_size_max - cell.record_size + 1);
  for (std::size_t i = 0; i < table.size(); ++i) {
    const auto above = static_cast<std::uint64_t>(quantile(i) * range);
    table[i] = static_cast<std::uint16_t>(cell.record_size + above);
  }
  return table;
}

double normal_cdf(double z) {
  return 0.5 * std::erfc(-z / std::numbers::sqrt2);
}
double normal_density(double z) {
  return std::exp(-z * z / 2) * std::numbers::inv_sqrtpi / std::numbers::sqrt2;
}

// Where the normal distribution reaches p, above 0.5, by Newton's method from a point below: the
// distribution is concave there, so that no step goes too far.
double normal_quantile(double p, double below) {
  double z = below;
  for (int step = 0; step < 12; ++step) z += (p - normal_cdf(z)) / normal_density(z);
  return z;
}

Table lognormal(const Cell& cell) {
  Table table(kSizeTable);
  const auto size_at = [&](double z) {
    const double size = static_cast<double>(cell.record_size) * std::exp(cell.size_sigma * z);
    return static_cast<std::uint16_t>(std::lround(
        std::clamp(size, double{kMinRecordSize}, static_cast<double>(cell.record_size_max))));
  };
  double z = 0;
  for (std::size_t i = kSizeTable / 2; i < kSizeTable; ++i) {
    z = normal_quantile(quantile(i), z);
    table[i] = size_at(z);
    table[kSizeTable - 1 - i] = size_at(-z);  // the distribution of z is symmetric
  }
  return table;
}

Table empirical(const SizeList& list) {
  Table table(kSizeTable);
  double all = 0;
  for (const auto& [size, weight] : list) all += weight;
  std::size_t at = 0;
  double up_to = list[0].weight;
  for (std::size_t i = 0; i < table.size(); ++i) {
    while (at + 1 < list.size() && up_to <= quantile(i) * all) up_to += list[++at].weight;
    table[i] = list[at].size;
  }
  return table;
}

// std::shuffle may differ between libraries; this one is the same everywhere (Fisher and Yates).
void shuffle(Table& table, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  for (std::size_t i = table.size(); i > 1; --i) std::swap(table[i - 1], table[random() % i]);
}

// A producer without events still has a size.
RecordSizes traced_sizes(const Cell& cell, double length, double tick_hz) {
  std::vector<Table> tables(cell.producers);
  replay(*cell.trace, cell.producers, length, tick_hz,
         [&](std::uint64_t producer, std::uint64_t /*due*/, std::uint16_t size) {
           tables[producer].push_back(size);
         });
  for (auto& table : tables) {
    table.resize(std::bit_ceil(std::max<std::size_t>(table.size(), 1)),
                 cell.trace->events.front().size);
  }
  return RecordSizes(std::move(tables));
}

}  // namespace

RecordSizes::RecordSizes(std::vector<Table> tables) {
  smallest_ = kMaxRecordSize;
  for (const auto& table : tables) {
    smallest_ = std::min<std::size_t>(smallest_, std::ranges::min(table));
  }
  tables_ = std::make_shared<const std::vector<Table>>(std::move(tables));
}

RecordSizes record_sizes(const Cell& cell, std::uint64_t length_ticks, double tick_hz,
                         std::uint64_t seed) {
  if (cell.sizes_traced()) return traced_sizes(cell, static_cast<double>(length_ticks), tick_hz);
  if (cell.sizes == "fixed") return cell.record_size;
  const Table sorted = cell.sizes == "uniform"     ? uniform(cell)
                       : cell.sizes == "lognormal" ? lognormal(cell)
                                                   : empirical(*cell.size_list);
  std::vector<Table> tables(cell.producers, sorted);
  for (std::size_t p = 0; p < tables.size(); ++p) shuffle(tables[p], (seed ^ kSizesSalt) + p);
  return RecordSizes(std::move(tables));
}

}  // namespace ringbench
