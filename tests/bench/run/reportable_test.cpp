#include "bench/run/reportable.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ringbench {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

RunSettings careful() {
  RunSettings run;
  run.repetitions = 5;
  run.max_repetitions = 20;
  run.interval = 0.05;
  return run;
}

Machine siblings() {
  return machine_from_synthetic("node:1 core:4 pu:2");
}

// A cell whose producers and consumer run on these CPUs of siblings(): 0 1 share a core, 2 3 ...
Planned cell(const std::string& name, std::vector<unsigned> producers,
             std::vector<unsigned> consumers) {
  Planned planned;
  planned.name = name;
  planned.spec.placement.producer_cpus = std::move(producers);
  planned.spec.placement.consumer_cpus = std::move(consumers);
  return planned;
}

Reasons against(const std::vector<Planned>& cells, const RunSettings& run = careful(),
                const BenchmarkFlags& flags = {}) {
  Plan plan;
  plan.planned = cells;
  return against_schedule(run, plan, flags, siblings());
}

TEST(Reportable, ScheduleThatDeservesIt) {
  EXPECT_THAT(against({cell("good", {0, 2}, {4}), cell("null", {0, 2, 4, 6}, {})}), IsEmpty());
}

TEST(Reportable, FewRepetitions) {
  auto run = careful();
  run.repetitions = 4;
  EXPECT_THAT(against({}, run), ElementsAre(StartsWith("repetitions = 4 are too few")));
  BenchmarkFlags flags;
  flags.repetitions = 5;
  EXPECT_THAT(against({}, run, flags), IsEmpty());
  flags.repetitions = 1;
  EXPECT_THAT(against({}, careful(), flags), ElementsAre(StartsWith("repetitions = 1 are")));
}

TEST(Reportable, IntervalThatAsksForNothing) {
  auto run = careful();
  run.interval = 0;
  EXPECT_THAT(against({}, run), ElementsAre(StartsWith("interval = 0 asks for no width")));
  run.interval = 0.06;
  EXPECT_THAT(against({}, run), ElementsAre(StartsWith("interval = 0.06 is too wide")));
  run.interval = 0.01;
  EXPECT_THAT(against({}, run), IsEmpty());
}

TEST(Reportable, FilterLeavesAMatrixUnfinished) {
  BenchmarkFlags flags;
  flags.filter = "ringbuf";
  EXPECT_THAT(against({}, careful(), flags), ElementsAre(HasSubstr("=ringbuf leaves out cells")));
}

TEST(Reportable, OversubscribedCells) {
  auto crowded = cell("crowded", {0, 0}, {2});
  crowded.spec.placement.oversubscribed = true;
  EXPECT_THAT(
      against({cell("good", {0}, {2}), crowded, crowded}),
      ElementsAre(StartsWith("2 of 3 cells put several producers on one CPU, e.g. crowded:")));
}

TEST(Reportable, ConsumerOnAProducersCore) {
  const auto reason = StartsWith("1 of 1 cells have a consumer on a producer's core, e.g. c:");
  EXPECT_THAT(against({cell("c", {0, 2}, {2})}), ElementsAre(reason));
  EXPECT_THAT(against({cell("c", {0, 2}, {3})}), ElementsAre(reason)) << "a sibling's core";
}

TEST(Reportable, ConsumerThatWaitsForTheEndOfTheWindowDisturbsNobody) {
  auto late = cell("late", {0, 2}, {2});
  late.spec.cell.poll = "after_window";
  EXPECT_THAT(against({late}), IsEmpty());
}

TEST(Reportable, MoreCpusThanCores) {
  const auto reason = StartsWith("1 of 1 cells use more CPUs than cores, e.g. smt:");
  EXPECT_THAT(against({cell("smt", {0, 1}, {2})}), ElementsAre(reason));
  EXPECT_THAT(against({cell("smt", {0}, {2, 3})}), ElementsAre(reason));
}

TEST(Reportable, CellsWithoutWarmUp) {
  auto cold = cell("cold", {0}, {2});
  cold.spec.cell.warmup_ms = 0;
  EXPECT_THAT(against({cold}), ElementsAre(StartsWith("1 of 1 cells have no warm-up, e.g. cold:")));
}

TEST(Reportable, SkippedCells) {
  Plan plan;
  plan.skipped.push_back({Cell{}, "needs a bigger machine"});
  plan.skipped.back().cell.transport = "ringbuf";
  EXPECT_THAT(against_schedule(careful(), plan, {}, siblings()),
              ElementsAre(AllOf(StartsWith("1 cells cannot run here"), HasSubstr("ringbuf"),
                                HasSubstr("needs a bigger machine"))));
}

TEST(Reportable, EveryReasonIsTold) {
  auto bad = cell("bad", {0, 1}, {0});
  bad.spec.cell.warmup_ms = 0;
  auto run = careful();
  run.repetitions = 1;
  run.interval = 1;
  EXPECT_EQ(against({bad}, run).size(), 5U);
}

TEST(Reportable, ProgramThatCanBeBuiltAgain) {
  EXPECT_THAT(against_program("3bf20da", "Release", "-O2 -DNDEBUG"), IsEmpty());
  EXPECT_THAT(against_program("3bf20da-dirty", "Release", ""),
              ElementsAre(HasSubstr("git revision is 3bf20da-dirty")));
  EXPECT_THAT(against_program("unknown", "Release", ""), ElementsAre(HasSubstr("unknown")));
  EXPECT_THAT(against_program("3bf20da", "Debug", "-g"), ElementsAre(HasSubstr("a Debug build")));
  EXPECT_THAT(against_program("3bf20da", "Release", "-O2 -fsanitize=thread"),
              ElementsAre(HasSubstr("sanitizer")));
}

TEST(Reportable, OnlyWhatSpoilsSpeaksAgainstAMachine) {
  const std::vector<Finding> findings{
      {"turbo", Verdict::spoils, "on", "bends curves", "echo 1 > no_turbo"},
      {"SMT", Verdict::note, "on", "", "echo off"},
      {"TSC", Verdict::fine, "invariant", "", ""}};
  EXPECT_THAT(against_machine(findings), ElementsAre("turbo: on; mend: echo 1 > no_turbo"));
}

TEST(ReportableText, IsYesOrALineForEachReason) {
  EXPECT_EQ(reportable_text({}), "yes");
  EXPECT_EQ(reportable_text({"a", "b"}), "a\nb");
}

TEST(ReportableText, IsReadBack) {
  for (const Reasons& reasons : {Reasons{}, Reasons{"a"}, Reasons{"a", "b"}})
    EXPECT_EQ(reasons_in({{"reportable", reportable_text(reasons)}}), reasons);
  EXPECT_THAT(reasons_in({}), ElementsAre(HasSubstr("nobody looked")));
}

TEST(ReportableText, KeepsWhatSpokeAgainstTheRunBefore) {
  EXPECT_THAT(together({}, {}), IsEmpty());
  EXPECT_THAT(together({"a"}, {}), ElementsAre("a"));
  EXPECT_THAT(together({"a"}, {"b", "a"}), ElementsAre("a", "b"));
}

}  // namespace
}  // namespace ringbench
