#include "tests/bench/doctor/fake_tree.hpp"

#include <fmt/format.h>

namespace ringbench {
namespace {

const std::string kCpu = "sys/devices/system/cpu/";

void write_cpuinfo(const FakeTree& tree, const std::string& model, const std::string& more_flags) {
  tree.write("proc/cpuinfo",
             fmt::format("processor\t: 0\nmodel name\t: {}\nflags\t\t: fpu tsc constant_tsc "
                         "nonstop_tsc{}\n",
                         model, more_flags));
}

void write_quiet_kernel(const FakeTree& tree) {
  tree.write("proc/loadavg", "0.00 0.01 0.05 1/300 4242");
  tree.write("proc/pressure/cpu", "some avg10=0.00 avg60=0.00 avg300=0.00 total=1");
  tree.write("proc/pressure/memory", "some avg10=0.00 avg60=0.00 avg300=0.00 total=1");
  tree.write("proc/self/cgroup", "0::/user.slice");
  tree.write("proc/sys/kernel/numa_balancing", "0");
  tree.write("proc/sys/kernel/nmi_watchdog", "0");
  tree.write("proc/sys/kernel/perf_event_paranoid", "2");
  tree.write("sys/kernel/mm/transparent_hugepage/enabled", "always [madvise] never");
  tree.write("proc/meminfo", "MemTotal: 1000000 kB\nSwapTotal: 500 kB\nSwapFree: 500 kB");
  tree.write("sys/devices/system/node/node0/meminfo",
             "Node 0 MemTotal: 1000000 kB\nNode 0 MemFree: 800000 kB\n"
             "Node 0 Inactive(file): 1000 kB");
  tree.write("sys/devices/system/clocksource/clocksource0/current_clocksource", "tsc");
}

}  // namespace

void write_tuned_server(const FakeTree& tree) {
  write_cpuinfo(tree, "Server CPU", "");
  write_quiet_kernel(tree);
  for (int cpu = 0; cpu < 8; ++cpu) {
    const auto folder = fmt::format("{}cpu{}/", kCpu, cpu);
    tree.write(folder + "cpufreq/scaling_governor", "performance");
    tree.write(folder + "cpuidle/state0/latency", "0");
    tree.write(folder + "cpuidle/state0/disable", "0");
    tree.write(folder + "cpuidle/state1/latency", "133");
    tree.write(folder + "cpuidle/state1/disable", "1");
  }
  tree.write(kCpu + "online", "0-7");
  tree.write(kCpu + "isolated", "2-7");
  tree.write(kCpu + "nohz_full", "2-7");
  tree.write(kCpu + "smt/control", "off");
  tree.write(kCpu + "intel_pstate/no_turbo", "1");
  tree.write(kCpu + "vulnerabilities/meltdown", "Not affected");
  tree.write("proc/irq/24/smp_affinity_list", "0-1");
  tree.write("proc/irq/25/smp_affinity_list", "0");
  tree.write("proc/irq/default_smp_affinity", "03");
  tree.write("sys/bus/event_source/devices/cpu/type", "4");
}

void write_laptop(const FakeTree& tree) {
  write_tuned_server(tree);
  for (int cpu = 0; cpu < 8; ++cpu) {
    const auto folder = fmt::format("{}cpu{}/", kCpu, cpu);
    tree.write(folder + "cpufreq/scaling_governor", "powersave");
    tree.write(folder + "cpuidle/state1/disable", "0");
  }
  tree.write(kCpu + "isolated", "");
  tree.remove(kCpu + "nohz_full");
  tree.write(kCpu + "smt/control", "on");
  tree.write(kCpu + "intel_pstate/no_turbo", "0");
  tree.write(kCpu + "vulnerabilities/meltdown", "Mitigation: PTI");
  tree.write("proc/irq/24/smp_affinity_list", "0-7");
  tree.write("proc/777/comm", "irqbalance");
  tree.write("proc/sys/kernel/nmi_watchdog", "1");
  tree.write("proc/sys/kernel/perf_event_paranoid", "3");
  tree.write("sys/kernel/mm/transparent_hugepage/enabled", "[always] madvise never");
  tree.write("proc/meminfo", "MemTotal: 1000000 kB\nSwapTotal: 500000 kB\nSwapFree: 200000 kB");
  tree.write("proc/loadavg", "2.50 2.00 1.00 4/900 4242");
}

void write_guest(const FakeTree& tree) {
  write_cpuinfo(tree, "Some vCPU", " hypervisor");
  write_quiet_kernel(tree);
  tree.write(kCpu + "online", "0-1");
  tree.write(kCpu + "isolated", "");
  tree.write(kCpu + "smt/control", "notsupported");
  tree.write(kCpu + "vulnerabilities/spectre_v2", "Mitigation: Retpolines");
  tree.write("sys/devices/system/clocksource/clocksource0/current_clocksource", "kvm-clock");
  tree.write("proc/irq/24/smp_affinity_list", "0-1");
}

void write_container(const FakeTree& tree) {
  write_tuned_server(tree);
  tree.write("proc/self/cgroup", "0::/kubepods/pod7/box");
  tree.write("sys/fs/cgroup/kubepods/cpu.max", "max 100000");
  tree.write("sys/fs/cgroup/kubepods/pod7/cpu.max", "150000 100000");
  tree.write("sys/fs/cgroup/kubepods/pod7/box/cpu.max", "400000 100000");
}

}  // namespace ringbench
