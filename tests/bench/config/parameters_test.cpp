#include "bench/config/parameters.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "bench/config/matrix.hpp"
#include "impls/list.hpp"

namespace ringbench {
namespace {

Cell cell_of(const std::string& transport) {
  Cell cell;
  cell.transport = transport;
  resolve(cell);
  return cell;
}

Value value_of(std::string_view key, const Cell& cell) {
  return value_of(*find_parameter(key), cell);
}

TEST(Parameters, KeysAreUniqueAndFound) {
  std::set<std::string_view> keys;
  for (const auto& parameter : parameters()) {
    EXPECT_TRUE(keys.insert(parameter.key).second) << parameter.key;
    EXPECT_EQ(find_parameter(parameter.key), &parameter);
    EXPECT_FALSE(parameter.summary.empty()) << parameter.key;
  }
  EXPECT_EQ(find_parameter("transport"), nullptr);
}

TEST(Parameters, DefaultsAreAllowed) {
  const Cell cell;
  for (const auto& parameter : parameters()) {
    const Setting setting = setting_of(parameter, cell);
    if (const auto* word = std::get_if<std::string>(&setting)) {
      EXPECT_EQ(std::ranges::count(parameter.allowed, *word), 1) << parameter.key;
    } else if (const auto* count = std::get_if<std::uint64_t>(&setting)) {
      EXPECT_GE(static_cast<double>(*count), parameter.min) << parameter.key;
      EXPECT_LE(static_cast<double>(*count), parameter.max) << parameter.key;
    } else if (const auto* number = std::get_if<double>(&setting)) {
      EXPECT_TRUE(*number >= parameter.min && *number <= parameter.max) << parameter.key;
    }
  }
}

TEST(Parameters, ScopeIsStatedExactlyWhereAParameterMayNotApply) {
  // Saturated, without rings, placed by policy: none of the parameters with a scope applies, but
  // these.
  const std::set<std::string_view> but{"sample_every", "record_size", "sizes", "fill",
                                       "abandon_every"};
  const Cell cell = cell_of("null");
  for (const auto& parameter : parameters()) {
    const bool always = parameter.scope.empty() || but.contains(parameter.key);
    EXPECT_EQ(parameter.applies(cell), always) << parameter.key;
  }
}

TEST(Parameters, AllowedIsSaidInWords) {
  EXPECT_EQ(allowed_of(*find_parameter("bytes_are")), "\"total\" or \"per_ring\"");
  EXPECT_EQ(allowed_of(*find_parameter("record_size")), "an integer from 8 to 65000 (bytes)");
  EXPECT_EQ(allowed_of(*find_parameter("bytes")),
            "a power of two from 4096 to 68719476736 (bytes)");
  EXPECT_EQ(allowed_of(*find_parameter("rate")), "a number from 0.001 to 1000000000 (1/s)");
  EXPECT_EQ(allowed_of(*find_parameter("stamps")), "true or false");
  EXPECT_EQ(integer_range(0, 0x1p63, false, ""), "an integer from 0 to 9223372036854775807");
}

TEST(Parameters, DefaultsAreSpelt) {
  EXPECT_EQ(default_of(*find_parameter("bytes")), "1048576");
  EXPECT_EQ(default_of(*find_parameter("rate")), "100000");
  EXPECT_EQ(default_of(*find_parameter("stamps")), "true");
  EXPECT_EQ(default_of(*find_parameter("cpus")), "");
}

TEST(Parameters, WhatDoesNotApplyIsNull) {
  const Cell saturated = cell_of("ringbuf");
  EXPECT_EQ(value_of("rate", saturated), Value{std::monostate{}});
  EXPECT_EQ(value_of("sample_every", saturated), Value{std::int64_t{128}});
  EXPECT_EQ(value_of("cpus", saturated), Value{std::monostate{}});
  EXPECT_EQ(value_of("bytes", cell_of("null")), Value{std::monostate{}});

  Cell bursty = saturated;
  bursty.arrival = "bursty";
  EXPECT_EQ(value_of("rate", bursty), Value{100'000.0});
  EXPECT_EQ(value_of("burst_width", bursty), Value{std::int64_t{1}});
  EXPECT_EQ(value_of("sample_every", bursty), Value{std::monostate{}});
}

TEST(Parameters, ValuesHaveTheColumnsTypes) {
  Cell cell = cell_of("perfbuf");
  cell.placement = "explicit";
  cell.cpus = {3, 0, 12};
  EXPECT_EQ(value_of("cpus", cell), Value{std::string("3+0+12")});
  EXPECT_EQ(value_of("stamps", cell), Value{std::int64_t{1}});
  EXPECT_EQ(value_of("warmup_ms", cell), Value{20.0});
  EXPECT_EQ(value_of("poll", cell), Value{std::string("busy")});
}

TEST(Parameters, NameSaysTheFixedPartAndWhatDiffers) {
  EXPECT_EQ(name_of(cell_of("null")), "null/producers:1/record_size:64");
  Cell cell = cell_of("ringbuf");
  EXPECT_EQ(name_of(cell), "ringbuf/producers:1/bytes:1048576/record_size:64");

  cell.options["lock"] = "ttas";
  cell.producers = 2;
  cell.placement = "explicit";
  cell.cpus = {0, 2};
  cell.arrival = "poisson";
  cell.rate = 2.5e6;
  cell.stamps = false;
  cell.warmup_ms = 0.5;
  EXPECT_EQ(
      name_of(cell),
      "ringbuf/producers:2/bytes:1048576/record_size:64/lock:ttas/placement:explicit/cpus:0+2/"
      "arrival:poisson/rate:2500000/stamps:false/warmup_ms:0.5");
}

TEST(Parameters, NameLeavesOutAnOptionWithoutAMeaning) {
  Cell cell;
  cell.transport = "hybrid";
  cell.producers = 4;
  cell.options["mapping"] = "per_core";
  resolve(cell);
  EXPECT_EQ(name_of(cell), "hybrid/producers:4/bytes:1048576/record_size:64/mapping:per_core");
}

TEST(Parameters, NumbersAreSpeltWithoutLoss) {
  EXPECT_EQ(text_of(Setting{0.1}), "0.1");
  EXPECT_EQ(text_of(Setting{100'000.0}), "100000");
  EXPECT_EQ(text_of(Setting{1e9}), "1000000000");
  EXPECT_EQ(text_of(Setting{std::nextafter(0.1, 1.0)}), "0.10000000000000002");
  EXPECT_EQ(text_of(Setting{std::vector<unsigned>{}}), "");
}

// The same on every machine and every day: a change here makes every store's cells strangers to the
// next. Computed apart from this program, as FNV-1a over "transport=null\nproducers=1\n..." in the
// order of the table.
TEST(Parameters, IdsAreFixed) {
  EXPECT_EQ(id_of(cell_of("null")), "bc4981209c889de3");
  Cell cell;
  cell.transport = "ringbuf";
  cell.options = {{"lock", "ttas"}, {"overwrite", "on"}};
  cell.producers = 2;
  cell.placement = "explicit";
  cell.cpus = {0, 2};
  cell.poll = "epoll";
  cell.bytes = 4096;
  cell.arrival = "bursty";
  cell.rate = 1.5;
  EXPECT_EQ(id_of(cell), "637cd9cf1cf67558");
  // What came later says nothing while it is at its fallback.
  cell.options["commit"] = "xchg";
  cell.options["accounting"] = "none";
  EXPECT_EQ(id_of(cell), "637cd9cf1cf67558");
  cell.options["accounting"] = "shared";
  EXPECT_NE(id_of(cell), "637cd9cf1cf67558");
}

Cell changed(const Parameter& parameter, Cell cell) {
  struct Change {
    Setting operator()(const std::string& word) const { return word + "x"; }
    Setting operator()(std::uint64_t count) const { return count + 1; }
    Setting operator()(double number) const { return number + 1; }
    Setting operator()(bool on) const { return !on; }
    Setting operator()(const std::vector<unsigned>&) const { return std::vector<unsigned>{7}; }
    Setting operator()(const FromFile<Trace>&) const { return FromFile<Trace>{"a", "1", {}}; }
    Setting operator()(const FromFile<SizeList>&) const { return FromFile<SizeList>{"a", "1", {}}; }
  };
  assign(parameter, cell, std::visit(Change{}, setting_of(parameter, cell)));
  return cell;
}

TEST(Parameters, IdDependsOnEveryParameterThatApplies) {
  Cell base = cell_of("ringbuf");
  base.placement = "explicit";
  base.producers = 2;
  std::set<std::string_view> applied;
  for (const char* arrival : {"saturate", "constant", "bursty", "trace", "chain", "race"}) {
    for (const char* sizes : {"fixed", "lognormal", "empirical"}) {
      for (const char* skew : {"even", "zipf", "moving_hot"}) {
        Cell cell = base;
        cell.arrival = arrival;
        cell.sizes = sizes;
        cell.skew = skew;
        cell.stall_ms = 1;
        cell.merge = "watermark";
        cell.hold_us = 1;
        for (const auto& parameter : parameters()) {
          const bool applies = parameter.applies(cell);
          if (applies) applied.insert(parameter.key);
          EXPECT_EQ(id_of(changed(parameter, cell)) != id_of(cell), applies) << parameter.key;
        }
      }
    }
  }
  EXPECT_EQ(applied.size(), parameters().size());
  Cell other = base;
  other.options["notify"] = "always";
  EXPECT_NE(id_of(other), id_of(base));
}

}  // namespace
}  // namespace ringbench
