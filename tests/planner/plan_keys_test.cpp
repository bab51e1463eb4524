#include "planner/plan_keys.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <set>

namespace ringbench::planner {
namespace {

constexpr std::array<std::string_view, 5> kUnits{"records/s", "bytes", "us", "1/s", "CPUs"};

TEST(PlanKeys, EachInputHasOneKeyAndEachKeyItsInput) {
  std::set<std::string_view> names;
  std::set<std::size_t> members;
  const Inputs inputs;
  for (const auto& input : input_keys()) {
    names.insert(input.key);
    members.insert(static_cast<std::size_t>(reinterpret_cast<const char*>(&(inputs.*input.member)) -
                                            reinterpret_cast<const char*>(&inputs)));
  }
  EXPECT_EQ(names.size(), input_keys().size());
  EXPECT_EQ(members.size(), input_keys().size());
  EXPECT_EQ(members.size() * sizeof(double), sizeof(Inputs)) << "an input that no plan can state";
}

TEST(PlanKeys, SayWhatTheyAreAndWhatWouldTellThem) {
  for (const auto& input : input_keys()) {
    EXPECT_NE(input.key.find('.'), std::string_view::npos) << input.key;
    EXPECT_FALSE(input.summary.empty()) << input.key;
    EXPECT_FALSE(input.settled_by.empty()) << input.key;
    EXPECT_LT(input.min, input.max) << input.key;
    const bool known = input.unit.empty() || input.unit == "ns" ||
                       std::ranges::find(kUnits, input.unit) != kUnits.end();
    EXPECT_TRUE(known) << input.unit;
    if (input.unit == "ns" || input.unit == "us") {
      EXPECT_TRUE(input.key.ends_with("_" + std::string(input.unit)) ||
                  input.key.find("ns_per_") != std::string_view::npos)
          << input.key;
    }
  }
}

TEST(PlanKeys, WhatIsAssumedMayBeStatedToo) {
  for (const auto& input : input_keys()) {
    if (!input.fallback) continue;
    EXPECT_GE(input.fallback->low, input.min) << input.key;
    EXPECT_LE(input.fallback->low, input.fallback->value) << input.key;
    EXPECT_LE(input.fallback->value, input.fallback->high) << input.key;
    EXPECT_LE(input.fallback->high, input.max) << input.key;
  }
}

TEST(PlanKeys, OfTheWorkloadNothingIsAssumed) {
  for (const auto* key : {"source.rate_per_cpu", "source.record_size", "consumer.ns_per_record"})
    EXPECT_FALSE(find_input_key(key)->fallback) << key;
}

TEST(PlanKeys, AreFoundByName) {
  EXPECT_EQ(find_input_key("latency.l3_ns")->member, &Inputs::l3_ns);
  EXPECT_EQ(find_input_key("latency.l4_ns"), nullptr);
  EXPECT_EQ(find_input_key("l3_ns"), nullptr);
}

}  // namespace
}  // namespace ringbench::planner
