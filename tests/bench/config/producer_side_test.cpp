// What a config may say of how producers make their events, and what of it makes no sense.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "bench/config/config.hpp"
#include "bench/config/parameters.hpp"

namespace ringbench {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

Config parsed(const std::string& lines) {
  return parse_config("[matrix]\n" + lines, "c.toml", 4);
}

std::string only_error(const std::string& lines) {
  try {
    parsed(lines);
  } catch (const ConfigError& error) {
    EXPECT_THAT(error.errors(), SizeIs(1));
    return error.errors().front();
  }
  ADD_FAILURE() << "not refused: " << lines;
  return {};
}

const std::string kRing = "transport = \"ringbuf\"\n";
const std::string kChain = kRing + "arrival = \"chain\"\n";
const std::string kRace = kRing + "arrival = \"race\"\n";

TEST(ProducerSideKeys, WhatMakesNoSenseIsRefused) {
  EXPECT_THAT(only_error(kChain), HasSubstr("nobody to hand its events to"));
  EXPECT_THAT(only_error(kChain + "producers = 2\nrecord_size = 31"),
              HasSubstr("a record_size of 32 or more"));
  EXPECT_THAT(only_error(kChain + "producers = 2\nsizes = \"uniform\""),
              HasSubstr("sizes = \"fixed\""));
  EXPECT_THAT(only_error(kRace), HasSubstr("nobody to race with"));
  EXPECT_THAT(only_error(kRing + "arrival = \"constant\"\nhold_us = 2000\nhold_every_ms = 2"),
              HasSubstr("allowed: hold_us below hold_every_ms"));
  EXPECT_THAT(only_error(kChain + "producers = 2\nrate = 1e6\nduration_ms = 3600000"),
              HasSubstr("due times"));
}

TEST(ProducerSideKeys, CountOnlyWhereTheyMeanSomething) {
  const std::string unused = "no cell uses";
  EXPECT_THAT(only_error(kRing + "hold_us = 10"), HasSubstr(unused));
  EXPECT_THAT(only_error(kRing + "chain_length = 4"), HasSubstr(unused));
  EXPECT_THAT(only_error(kRing + "probe = \"both_ends\""), HasSubstr(unused));
  EXPECT_THAT(only_error(kRace + "producers = 2\nrate = 10"), HasSubstr(unused));
  EXPECT_THAT(only_error(kRace + "producers = 2\nfill = \"scratch\""), HasSubstr(unused));
  EXPECT_THAT(only_error(kChain + "producers = 2\nabandon_every = 8"), HasSubstr(unused));
}

TEST(ProducerSideKeys, ThatChangeWhatAnEventIsAreAskedForOneAtATime) {
  const std::string both = "found several of fill";
  EXPECT_THAT(only_error(kRing + "fill = \"scratch\"\nabandon_every = 8"), HasSubstr(both));
  EXPECT_THAT(only_error(kRing + "fill = \"scratch\"\ncounter = true"), HasSubstr(both));
  EXPECT_THAT(only_error(kRing + "abandon_every = 8\nsizes = \"uniform\""), HasSubstr(both));
  EXPECT_TRUE(parsed(kRing + "fill = \"scratch\"").cells.size() == 1);
}

TEST(ProducerSideKeys, AreNotForBuffersThatMakeTheirEventsThemselves) {
  const std::string kernel = "transport = \"kernel_ringbuf\"\n";
  for (const std::string line : {"fill = \"scratch\"", "abandon_every = 4"}) {
    EXPECT_THAT(only_error(kernel + line), HasSubstr("transports of this program")) << line;
  }
  EXPECT_THAT(only_error(kernel + "arrival = \"constant\"\nhold_us = 4"),
              HasSubstr("transports of this program"));
}

TEST(ProducerSideKeys, AreSilentAtTheirDefault) {
  const auto plain = parsed(kRing + "arrival = \"constant\"").cells;
  const auto stated = parsed(kRing +
                             "arrival = \"constant\"\nfill = \"in_place\"\n"
                             "abandon_every = 0\nhold_us = 0")
                          .cells;
  ASSERT_THAT(plain, SizeIs(1));
  ASSERT_THAT(stated, SizeIs(1));
  EXPECT_EQ(id_of(plain[0]), id_of(stated[0]));
  EXPECT_NE(id_of(plain[0]), id_of(parsed(kRing + "arrival = \"constant\"\nhold_us = 5").cells[0]));
}

}  // namespace
}  // namespace ringbench
