#include "bench/doctor/diagnosis.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <sstream>

#include "tests/bench/doctor/fake_tree.hpp"

namespace ringbench {
namespace {

using testing::HasSubstr;

// Each of `cpus` CPUs had so many hiccups of 50 us in 5 s, evenly, all of them at the same times.
Activity activity(unsigned cpus, std::uint64_t hiccups) {
  Activity seen;
  seen.clock.hz = 2e9;
  seen.noise.seconds = 5;
  for (unsigned cpu = 0; cpu < cpus; ++cpu) {
    seen.noise.cpus.push_back({.cpu = cpu,
                               .hiccups = hiccups,
                               .hiccup_us = 50.0 * static_cast<double>(hiccups),
                               .longest_us = hiccups == 0 ? 0.0 : 50.0,
                               .involuntary_switches = 0});
    for (std::uint64_t i = 0; i < hiccups; ++i)
      seen.noise.cpus.back().gaps.push_back(
          {(static_cast<double>(i) + 0.5) * 5e6 / static_cast<double>(hiccups), 50});
    seen.counted[cpu] = {};
  }
  return seen;
}

Verdict verdict_of(const std::string& check, const Activity& seen) {
  return row(check_activity(seen), check).verdict;
}

TEST(ActivityChecks, QuietMachineIsFine) {
  EXPECT_FALSE(any_spoils(check_activity(activity(4, 0))));
  for (const auto& finding : check_activity(activity(4, 0)))
    EXPECT_EQ(finding.verdict, Verdict::fine) << finding.check;
}

// Of windows of length D, a share of r (D + 50 us) is hit: 0.2 for 5 ms from r = 39.6 a second on,
// for 35 ms from 5.7.
TEST(ActivityChecks, HiccupsAreJudgedByTheWindowsThatStayClean) {
  EXPECT_EQ(verdict_of("hiccups", activity(2, 20)), Verdict::fine);
  EXPECT_EQ(verdict_of("hiccups", activity(2, 40)), Verdict::note);
  EXPECT_EQ(verdict_of("hiccups", activity(2, 150)), Verdict::note);
  EXPECT_EQ(verdict_of("hiccups", activity(2, 300)), Verdict::spoils);
  auto noisy_pair = activity(16, 0);
  noisy_pair.noise.cpus[3] = noisy_pair.noise.cpus[9] = activity(1, 300).noise.cpus[0];
  EXPECT_EQ(verdict_of("hiccups", noisy_pair), Verdict::spoils) << "a trial may be placed there";
  auto rare_but_long = activity(2, 5);
  rare_but_long.noise.cpus[0].hiccup_us = 60'000;  // of 10 s on both
  EXPECT_EQ(verdict_of("hiccups", rare_but_long), Verdict::spoils);
}

TEST(ActivityChecks, OneCpuAloneIsJudged) {
  EXPECT_EQ(verdict_of("hiccups", activity(1, 150)), Verdict::note);
  EXPECT_EQ(verdict_of("hiccups", activity(1, 300)), Verdict::spoils);
}

TEST(ActivityChecks, WorstCpuCounts) {
  auto seen = activity(3, 0);
  seen.counted[2] = {.steal_s = 0.5, .devices = 6'000, .timer = 1'250, .other = 10};
  const auto findings = check_activity(seen);
  EXPECT_EQ(row(findings, "steal").verdict, Verdict::spoils);
  EXPECT_THAT(row(findings, "steal").found, HasSubstr("10.00 %"));
  EXPECT_EQ(row(findings, "interrupts").verdict, Verdict::spoils);
  EXPECT_THAT(row(findings, "interrupts").found, HasSubstr("250 timer, 1200 device, 2 between"));
}

TEST(ActivityChecks, SwitchesAndOffset) {
  auto seen = activity(2, 0);
  seen.noise.cpus[0].involuntary_switches = 30;
  EXPECT_EQ(verdict_of("switches", seen), Verdict::note);
  seen.noise.cpus[0].involuntary_switches = 300;
  EXPECT_EQ(verdict_of("switches", seen), Verdict::spoils);
  seen.clock.offset_bound_ticks = 2'100;  // 1.05 us
  EXPECT_EQ(verdict_of("TSC offset", seen), Verdict::note);
  seen.clock.offset_bound_ticks = 20'000;
  EXPECT_EQ(verdict_of("TSC offset", seen), Verdict::spoils);
}

TEST(Counters, AreReadByCpu) {
  const FakeTree tree;
  tree.write("proc/stat",
             "cpu  1 0 0 0 0 0 0 500 0 0\ncpu0 1 0 0 0 0 0 0 200 0 0\ncpu2 1 0 0 0 0 0 0 300 0 0\n"
             "intr 1 2 3");
  tree.write("proc/interrupts",
             "           CPU0       CPU2\n 24:  7  0  PCI-MSI  eth0\n130:  1  2  PCI-MSI  nvme\n"
             "LOC:  100  200  Local timer interrupts\nRES:  3  4  Rescheduling interrupts\n"
             "NMI:  1  1  Non-maskable interrupts\nERR:  9\nMIS:  9");
  const auto counters = read_counters(tree.root(), 100);
  ASSERT_EQ(counters.size(), 2U);
  EXPECT_EQ(counters.at(0), (CpuCounters{.steal_s = 2, .devices = 8, .timer = 100, .other = 4}));
  EXPECT_EQ(counters.at(2), (CpuCounters{.steal_s = 3, .devices = 2, .timer = 200, .other = 5}));
  EXPECT_TRUE(read_counters(tree.root() / "nowhere", 100).empty());
}

TEST(Counters, SumsOfTheMachineAreNotThoseOfItsOnlyCpu) {
  const FakeTree tree;
  tree.write("proc/interrupts", "   CPU0\nLOC: 5 Local timer interrupts\nERR: 9\nMIS: 9");
  EXPECT_EQ(read_counters(tree.root(), 100).at(0).other, 0U);
}

// With every run of blanks and line ends as one blank.
std::string unwrapped(const std::string& text) {
  std::istringstream words(text);
  std::string line;
  for (std::string word; words >> word;) line += word + ' ';
  return line;
}

Diagnosis diagnosis(void (*write)(const FakeTree&), const Activity& seen) {
  const FakeTree tree;
  write(tree);
  Diagnosis made;
  made.facts = read_machine_facts(tree.root(), machine_from_synthetic("node:1 core:8 pu:1"));
  made.activity = seen;
  made.findings = check_machine(made.facts);
  std::ranges::move(check_activity(seen), std::back_inserter(made.findings));
  return made;
}

TEST(Text, FitsOneHundredColumns) {
  for (const auto write : {write_tuned_server, write_laptop, write_guest, write_container}) {
    std::istringstream text(as_text(diagnosis(write, activity(8, 1'000))));
    for (std::string line; std::getline(text, line);) EXPECT_LE(line.size(), 100U) << line;
  }
}

TEST(Text, WorstStandsFirstAndIsCounted) {
  const auto text = as_text(diagnosis(write_laptop, activity(8, 0)));
  EXPECT_LT(text.find("governor"), text.find("SMT"));
  EXPECT_LT(text.find("SMT"), text.find("quota"));
  EXPECT_THAT(text, HasSubstr("mend:   cpupower frequency-set -g performance"));
  EXPECT_THAT(text, HasSubstr("3 things would spoil a measurement here; 10 to note, "));
}

TEST(Text, TunedServerIsSaidToBeFine) {
  const auto made = diagnosis(write_tuned_server, activity(8, 0));
  EXPECT_THAT(as_text(made), HasSubstr("100 % of such windows stayed below."));
  EXPECT_THAT(as_text(made), HasSubstr("100 % of the windows of 10 ms"));
}

// One a second: (1 - r D) for D of 10, 35 and 100 ms, in steps of a quarter window.
TEST(Text, SaysWhatTheNoiseMeansForATrial) {
  const auto text = unwrapped(as_text(diagnosis(write_guest, activity(2, 5))));
  EXPECT_THAT(text, HasSubstr("On both CPUs together, 99 % of the windows of 10 ms, 96 % of the"));
  EXPECT_THAT(text, HasSubstr("90 % of the windows of 100 ms had no hiccup"));
  EXPECT_THAT(text, HasSubstr("duration_ms = 100 with 5 repetitions suits this noise: 100 % of"));
}

TEST(Text, OnManyCpusSaysItForTwoAndForAll) {
  auto seen = activity(8, 0);
  seen.noise.cpus[3] = activity(4, 5).noise.cpus[3];
  seen.noise.cpus[6] = activity(7, 5).noise.cpus[6];
  const auto text = unwrapped(as_text(diagnosis(write_laptop, seen)));
  EXPECT_THAT(text, HasSubstr("On the two noisiest CPUs (3 and 6) together, 99 % of"));
  EXPECT_THAT(text, HasSubstr("all 8 CPUs together, 99 % of"));
}

// Gaps of 8 ms, ten a second: 100 ms lose 8 % always, 5 ms mostly nothing or all.
TEST(Text, AdviceFollowsWhatATrialMayLose) {
  auto seen = activity(2, 50);
  for (auto& cpu : seen.noise.cpus)
    for (auto& gap : cpu.gaps) gap.us = 8'000;
  EXPECT_THAT(unwrapped(as_text(diagnosis(write_guest, seen))),
              HasSubstr("duration_ms = 100 with 5"));
  for (auto& cpu : seen.noise.cpus)
    for (auto& gap : cpu.gaps) gap.us = 11'000;
  EXPECT_THAT(unwrapped(as_text(diagnosis(write_guest, seen))),
              testing::Not(HasSubstr("duration_ms = 100 with 5")));
}

TEST(Json, HoldsWhatTheTextSays) {
  const auto made = diagnosis(write_laptop, activity(8, 100));
  const auto json = nlohmann::json::parse(as_json(made));
  EXPECT_EQ(json["spoils"], true);
  EXPECT_EQ(json["findings"].size(), made.findings.size());
  EXPECT_EQ(json["findings"][3]["check"], "governor");
  EXPECT_EQ(json["findings"][3]["verdict"], "spoils");
  EXPECT_EQ(json["cpus"].size(), 8U);
  EXPECT_EQ(json["cpus"][0]["hiccups"], 100);
  EXPECT_DOUBLE_EQ(json["hiccups_per_s"], 20);
  EXPECT_NEAR(json["all_cpus"]["clean_chance_by_window_ms"]["10"], 0.8, 0.02);
}

TEST(Diagnose, LooksAtThisMachine) {
  const Machine machine = this_machine();
  const Diagnosis made = diagnose(machine, 0.1);
  EXPECT_EQ(made.activity.noise.cpus.size(), machine.cpus.size());
  EXPECT_EQ(made.activity.counted.size(), machine.cpus.size());
  EXPECT_EQ(made.findings.size(), check_machine({}).size() + check_activity(activity(1, 0)).size());
  EXPECT_GT(made.activity.clock.hz, 1e8);
}

}  // namespace
}  // namespace ringbench
