// Trials of the kernel's own buffers: what only they can have.
#include <gtest/gtest.h>

#include <cmath>
#include <optional>
#include <variant>

#include "bench/trial/columns.hpp"
#include "bench/trial/entry.hpp"
#include "bench/trial/isolation.hpp"
#include "bench/trial/stamp_line.hpp"
#include "impls/kernel/kernel_perfbuf.hpp"
#include "impls/kernel/kernel_ringbuf.hpp"
#include "impls/payload.hpp"
#include "tests/bench/trial/short_trial.hpp"
#include "topology/affinity.hpp"

namespace ringbench {
namespace {

class KernelTrial : public WholeTrial {
 protected:
  void SetUp() override {
    if (const auto why = kernel::unavailable(); !why.empty()) GTEST_SKIP() << why;
  }
};

struct KernelStamps {
  void record(std::span<const std::byte> payload) {
    found.push_back(read_payload(payload, true).value().stamp);
  }
  void lost(std::uint64_t /*count*/) {}
  std::vector<std::uint64_t> found;
};

// Each event's stamp lies between the readings of our clock before and after its call, but for what
// the line says that it is wrong by.
template <class T>
void expect_stamps_between_readings(const Row& row) {
  Options options;
  for (const auto& spec : row.options) options[std::string(spec.key)] = spec.fallback;
  Geometry geometry;
  geometry.ring_bytes = 4'096;
  geometry.ring_of = {0};
  geometry.cpus = {machine().cpus.front().os};
  const auto spec = std::get<TrialSpec>(specified(short_cell(row.name)));
  const auto line = line_through(spec.clock.monotonic, read_monotonic(), spec.clock.hz);
  geometry.events = {.size = 16, .stamps = true, .line = line};
  T transport(geometry, options);
  pin_to(geometry.cpus[0]);
  auto producer = transport.producer(0);
  std::vector<std::pair<std::uint64_t, std::uint64_t>> around;
  for (unsigned i = 0; i < 100; ++i) {
    const auto before = begin_timing();
    producer.emit(i, 1);
    around.emplace_back(before, end_timing());
  }
  const auto error = error_of(line, read_monotonic()) + step_of(line);
  EXPECT_LT(static_cast<double>(error) / spec.clock.hz, 50e-6);
  KernelStamps stamps;
  transport.consume(0, stamps, 0);
  ASSERT_EQ(stamps.found.size(), 100U);
  for (std::size_t i = 0; i < 100; ++i) {
    EXPECT_GE(stamps.found[i] + error, around[i].first) << i;
    EXPECT_LE(stamps.found[i], around[i].second + error) << i;
  }
}

TEST_F(KernelTrial, StampsLieBetweenReadingsOfOurClock) {
  expect_stamps_between_readings<kernel_ringbuf::KernelRingbuf<kernel::Producer>>(
      kernel_ringbuf::row);
  expect_stamps_between_readings<kernel_perfbuf::KernelPerfbuf<kernel::Producer>>(
      kernel_perfbuf::row);
}

// 255 records of 8 bytes are what a ring of 4096 holds; all else is refused.
TEST_F(KernelTrial, AConsumerAfterTheWindowFindsAFullRing) {
  Cell cell = short_cell("kernel_ringbuf");
  cell.poll = "after_window";
  cell.record_size = 8;
  cell.bytes = 4'096;
  const auto result = run(cell);
  EXPECT_EQ(result.total().consumed, 255U);
  EXPECT_EQ(result.total().attempted - 255, result.total().tally.dropped());
  EXPECT_EQ(result.rings[0].peak_bytes, 255U * 16);
  EXPECT_GE(value("mapped_bytes", result), 2 * 4'096);
  EXPECT_EQ(result.producers[0].accepted_before_drop, 255U);
}

TEST_F(KernelTrial, ThePerfBuffersLossesAreItsDrops) {
  Cell cell = short_cell("kernel_perfbuf");
  cell.bytes = 4'096;
  const auto result =
      run_until(cell, [](const TrialResult& any) { return value("lost_marked", any) > 0; });
  EXPECT_GT(result.total().tally.dropped(), 0U);
  EXPECT_GT(value("lost_marked", result), 0);
  EXPECT_LE(value("lost_marked", result), static_cast<double>(result.total().tally.dropped()));
}

TEST_F(KernelTrial, BothTermsOfAnEventsCostAreKept) {
  for (const char* transport : {"kernel_null", "kernel_ringbuf", "kernel_perfbuf"}) {
    Cell cell = short_cell(transport);
    const auto result = run(cell);
    const auto call = value("call_cycles_p50", result),
               empty = value("empty_call_cycles_p50", result);
    ASSERT_TRUE(call && empty) << transport;
    EXPECT_GT(*empty, 0) << transport;
    EXPECT_GT(*call, *empty) << transport;
    EXPECT_FALSE(value("reserve_cycles_p50", result)) << "nobody can look inside a call";
    EXPECT_NEAR(static_cast<double>(result.distributions.call.count()) /
                    static_cast<double>(result.distributions.empty_call.count()),
                8, 0.5);
  }
}

TEST_F(KernelTrial, ASystemCallForEachEventKeepsARate) {
  Cell cell = short_cell("kernel_ringbuf");
  cell.options["driver"] = "syscall";
  cell.arrival = "constant";
  cell.rate = 20'000;
  cell.poll = "epoll";
  const auto due = 20'000 * 32e-3;
  const auto off = [&](const TrialResult& result) {
    return std::abs(static_cast<double>(result.total().attempted) - due);
  };
  const auto result = run_until(cell, [&](const TrialResult& any) { return off(any) < due * 0.2; });
  EXPECT_EQ(result.total().tally.dropped(), 0U);
  EXPECT_LT(off(result), due * 0.2);
}

}  // namespace
}  // namespace ringbench
