// What the compiler enforces, and what a row of the list must be.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <stdexcept>
#include <string>
#include <type_traits>

#include "impls/list.hpp"
#include "impls/transport.hpp"
#include "tests/source_dir.hpp"

namespace ringbench::conformance {
namespace {

// The least that a SplitProducer has to be.
struct Producer {
  Reservation<Producer> reserve(std::uint32_t size) {
    if (size > sizeof memory) return {*this, Drop::too_big};
    return {*this, memory, size};
  }
  void commit(std::byte* payload, std::uint32_t size) { committed = {payload, size}; }
  void discard(std::byte* payload, std::uint32_t size) { discarded = {payload, size}; }

  Tally tally;
  std::byte memory[16]{};
  std::pair<std::byte*, std::uint32_t> committed{};
  std::pair<std::byte*, std::uint32_t> discarded{};
};
static_assert(SplitProducer<Producer>);
static_assert(!std::is_copy_constructible_v<Reservation<Producer>>);
static_assert(!std::is_move_constructible_v<Reservation<Producer>>);
static_assert(!std::is_copy_assignable_v<Reservation<Producer>>);
static_assert(!std::is_move_assignable_v<Reservation<Producer>>);
static_assert(
    !std::is_convertible_v<Reservation<Producer>, bool>);  // only where a condition is asked for

TEST(Reservation, CommitsOnceAndNotAgainAtTheEndOfItsScope) {
  Producer producer;
  {
    auto reservation = producer.reserve(12);
    ASSERT_TRUE(reservation);
    EXPECT_EQ(reservation.payload().size(), 12U);
    EXPECT_EQ(reservation.data(), producer.memory);
    reservation.commit();
    EXPECT_FALSE(reservation);
  }
  EXPECT_EQ(producer.committed, std::pair(producer.memory + 0, 12U));
  EXPECT_EQ(producer.discarded.first, nullptr);
  EXPECT_EQ(producer.tally,
            (Tally{.committed = 1, .discarded = 0, .drops = {}, .notifications = 0}));
}

TEST(Reservation, IsDiscardedAtTheEndOfItsScope) {
  Producer producer;
  { const auto reservation = producer.reserve(5); }
  EXPECT_EQ(producer.discarded, std::pair(producer.memory + 0, 5U));
  EXPECT_EQ(producer.tally.discarded, 1U);
  EXPECT_EQ(producer.tally.committed, 0U);
}

TEST(Reservation, ARefusalCountsItsCauseAndDiscardsNothing) {
  Producer producer;
  EXPECT_EQ(producer.reserve(17).cause(), Drop::too_big);
  EXPECT_EQ(producer.tally.drops, (std::array<std::uint64_t, 4>{0, 0, 1, 0}));
  EXPECT_EQ(producer.tally.dropped(), 1U);
  EXPECT_EQ(producer.tally.discarded, 0U);
}

// Compiles a caller of reserve() with warnings as errors, and says whether the compiler took it.
bool compiles(const std::string& call) {
  const auto file = std::filesystem::path(testing::TempDir()) / "ringbench_reserve.cpp";
  std::ofstream(file) << "#include \"impls/transport.hpp\"\n"
                         "template <ringbench::SplitProducer P> void produce(P& producer) {"
                      << call
                      << "}\n"
                         "struct P {\n"
                         "  ringbench::Reservation<P> reserve(std::uint32_t);\n"
                         "  void commit(std::byte*, std::uint32_t);\n"
                         "  void discard(std::byte*, std::uint32_t);\n"
                         "  ringbench::Tally tally;\n"
                         "};\n"
                         "template void produce<P>(P&);\n";
  const auto command = std::string(RINGBENCH_CXX) + " -std=c++20 -Wall -Werror -fsyntax-only -I" +
                       source_dir() + " " + file.string() + " 2>/dev/null";
  const bool compiled = std::system(command.c_str()) == 0;
  std::filesystem::remove(file);
  return compiled;
}

TEST(Reservation, CannotBeIgnored) {
  ASSERT_TRUE(
      compiles("auto reservation = producer.reserve(8); if (reservation) reservation.commit();"))
      << "the check itself is broken";
  EXPECT_FALSE(compiles("producer.reserve(8);"));
}

TEST(Reservation, CannotBeMoved) {
  EXPECT_FALSE(compiles("auto first = producer.reserve(8); auto second = std::move(first);"));
}

TEST(Options, OneThatWasNotResolvedIsAnErrorOfTheProgram) {
  const OptionSpec spec{.key = "missing", .summary = "", .fallback = ""};
  EXPECT_THROW(option({}, spec), std::logic_error);
  EXPECT_THROW(number({}, spec), std::logic_error);
}

TEST(Options, ANumberIsAllDigits) {
  const OptionSpec spec{.key = "n", .summary = "", .fallback = ""};
  EXPECT_EQ(number({{"n", "18446744073709551615"}}, spec), UINT64_MAX);
  for (const char* text : {"", "-1", "1 ", "0x10", "18446744073709551616"}) {
    EXPECT_THROW(number({{"n", text}}, spec), std::logic_error) << text;
  }
}

class EveryRow : public testing::TestWithParam<const Row*> {};
INSTANTIATE_TEST_SUITE_P(List, EveryRow,
                         testing::ValuesIn(transports().begin(), transports().end()),
                         [](const auto& row) { return std::string(row.param->name); });

TEST_P(EveryRow, IsFoundByItsNameAlone) {
  EXPECT_EQ(find_transport(GetParam()->name), GetParam());
  EXPECT_EQ(find_transport(std::string(GetParam()->name) + "x"), nullptr);
}

TEST_P(EveryRow, SaysWhatItIs) {
  EXPECT_FALSE(GetParam()->summary.empty());
  ASSERT_NE(GetParam()->unavailable, nullptr);
  ASSERT_NE(GetParam()->refuse, nullptr);
}

TEST_P(EveryRow, ItsOptionsHaveDistinctKeysAndAllowedFallbacks) {
  std::set<std::string_view> keys;
  for (const auto& spec : GetParam()->options) {
    EXPECT_TRUE(keys.insert(spec.key).second) << spec.key;
    EXPECT_FALSE(spec.summary.empty()) << spec.key;
    if (!spec.allowed.empty()) {
      EXPECT_NE(std::ranges::find(spec.allowed, spec.fallback), spec.allowed.end()) << spec.key;
      continue;
    }
    EXPECT_LT(spec.min, spec.max) << spec.key;
    const auto fallback = number({{std::string(spec.key), std::string(spec.fallback)}}, spec);
    EXPECT_TRUE(fallback >= spec.min && fallback <= spec.max) << spec.key;
  }
}

TEST(List, HasNoTwoRowsOfOneName) {
  std::set<std::string_view> names;
  for (const Row* row : transports()) EXPECT_TRUE(names.insert(row->name).second) << row->name;
  EXPECT_EQ(find_transport(""), nullptr);
}

}  // namespace
}  // namespace ringbench::conformance
