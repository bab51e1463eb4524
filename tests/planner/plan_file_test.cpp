// What a plan file, --what-if and --machine mean.
#include "planner/plan_file.hpp"

#include <gmock/gmock.h>

#include "planner/plan_keys.hpp"
#include "tests/planner/plan_files.hpp"

namespace ringbench::planner {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

Uncertain of(const Plan& plan, std::string_view key) {
  const auto member = find_input_key(key)->member;
  return {plan.inputs.value.*member, plan.inputs.low.*member, plan.inputs.high.*member};
}

Origin origin(const Plan& plan, const std::string& key) {
  return plan.inputs.origins.at(key);
}

std::vector<std::string> names(const Plan& plan) {
  std::vector<std::string> names;
  for (const auto& layout : plan.layouts) names.push_back(layout.name);
  return names;
}

using PlanFile = PlanFiles;

TEST_F(PlanFile, LeavesToDefaultsWhatItDoesNotState) {
  const Plan plan = read(kPlan);
  EXPECT_EQ(plan.title, "p");
  EXPECT_EQ(plan.seed, 1U);
  EXPECT_EQ(plan.seconds, 10);
  EXPECT_EQ(plan.draws, 40U);
  EXPECT_EQ(plan.machine_words, "package:2 [numa] l3:2 core:2 pu:1");
  EXPECT_THAT(plan.cpus, ElementsAre(0, 1, 2, 3, 4, 5, 6, 7));
  EXPECT_EQ(plan.code_path, find_code_path("linux-6.10"));
  EXPECT_EQ(plan.lock, LockKind::queued);
  EXPECT_EQ(plan.notify, "adaptive");
  EXPECT_TRUE(plan.scattered);
  EXPECT_EQ(plan.turn, 1U);
  EXPECT_FALSE(plan.merges);
  EXPECT_FALSE(plan.latencies);
  EXPECT_FALSE(plan.calibrated_here);
  EXPECT_THAT(plan.trace.rates, IsEmpty());
  EXPECT_FALSE(plan.targets.drop_fraction || plan.targets.memory_bytes);
}

TEST_F(PlanFile, EveryInputHasAValueAndAnOrigin) {
  const Plan plan = read(kPlan);
  for (const auto& input : input_keys()) {
    EXPECT_TRUE(plan.inputs.origins.contains(std::string(input.key))) << input.key;
    const auto value = of(plan, input.key);
    EXPECT_LE(value.low, value.value) << input.key;
    EXPECT_LE(value.value, value.high) << input.key;
  }
  EXPECT_EQ(origin(plan, "source.rate_per_cpu"), Origin::stated);
  EXPECT_EQ(origin(plan, "producer.alone_ns"), Origin::assumed);
  EXPECT_EQ(of(plan, "producer.moves"), plan.code_path->moves);
  EXPECT_EQ(origin(plan, "producer.moves"), Origin::assumed);
}

TEST_F(PlanFile, StatesEverything) {
  const Plan plan = read(R"(
title = "All of it"
[run]
seed = 7
seconds = 0.5
draws = 10
[machine]
topology = "package:2 core:2 pu:2"
cpus = "0-2,5"
code_path = "linux-5.8"
lock = "test_and_set"
notify = "never"
[latency]
core_ns = 9
factor = {value = 1, low = 0.9, high = 1.2}
[source]
rate_per_cpu = {value = 3, low = 2, high = 5}
record_size = "2 KiB"
record_used = {value = 168, low = 24, high = "1 KiB"}
burst_rate = 1e6
burst_on_us = 2_000
bursts_per_cpu_s = 2.5
burst_width = 4
burst_cpus = "neighbouring"
[consumer]
ns_per_record = 1
stall_us = 10
stall_every_us = 100
turn = 8
merge_wait_us = 0
[producer]
moves = 6
[[layout]]
kind = "perf"
ring = 65536
[target]
drop_fraction = 0
reserve_p99_ns = 900
delay_p99_us = 1e3
reordered_ratio = 0.5
reorder_extent = 12
memory = "1 MiB"
)");
  EXPECT_EQ(plan.title, "All of it");
  EXPECT_EQ(plan.seed, 7U);
  EXPECT_EQ(plan.seconds, 0.5);
  EXPECT_EQ(plan.draws, 10U);
  EXPECT_THAT(plan.cpus, ElementsAre(0, 1, 2, 5));
  EXPECT_EQ(plan.code_path->name, "linux-5.8");
  EXPECT_EQ(plan.lock, LockKind::test_and_set);
  EXPECT_EQ(plan.notify, "never");
  EXPECT_EQ(of(plan, "latency.core_ns"), (Uncertain{9, 9, 9}));
  EXPECT_EQ(of(plan, "latency.factor"), (Uncertain{1, 0.9, 1.2}));
  EXPECT_EQ(of(plan, "source.rate_per_cpu"), (Uncertain{3, 2, 5}));
  EXPECT_EQ(of(plan, "source.record_size"), (Uncertain{2048, 2048, 2048}));
  EXPECT_EQ(of(plan, "source.record_used"), (Uncertain{168, 24, 1024}));
  EXPECT_EQ(of(plan, "source.burst_width").value, 4);
  EXPECT_FALSE(plan.scattered);
  EXPECT_EQ(plan.turn, 8U);
  EXPECT_TRUE(plan.merges);
  EXPECT_EQ(of(plan, "producer.moves").value, 6);
  EXPECT_THAT(names(plan), ElementsAre("perf 4 x 64 KiB, 1 consumer"));
  EXPECT_EQ(plan.targets.drop_fraction, 0);
  EXPECT_EQ(plan.targets.reserve_p99_ns, 900);
  EXPECT_EQ(plan.targets.delay_p99_us, 1e3);
  EXPECT_EQ(plan.targets.reordered_ratio, 0.5);
  EXPECT_EQ(plan.targets.reorder_extent, 12);
  EXPECT_EQ(plan.targets.memory_bytes, 1 << 20);
}

TEST_F(PlanFile, CpusAreAListOrAnArrayOrAll) {
  const auto cpus = [&](const std::string& value) {
    return read(replaced(kPlan, "[source]", "cpus = " + value + "\n[source]")).cpus;
  };
  EXPECT_THAT(cpus("\"all\""), SizeIs(8));
  EXPECT_THAT(cpus("\"6,1-3\""), ElementsAre(1, 2, 3, 6));
  EXPECT_THAT(cpus("[7, 0, 7]"), ElementsAre(0, 7));
}

TEST_F(PlanFile, ThisMachineIsThisOne) {
  const Plan plan = read(replaced(kPlan, "package:2 [numa] l3:2 core:2 pu:1", "this"));
  EXPECT_EQ(plan.machine_words, "this machine");
  EXPECT_EQ(plan.machine.cpus, this_machine().cpus);
  EXPECT_EQ(plan.cpus.size(), plan.machine.cpus.size());
}

TEST_F(PlanFile, XmlIsFoundFromTheFolderOfThePlan) {
  write("m.xml", machine_from_synthetic("package:1 core:3 pu:1").xml);
  const Plan plan = read(replaced(kPlan, "package:2 [numa] l3:2 core:2 pu:1", "m.xml"));
  EXPECT_EQ(plan.machine_words, "m.xml");
  EXPECT_THAT(plan.cpus, SizeIs(3));
}

TEST_F(PlanFile, MachineOptionStandsInForTheFilesTopology) {
  PlanRequest request;
  request.file = write("p.toml", kPlan);
  request.machine = "core:5 pu:1";
  EXPECT_THAT(read_plan(request).cpus, SizeIs(5));
  request.machine = write("m.xml", machine_from_synthetic("package:1 core:3 pu:1").xml);
  EXPECT_THAT(read_plan(request).cpus, SizeIs(3));
}

TEST_F(PlanFile, APartOfWhatIsStatedIsNoMoreThanTheWhole) {
  const Plan plan = read(kPlan + "[producer]\nalone_ns = 5\n");
  EXPECT_LE(of(plan, "producer.outside_lock_ns").high, 5);
}

TEST_F(PlanFile, WhatIfIsAsIfTheFileStatedIt) {
  EXPECT_EQ(of(read(kPlan, {"source.rate_per_cpu=7"}), "source.rate_per_cpu").value, 7);
  EXPECT_EQ(of(read(kPlan, {"source.record_size=2 KiB"}), "source.record_size").value, 2048);
  EXPECT_EQ(
      of(read(kPlan, {"producer.alone_ns={value = 3, low = 2, high = 5}"}), "producer.alone_ns"),
      (Uncertain{3, 2, 5}));
  EXPECT_EQ(read(kPlan, {"target.memory=64 MiB"}).targets.memory_bytes, 64 << 20);
  EXPECT_FALSE(read(kPlan, {"source.burst_rate=5", "source.burst_on_us=1",
                            "source.bursts_per_cpu_s=1", "source.burst_cpus=neighbouring"})
                   .scattered);
  EXPECT_EQ(read(kPlan, {"run.seed=9", "run.seed=10"}).seed, 10U);
  EXPECT_THAT(read(kPlan, {"machine.cpus=0-3"}).cpus, SizeIs(4));
  EXPECT_EQ(read(kPlan, {"title=\"x\""}).title, "x");
  EXPECT_EQ(origin(read(kPlan, {"producer.alone_ns=3"}), "producer.alone_ns"), Origin::stated);
}

TEST_F(PlanFile, WhatIfGivesWhatTheFileLacks) {
  const auto lacking = replaced(kPlan, "ns_per_record = 500\n", "");
  EXPECT_THAT(errors_of(lacking), SizeIs(1));
  EXPECT_EQ(of(read(lacking, {"consumer.ns_per_record=5"}), "consumer.ns_per_record").value, 5);
}

TEST_F(PlanFile, BurstsAreTurnedOffByOneZero) {
  const auto bursty = replaced(kPlan, "[consumer]",
                               "burst_rate = 5\nburst_on_us = 1\n"
                               "bursts_per_cpu_s = 1\n[consumer]");
  EXPECT_THAT(errors_of(bursty), IsEmpty());
  EXPECT_EQ(of(read(bursty, {"source.bursts_per_cpu_s=0"}), "source.bursts_per_cpu_s").value, 0);
}

TEST_F(PlanFile, MatrixIsOfTheCpusOfThePlan) {
  write("m.txt", "4\n0 10 20 30\n11 0 21 31\n12 22 0 32\n13 23 33 0\n");
  const Plan plan = read(
      replaced(replaced(kPlan, "package:2 [numa] l3:2 core:2 pu:1", "package:2 [numa] core:2 pu:1"),
               "[source]", "cpus = [1, 3]\n[latency]\nmatrix = \"m.txt\"\n[source]"));
  ASSERT_TRUE(plan.latencies);
  EXPECT_EQ(plan.latencies->cpus(), 2U);
  EXPECT_EQ((*plan.latencies)(0, 1), 31);
  EXPECT_EQ((*plan.latencies)(1, 0), 23);
  EXPECT_EQ(of(plan, "latency.machine_ns").value, 27) << "the mean of the pairs as near";
  EXPECT_FALSE(plan.all_pairs_measured);
}

TEST_F(PlanFile, TraceTellsRatesByCpuAndBin) {
  write("t.csv", "time_us,producer,size\n0,0,8\n100,0,8\n250,1,24\n300,1,24\n400,1,24\n");
  const Plan plan =
      read(replaced(replaced(kPlan, "rate_per_cpu = 1000\nrecord_size = 100", "trace = \"t.csv\""),
                    "package:2 [numa] l3:2 core:2 pu:1", "core:2 pu:1"));
  // Five events, a mean gap of 100 us: a period of 500 us in the fewest bins, ten.
  ASSERT_THAT(plan.trace.rates, SizeIs(10));
  EXPECT_DOUBLE_EQ(plan.trace.bin_s, 50e-6);
  EXPECT_THAT(plan.trace.rates[0], ElementsAre(testing::DoubleEq(20'000), 0));
  EXPECT_THAT(plan.trace.rates[5], ElementsAre(0, testing::DoubleEq(20'000)));
  EXPECT_DOUBLE_EQ(of(plan, "source.rate_per_cpu").value, 5'000);
  EXPECT_DOUBLE_EQ(of(plan, "source.record_size").value, (2 * 8 + 3 * 24) / 5.0);
}

TEST_F(PlanFile, TraceWithoutProducersIsSharedByAllCpus) {
  write("t.csv", "time_us\n0\n100\n");
  const Plan plan = read(replaced(kPlan, "rate_per_cpu = 1000", "trace = \"t.csv\""));
  double records = 0;
  for (const auto& rates : plan.trace.rates)
    for (const double rate : rates) records += rate * plan.trace.bin_s;
  EXPECT_NEAR(records, 2, 1e-9);
  EXPECT_EQ(plan.trace.rates[0].front(), plan.trace.rates[0].back());
}

}  // namespace
}  // namespace ringbench::planner
