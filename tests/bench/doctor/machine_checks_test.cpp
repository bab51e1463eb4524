#include <gmock/gmock.h>

#include <algorithm>

#include "bench/doctor/diagnosis.hpp"
#include "tests/bench/doctor/fake_tree.hpp"

namespace ringbench {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

Machine eight_cores() {
  return machine_from_synthetic("node:1 core:8 pu:1");
}
Machine server_cpus() {
  return restrict_to(eight_cores(), {2, 3, 4, 5, 6, 7});
}
Machine four_cores_with_siblings() {
  return machine_from_synthetic("node:1 core:4 pu:2");
}
Machine two_cores() {
  return machine_from_synthetic("node:1 core:2 pu:1");
}

std::vector<std::string> with(const std::vector<Finding>& findings, Verdict verdict) {
  std::vector<std::string> checks;
  for (const auto& finding : findings)
    if (finding.verdict == verdict) checks.push_back(finding.check);
  return checks;
}

TEST(MachineChecks, TunedServerIsFine) {
  const FakeTree tree;
  write_tuned_server(tree);
  const auto findings = look_at(tree, server_cpus());
  EXPECT_THAT(with(findings, Verdict::spoils), IsEmpty());
  EXPECT_THAT(with(findings, Verdict::note), IsEmpty());
  EXPECT_FALSE(any_spoils(findings));
}

TEST(MachineChecks, LaptopIsToldEverything) {
  const FakeTree tree;
  write_laptop(tree);
  const auto findings = look_at(tree, four_cores_with_siblings());
  EXPECT_THAT(with(findings, Verdict::spoils),
              testing::ElementsAre("governor", "turbo", "other load"));
  EXPECT_THAT(
      with(findings, Verdict::note),
      testing::ElementsAre("SMT", "isolation", "IRQ affinity", "irqbalance", "idle states",
                           "huge pages", "memory", "mitigations", "core cycles", "NMI watchdog"));
  EXPECT_EQ(row(findings, "governor").mend, "cpupower frequency-set -g performance");
  EXPECT_EQ(row(findings, "turbo").mend, "echo 1 > /sys/devices/system/cpu/intel_pstate/no_turbo");
  EXPECT_EQ(row(findings, "SMT").mend, "echo off > /sys/devices/system/cpu/smt/control");
  EXPECT_EQ(row(findings, "irqbalance").mend, "systemctl stop irqbalance");
  EXPECT_EQ(row(findings, "idle states").mend, "cpupower idle-set -D 10");
  EXPECT_THAT(row(findings, "idle states").found, HasSubstr("133 us"));
  EXPECT_EQ(row(findings, "memory").mend, "swapoff -a");
  EXPECT_THAT(row(findings, "isolation").mend, StartsWith("isolcpus=managed_irq,domain,2-7"));
  EXPECT_EQ(row(findings, "core cycles").mend, "sysctl kernel.perf_event_paranoid=2");
  EXPECT_EQ(row(findings, "NMI watchdog").mend, "sysctl kernel.nmi_watchdog=0");
  EXPECT_THAT(row(findings, "other load").found, HasSubstr("load 2.50"));
  EXPECT_THAT(row(findings, "other load").found, HasSubstr("3 other tasks"));
}

TEST(MachineChecks, GuestIsTakenAsItIs) {
  const FakeTree tree;
  write_guest(tree);
  const auto findings = look_at(tree, two_cores());
  EXPECT_THAT(with(findings, Verdict::spoils), IsEmpty());
  for (const char* check : {"CPUs", "hypervisor", "governor", "turbo", "clocksource", "isolation",
                            "IRQ affinity", "mitigations", "core cycles"}) {
    EXPECT_EQ(row(findings, check).verdict, Verdict::note) << check;
    if (std::string(check) == "mitigations") continue;
    EXPECT_THAT(row(findings, check).mend, StartsWith("nothing on this machine: ")) << check;
  }
  EXPECT_THAT(row(findings, "CPUs").found, HasSubstr("1 producer beside a consumer"));
  EXPECT_EQ(row(findings, "SMT").verdict, Verdict::fine);
}

TEST(MachineChecks, QuotaOfTheTightestCgroupSpoils) {
  const FakeTree tree;
  write_container(tree);
  const auto quota = row(look_at(tree, server_cpus()), "CPU quota");
  EXPECT_EQ(quota.verdict, Verdict::spoils);
  EXPECT_THAT(quota.found, StartsWith("1.50 CPUs' time for 6 CPUs"));
  EXPECT_EQ(quota.mend, "echo max > /sys/fs/cgroup/kubepods/pod7/cpu.max");
}

TEST(MachineChecks, QuotaOfWholeCpusIsFine) {
  const FakeTree tree;
  write_container(tree);
  tree.write("sys/fs/cgroup/kubepods/pod7/cpu.max", "600000 100000");
  tree.write("sys/fs/cgroup/kubepods/pod7/box/cpu.max", "max 100000");
  EXPECT_EQ(row(look_at(tree, server_cpus()), "CPU quota").verdict, Verdict::fine);
}

TEST(MachineChecks, QuotaOfTheFirstCgroupVersion) {
  const FakeTree tree;
  write_tuned_server(tree);
  tree.write("proc/self/cgroup", "4:memory:/docker/abc\n3:cpu,cpuacct:/docker/abc\n0::/");
  // In a container the path is the host's, and the mount shows the container's own group.
  tree.write("sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us", "50000");
  tree.write("sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us", "100000");
  const auto quota = row(look_at(tree, server_cpus()), "CPU quota");
  EXPECT_THAT(quota.found, StartsWith("0.50 CPUs' time"));
  EXPECT_EQ(quota.mend, "echo -1 > /sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us");
  tree.write("sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us", "-1");
  EXPECT_EQ(row(look_at(tree, server_cpus()), "CPU quota").verdict, Verdict::fine);
}

// What is changed on a tuned server, and the one check that then speaks.
struct Change {
  const char* file;
  const char* text;
  const char* check;
  Verdict verdict;
  const char* mend;  // begins with
};

class OneChange : public testing::TestWithParam<Change> {};

TEST_P(OneChange, IsSeenByOneCheck) {
  const auto& change = GetParam();
  const FakeTree tree;
  write_tuned_server(tree);
  tree.write(change.file, change.text);
  const auto findings = look_at(tree, server_cpus());
  EXPECT_EQ(row(findings, change.check).verdict, change.verdict);
  EXPECT_THAT(row(findings, change.check).mend, StartsWith(change.mend));
  for (const auto& finding : findings) {
    if (finding.check == change.check) continue;
    EXPECT_EQ(finding.verdict, Verdict::fine) << finding.check << ": " << finding.found;
  }
}

INSTANTIATE_TEST_SUITE_P(
    MachineChecks, OneChange,
    testing::Values(
        Change{"sys/devices/system/cpu/cpu3/cpufreq/scaling_governor", "ondemand", "governor",
               Verdict::spoils, "cpupower"},
        Change{"sys/devices/system/cpu/intel_pstate/no_turbo", "0", "turbo", Verdict::spoils,
               "echo 1 > "},
        Change{"sys/devices/system/cpu/smt/control", "on", "SMT", Verdict::note, "echo off"},
        Change{"proc/cpuinfo", "flags : tsc constant_tsc", "TSC", Verdict::spoils, "nothing on"},
        Change{"sys/devices/system/clocksource/clocksource0/current_clocksource", "hpet",
               "clocksource", Verdict::spoils, "dmesg"},
        Change{"sys/devices/system/cpu/isolated", "4-7", "isolation", Verdict::note,
               "taskset -c 4-7"},
        Change{"proc/irq/25/smp_affinity_list", "0,7", "IRQ affinity", Verdict::note,
               "for i in /proc/irq/*/smp_affinity_list; do echo 0-1 > $i; done"},
        Change{"proc/31/comm", "irqbalance", "irqbalance", Verdict::note, "systemctl stop"},
        Change{"proc/loadavg", "0.10 0 0 2/300 1", "other load", Verdict::spoils, "top"},
        Change{"proc/loadavg", "0.90 0 0 1/300 1", "other load", Verdict::note, "top"},
        Change{"proc/pressure/cpu", "some avg10=12.5 avg60=0", "other load", Verdict::spoils,
               "top"},
        Change{"sys/devices/system/cpu/cpu7/cpuidle/state1/disable", "0", "idle states",
               Verdict::note, "cpupower idle-set"},
        Change{"sys/kernel/mm/transparent_hugepage/enabled", "[always] madvise never", "huge pages",
               Verdict::note, "echo madvise"},
        Change{"proc/pressure/memory", "some avg10=0.5 avg60=0", "memory", Verdict::spoils, "ps"},
        Change{"sys/devices/system/node/node0/meminfo",
               "Node 0 MemTotal: 1000000 kB\nNode 0 MemFree: 40000 kB", "memory", Verdict::note,
               "echo 3 >"},
        Change{"sys/devices/system/cpu/vulnerabilities/meltdown", "Mitigation: PTI", "mitigations",
               Verdict::note, "mitigations=off"},
        Change{"sys/devices/system/cpu/vulnerabilities/meltdown", "Vulnerable", "mitigations",
               Verdict::note, "nothing on"},
        Change{"proc/sys/kernel/perf_event_paranoid", "4", "core cycles", Verdict::note, "sysctl"},
        Change{"proc/sys/kernel/nmi_watchdog", "1", "NMI watchdog", Verdict::note, "sysctl"}));

TEST(MachineChecks, BoostOfAnotherDriver) {
  const FakeTree tree;
  write_tuned_server(tree);
  tree.remove("sys/devices/system/cpu/intel_pstate");
  tree.write("sys/devices/system/cpu/cpufreq/boost", "1");
  EXPECT_EQ(row(look_at(tree, server_cpus()), "turbo").mend,
            "echo 0 > /sys/devices/system/cpu/cpufreq/boost");
}

TEST(MachineChecks, NumaBalancingMattersFromTwoNodes) {
  const FakeTree tree;
  write_tuned_server(tree);
  tree.write("proc/sys/kernel/numa_balancing", "1");
  EXPECT_EQ(row(look_at(tree, server_cpus()), "NUMA balancing").verdict, Verdict::fine);
  const auto two_nodes = machine_from_synthetic("node:2 core:4 pu:1");
  EXPECT_EQ(row(look_at(tree, two_nodes), "NUMA balancing").verdict, Verdict::spoils);
}

TEST(MachineChecks, OneCoreIsTooFew) {
  const FakeTree tree;
  write_tuned_server(tree);
  const auto cpus = row(look_at(tree, restrict_to(eight_cores(), {2})), "CPUs");
  EXPECT_EQ(cpus.verdict, Verdict::spoils);
  EXPECT_THAT(cpus.mend, StartsWith("taskset -pc 0-7"));
}

TEST(MachineChecks, MachineThatTellsNothingIsNoError) {
  const FakeTree tree;
  const auto facts = read_machine_facts(tree.root(), eight_cores());
  EXPECT_EQ(facts.governor, "unknown");
  EXPECT_EQ(facts.isolated_cpus, "none");
  EXPECT_FALSE(facts.load || facts.quota || facts.idle_exit_us || facts.swap_used_kb);
  EXPECT_FALSE(check_machine(facts).empty());
}

// Every sentence is there: what does not mend itself says so, what is fine needs nothing.
TEST(MachineChecks, EveryFindingIsWhole) {
  for (const auto write : {write_tuned_server, write_laptop, write_guest, write_container}) {
    const FakeTree tree;
    write(tree);
    for (const auto& finding : look_at(tree, eight_cores())) {
      EXPECT_FALSE(finding.found.empty() || finding.effect.empty()) << finding.check;
      EXPECT_EQ(finding.mend.empty(), finding.verdict == Verdict::fine) << finding.check;
    }
  }
}

TEST(CpuList, IsReadAsLinuxWritesIt) {
  using Cpus = std::vector<unsigned>;
  EXPECT_EQ(parse_cpu_list("0-3,8"), (Cpus{0, 1, 2, 3, 8}));
  EXPECT_EQ(parse_cpu_list("5"), (Cpus{5}));
  EXPECT_EQ(parse_cpu_list(""), Cpus{});
  EXPECT_EQ(parse_cpu_list("none"), Cpus{});
  EXPECT_EQ(parse_cpu_list("1-"), Cpus{});
  EXPECT_EQ(parse_cpu_list("1 2"), Cpus{});
}

}  // namespace
}  // namespace ringbench
