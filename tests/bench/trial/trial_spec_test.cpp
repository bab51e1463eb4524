#include "bench/trial/trial_spec.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <variant>

#include "bench/config/matrix.hpp"
#include "tests/bench/trial/short_trial.hpp"

namespace ringbench {
namespace {

TEST(Specify, RefusesRingsSmallerThanAPage) {
  auto cell = short_cell("perfbuf");
  cell.producers = 2;
  cell.bytes = 4'096;
  resolve(cell);
  const auto found = specify(cell, machine_from_synthetic("core:4 pu:1"));
  ASSERT_TRUE(std::holds_alternative<Refusal>(found));
  EXPECT_THAT(std::get<Refusal>(found).why, ::testing::HasSubstr("give at least 8192 bytes"));
}

TEST(Specify, DividesTheTotalOverTheRings) {
  auto cell = short_cell("perfbuf");
  cell.producers = 3;
  cell.bytes = 1 << 20;
  resolve(cell);
  const auto four = machine_from_synthetic("core:4 pu:1");
  EXPECT_EQ(std::get<TrialSpec>(specify(cell, four)).ring_bytes, std::size_t{1} << 18)
      << "rounded down to a power of two";
  cell.bytes_are = "per_ring";
  EXPECT_EQ(std::get<TrialSpec>(specify(cell, four)).ring_bytes, std::size_t{1} << 20);
  EXPECT_EQ(std::get<TrialSpec>(specify(cell, four)).rings, 3U);
}

}  // namespace
}  // namespace ringbench
