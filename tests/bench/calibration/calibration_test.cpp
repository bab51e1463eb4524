#include "bench/calibration/calibration.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "bench/calibration/calibration_text.hpp"

namespace ringbench {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::vector<unsigned> all_cpus(const Machine& machine) {
  std::vector<unsigned> cpus;
  for (const Cpu& cpu : machine.cpus) cpus.push_back(cpu.os);
  std::ranges::sort(cpus);
  return cpus;
}

// As plan_calibration() has it, but for a machine that is only described.
CalibrationPlan plan_for(const Machine& machine, std::vector<unsigned> cpus) {
  CalibrationPlan plan;
  plan.pairs = representative_pairs(machine, cpus);
  plan.cpus = std::move(cpus);
  plan.clock.invariant = true;
  plan.clock.hz = 2e9;
  for (std::size_t i = 0; i < plan.pairs.size(); ++i)
    plan.offsets.push_back({static_cast<std::int64_t>(10 * i), 100});
  plan.slice_s = 1e-3;
  plan.watch_s = 10e-3;
  return plan;
}

// The latency of a pair says how near it is: 10 ns, 20 ns, ...; and so does its number of moves.
CalibrationRound round_of(const Machine& machine, const CalibrationPlan& plan, double factor = 1) {
  CalibrationRound round;
  for (const CalibratedKey& key : calibrated_keys()) {
    if (key.key.starts_with("latency.") || key.key == "producer.moves") continue;
    if (key.needs_pair && plan.pairs.empty()) continue;
    round.values[std::string(key.key)] = 25 * factor;
  }
  for (const auto& [a, b] : plan.pairs) {
    const auto near = static_cast<double>(nearness(*machine.find(a), *machine.find(b)));
    round.latency_ns.push_back(10 * (near + 1) * factor);
    round.moves.push_back(5 + near);
  }
  round.stalls.watched_s = 1;
  return round;
}

std::vector<CalibrationRound> rounds_of(const Machine& machine, const CalibrationPlan& plan,
                                        std::size_t count = 9) {
  return std::vector(count, round_of(machine, plan));
}

const CalibratedInput* find(const Calibration& found, std::string_view key) {
  const auto at = std::ranges::find_if(
      found.inputs, [&](const CalibratedInput& input) { return input.key.key == key; });
  return at == found.inputs.end() ? nullptr : &*at;
}
const Missing* find_missing(const Calibration& found, std::string_view key) {
  const auto at = std::ranges::find(found.missing, key, &Missing::key);
  return at == found.missing.end() ? nullptr : &*at;
}

// Two packages of two nodes of two L3 of two cores of two threads: every nearness is there.
Machine deep_machine() {
  return machine_from_synthetic("package:2 node:2 l3:2 core:2 pu:2");
}

TEST(Calibration, EveryKeyIsEitherMeasuredOrMissing) {
  for (const char* words : {"package:2 node:2 l3:2 core:2 pu:2", "core:2 pu:1", "core:1 pu:1"}) {
    const Machine machine = machine_from_synthetic(words);
    const auto plan = plan_for(machine, all_cpus(machine));
    const auto found = summarise(machine, plan, rounds_of(machine, plan));
    std::multiset<std::string> keys;
    for (const auto& input : found.inputs) keys.insert(std::string(input.key.key));
    for (const auto& missing : found.missing) keys.insert(missing.key);
    std::multiset<std::string> expected;
    for (const auto& key : calibrated_keys()) expected.insert(std::string(key.key));
    EXPECT_EQ(keys, expected) << words;
  }
}

TEST(Calibration, EachClassHasTheLatencyOfItsPairs) {
  const Machine machine = deep_machine();
  const auto plan = plan_for(machine, all_cpus(machine));
  const auto found = summarise(machine, plan, rounds_of(machine, plan));
  EXPECT_TRUE(found.missing.empty());
  double expected = 10;
  for (const char* key : {"latency.core_ns", "latency.l3_ns", "latency.node_ns",
                          "latency.package_ns", "latency.machine_ns"}) {
    const auto* input = find(found, key);
    ASSERT_NE(input, nullptr) << key;
    EXPECT_DOUBLE_EQ(input->estimate.value, expected) << key;
    expected += 10;
  }
  ASSERT_EQ(found.pairs.size(), plan.pairs.size());
  for (const auto& pair : found.pairs) {
    EXPECT_DOUBLE_EQ(pair.latency_ns.value, 10 * (static_cast<double>(pair.nearness) + 1));
    EXPECT_DOUBLE_EQ(pair.moves->value, 5 + static_cast<double>(pair.nearness));
  }
  EXPECT_DOUBLE_EQ(found.pairs[1].offset_ns, 5) << "10 ticks at 2 GHz";
  EXPECT_DOUBLE_EQ(found.pairs[1].offset_bound_ns, 50);
}

TEST(Calibration, AManyCpuMachineIsCoveredByPairsThatStandForAll) {
  const Machine machine = machine_from_synthetic("package:2 node:2 l3:4 core:6 pu:2");
  const auto plan = plan_for(machine, all_cpus(machine));
  ASSERT_EQ(plan.cpus.size(), 192U);
  EXPECT_LE(plan.pairs.size(), 20U);
  EXPECT_LT(expected_seconds(plan), 0.5);
  EXPECT_TRUE(summarise(machine, plan, rounds_of(machine, plan)).missing.empty());
}

TEST(Calibration, OneCpuSaysWhatItTakesTwoFor) {
  const Machine machine = machine_from_synthetic("core:2 pu:1");
  const auto plan = plan_for(machine, {1});
  const auto found = summarise(machine, plan, rounds_of(machine, plan));
  EXPECT_TRUE(found.pairs.empty());
  for (const char* key : {"producer.alone_ns", "producer.outside_lock_ns", "consumer.ns_per_record",
                          "consumer.ns_per_poll"}) {
    EXPECT_NE(find(found, key), nullptr) << key;
  }
  for (const char* key : {"producer.moves", "producer.remote_cold_ns", "producer.notify_ns",
                          "consumer.wakeup_ns", "latency.l3_ns"}) {
    const auto* missing = find_missing(found, key);
    ASSERT_NE(missing, nullptr) << key;
    EXPECT_EQ(missing->why, "it takes two CPUs, and one alone was measured (CPU 1)");
    EXPECT_THAT(missing->mend, HasSubstr(std::string("state ") + key + " in the plan"));
  }
}

TEST(Calibration, AClassThatTheMachineDoesNotHaveIsMissing) {
  const Machine machine = machine_from_synthetic("package:1 node:1 l3:1 core:2 pu:1");
  const auto plan = plan_for(machine, all_cpus(machine));
  const auto found = summarise(machine, plan, rounds_of(machine, plan));
  EXPECT_NE(find(found, "latency.l3_ns"), nullptr);
  const auto* missing = find_missing(found, "latency.machine_ns");
  ASSERT_NE(missing, nullptr);
  EXPECT_EQ(missing->why, "no two of the CPUs that were measured (0-1) are in different packages");
  EXPECT_EQ(missing->mend,
            "calibrate on a machine with two packages, or state latency.machine_ns in the plan");
}

TEST(Calibration, WhatABusyMachineDidNotGiveIsMissing) {
  const Machine machine = machine_from_synthetic("core:2 pu:1");
  const auto plan = plan_for(machine, all_cpus(machine));
  auto rounds = rounds_of(machine, plan, 12);
  for (std::size_t i = 4; i < rounds.size(); ++i) {
    rounds[i].values.erase("consumer.wakeup_ns");
    rounds[i].moves = {std::nullopt};
  }
  const auto found = summarise(machine, plan, rounds);
  EXPECT_EQ(find(found, "consumer.wakeup_ns"), nullptr);
  EXPECT_THAT(find_missing(found, "consumer.wakeup_ns")->why, HasSubstr("4 of 12 rounds"));
  EXPECT_NE(find_missing(found, "producer.moves"), nullptr);
  ASSERT_EQ(found.pairs.size(), 1U);
  EXPECT_FALSE(found.pairs[0].moves);
  for (auto& round : rounds) round.latency_ns = {std::nullopt};
  const auto worse = summarise(machine, plan, rounds);
  EXPECT_TRUE(worse.pairs.empty());
  EXPECT_THAT(worse.remarks,
              ::testing::Contains(HasSubstr("CPUs 0 and 1 ran together in too few")));
}

TEST(Calibration, ABusyMachineIsRemarked) {
  const Machine machine = machine_from_synthetic("core:2 pu:1");
  const auto plan = plan_for(machine, all_cpus(machine));
  auto rounds = rounds_of(machine, plan);
  EXPECT_TRUE(summarise(machine, plan, rounds).remarks.empty());
  for (auto& round : rounds) round.stalls.lost_s = 0.02;
  const auto found = summarise(machine, plan, rounds);
  ASSERT_EQ(found.remarks.size(), 1U);
  EXPECT_THAT(found.remarks[0], HasSubstr("The machine was busy: 2 % of the CPUs' time"));
}

TEST(Calibration, LevelsAreKeptAndRemarked) {
  const Machine machine = machine_from_synthetic("core:2 pu:1");
  const auto plan = plan_for(machine, all_cpus(machine));
  std::vector<CalibrationRound> rounds;
  for (int i = 0; i < 40; ++i) rounds.push_back(round_of(machine, plan, i % 4 == 0 ? 2 : 1));
  const auto found = summarise(machine, plan, rounds);
  const auto* alone = find(found, "producer.alone_ns");
  ASSERT_NE(alone, nullptr);
  EXPECT_EQ(alone->estimate.regimes, (std::vector<Regime>{{25, 0.75}, {50, 0.25}}));
  EXPECT_THAT(found.remarks,
              ::testing::Contains(HasSubstr("producer.alone_ns has levels: 25 ns in 75 % of the "
                                            "rounds, 50 ns in 25 % of the rounds")));
}

TEST(CalibrationText, TheFileHasEveryField) {
  const Machine machine = machine_from_synthetic("core:2 pu:1");
  const auto plan = plan_for(machine, all_cpus(machine));
  auto rounds = rounds_of(machine, plan);
  rounds[0].stalls.add(NoiseFacts{
      1, {{.cpu = 0, .hiccups = 1, .hiccup_us = 20, .longest_us = 20, .gaps = {{5, 20}}}}});
  auto calibration = summarise(machine, plan, rounds);
  calibration.host = "a \"host\"\n\xff";  // whatever it says, the file is JSON
  calibration.revision = "abc";
  const auto json = nlohmann::json::parse(calibration_json(calibration));
  EXPECT_EQ(json.at("format"), "ringbench calibration");
  EXPECT_EQ(json.at("version"), 1);
  for (const char* field : {"date", "host", "seconds", "rounds", "tsc_hz", "revision", "kernel",
                            "topology", "cpus", "inputs", "pairs", "stalls", "missing", "remarks"})
    EXPECT_TRUE(json.contains(field)) << field;
  EXPECT_THAT(json.at("topology").get<std::string>(), HasSubstr("<topology"));
  EXPECT_EQ(json.at("cpus"), (std::vector<unsigned>{0, 1}));
  for (const auto& input : json.at("inputs")) {
    for (const char* field : {"key", "unit", "value", "low", "high", "rounds", "regimes", "how"})
      EXPECT_TRUE(input.contains(field)) << field;
    EXPECT_LE(input.at("low"), input.at("value"));
    EXPECT_GE(input.at("high"), input.at("value"));
  }
  const auto& pair = json.at("pairs").at(0);
  EXPECT_EQ(pair.at("nearness"), "l3");
  EXPECT_EQ(pair.at("latency_ns").at("value"), 20);
  EXPECT_EQ(pair.at("moves").at("value"), 6);
  EXPECT_EQ(json.at("stalls").at("histogram").at(1),
            (nlohmann::json{{"from_us", 16}, {"to_us", 32}, {"count", 1}}));
  for (const auto& missing : json.at("missing")) {
    for (const char* field : {"key", "why", "mend"}) EXPECT_TRUE(missing.contains(field)) << field;
  }
}

TEST(CalibrationText, MovesThatAreMissingAreNull) {
  const Machine machine = machine_from_synthetic("core:2 pu:1");
  const auto plan = plan_for(machine, all_cpus(machine));
  auto rounds = rounds_of(machine, plan);
  for (auto& round : rounds) round.moves = {std::nullopt};
  const auto json = nlohmann::json::parse(calibration_json(summarise(machine, plan, rounds)));
  EXPECT_TRUE(json.at("pairs").at(0).at("moves").is_null());
}

TEST(CalibrationText, TheTableFitsATerminalAndSaysWhatIsMissing) {
  for (const char* words : {"package:2 node:2 l3:2 core:2 pu:2", "core:2 pu:1"}) {
    const Machine machine = machine_from_synthetic(words);
    const auto plan = plan_for(machine, all_cpus(machine));
    std::vector<CalibrationRound> rounds;
    for (int i = 0; i < 40; ++i) rounds.push_back(round_of(machine, plan, i % 4 == 0 ? 3000 : 1));
    const auto calibration = summarise(machine, plan, rounds);
    const auto text = calibration_table(calibration);
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
      EXPECT_LE(line.size(), 100U) << line;
      EXPECT_FALSE(line.ends_with(' ')) << line;
    }
    for (const auto& input : calibration.inputs)
      EXPECT_THAT(text, HasSubstr(std::string(input.key.key)));
    for (const auto& missing : calibration.missing) EXPECT_THAT(text, HasSubstr(missing.key));
    EXPECT_EQ(text.find("Not measured") == std::string::npos, calibration.missing.empty());
    EXPECT_THAT(text, Not(HasSubstr("e+")));
  }
}

}  // namespace
}  // namespace ringbench
