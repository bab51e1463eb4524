#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "bench/doctor/check_table.hpp"

namespace ringbench {
namespace {

using enum Verdict;

bool in_guest(const MachineFacts& facts) {
  return facts.hypervisor != "none";
}

Judgement cpus(const MachineFacts& facts) {
  const auto found = fmt::format("{} CPUs on {} cores may be used", facts.cpus.size(), facts.cores);
  const bool others = facts.online.size() > facts.cpus.size();
  const std::string mend =
      others ? fmt::format("taskset -pc {} $$   (and the cpuset of the cgroup, if that is why)",
                           cpu_list(facts.online))
             : "nothing on this machine: take one with more cores";
  if (facts.cores < 2)
    return {spoils, found + ": no core is left for a consumer beside a producer", mend};
  if (facts.cores < 4)
    return {note,
            fmt::format("{}: {} producer{} beside a consumer, more have to share", found,
                        facts.cores - 1, facts.cores == 2 ? "" : "s"),
            mend};
  return {fine, found};
}

Judgement smt(const MachineFacts& facts) {
  const auto off = "echo off > /sys/devices/system/cpu/smt/control";
  if (facts.cpus.size() > facts.cores)
    return {note,
            fmt::format("{} CPUs share {} cores: placements cores_first and scatter use siblings "
                        "last, compact does not",
                        facts.cpus.size(), facts.cores),
            off};
  if (facts.smt == "on")
    return {note, "on, and the siblings of the CPUs used here can run something else", off};
  return {fine, "no two CPUs here share a core"};
}

Judgement hypervisor(const MachineFacts& facts) {
  if (!in_guest(facts)) return {fine, "none"};
  return {note,
          fmt::format("a virtual machine ({}): CPUs may be taken away or be siblings of one core, "
                      "unseen",
                      facts.hypervisor),
          "nothing on this machine: measure on the hardware, or have its vCPUs pinned to cores of "
          "their own"};
}

Judgement governor(const MachineFacts& facts) {
  if (facts.governor == "performance") return {fine, facts.governor};
  if (facts.governor == "unknown") {
    return in_guest(facts)
               ? Judgement{note, "not told: the host sets the frequency",
                           "nothing on this machine: ask for a host with governor performance"}
               : Judgement{note, "not told: no cpufreq driver, the firmware sets the frequency",
                           "nothing on this machine: set the firmware's power profile to maximum "
                           "performance"};
  }
  return {spoils, facts.governor, "cpupower frequency-set -g performance"};
}

Judgement turbo(const MachineFacts& facts) {
  if (facts.turbo == "off") return {fine, "off"};
  if (facts.turbo == "unknown")
    return {note, "not told", "nothing on this machine: switch it off in the firmware or the host"};
  return {spoils, "on: the fewer cores are busy, the faster they are",
          fmt::format("echo {} > {}", facts.turbo_file.ends_with("no_turbo") ? 1 : 0,
                      facts.turbo_file)};
}

Judgement tsc(const MachineFacts& facts) {
  if (facts.tsc_invariant) return {fine, "invariant"};
  return {spoils, "not invariant: its rate may change, or it stops in deep idle states",
          "nothing on this machine: its time-stamp counter is no clock"};
}

Judgement clocksource(const MachineFacts& facts) {
  if (facts.clocksource == "tsc") return {fine, "tsc"};
  if (facts.clocksource == "unknown") return {note, "not told", "mount -t sysfs sysfs /sys"};
  if (in_guest(facts))
    return {note, fmt::format("{}, as usual in a guest", facts.clocksource),
            "nothing on this machine: the host's clock is the guest's"};
  return {spoils, fmt::format("{}: the kernel does not trust the TSC", facts.clocksource),
          "dmesg | grep -i tsc   (says why; a firmware update may mend it)"};
}

bool all_isolated(const MachineFacts& facts) {
  const auto isolated = parse_cpu_list(facts.isolated_cpus);
  return std::ranges::all_of(
      facts.cpus, [&](unsigned cpu) { return std::ranges::find(isolated, cpu) != isolated.end(); });
}

Judgement isolation(const MachineFacts& facts) {
  const auto found = fmt::format("isolated: {}; without a tick (nohz_full): {}",
                                 facts.isolated_cpus, facts.nohz_full_cpus);
  if (facts.isolated_cpus == "none") {
    if (facts.online.size() < 4)
      return {note, found,
              "nothing on this machine: with so few CPUs none can be spared for the rest"};
    return {note, found,
            fmt::format("isolcpus=managed_irq,domain,2-{0} nohz_full=2-{0}   (kernel command line: "
                        "GRUB_CMDLINE_LINUX in /etc/default/grub, then update-grub && reboot)",
                        facts.online.back())};
  }
  if (!all_isolated(facts))
    return {note, found + fmt::format("; used here: {}", cpu_list(facts.cpus)),
            fmt::format("taskset -c {} ./run.sh ...", facts.isolated_cpus)};
  return {fine, found};
}

// OS indices in hwloc's order need not ascend.
std::vector<unsigned> sorted(std::vector<unsigned> cpus) {
  std::ranges::sort(cpus);
  return cpus;
}

unsigned lines_into(const MachineFacts& facts) {
  return static_cast<unsigned>(std::ranges::count_if(facts.irqs, [&](const IrqLine& line) {
    return std::ranges::any_of(line.cpus, [&](unsigned cpu) {
      return std::ranges::find(facts.cpus, cpu) != facts.cpus.end();
    });
  }));
}

Judgement irq_affinity(const MachineFacts& facts) {
  const auto lines = lines_into(facts);
  const auto found = fmt::format("{} of {} interrupt lines may come to the CPUs used here", lines,
                                 facts.irqs.size());
  if (lines == 0) return {fine, found};
  std::vector<unsigned> unused;
  std::ranges::set_difference(facts.online, sorted(facts.cpus), std::back_inserter(unused));
  if (unused.empty())
    return {note, found,
            "nothing on this machine: no CPU is left over for them; taskset -c to fewer CPUs makes "
            "one"};
  return {note, found,
          fmt::format("for i in /proc/irq/*/smp_affinity_list; do echo {} > $i; done",
                      cpu_list(unused))};
}

Judgement irqbalance(const MachineFacts& facts) {
  if (!facts.irqbalance) return {fine, "does not run"};
  return {note, "runs: it moves interrupts to other CPUs every few seconds",
          "systemctl stop irqbalance"};
}

Judgement load(const MachineFacts& facts) {
  if (!facts.load) return {note, "not told", "mount -t proc proc /proc"};
  const auto waited = facts.cpu_pressure ? fmt::format(
                                               "; for {:.0f} % of the last 10 s some task "
                                               "waited for a CPU",
                                               *facts.cpu_pressure)
                                         : std::string();
  const unsigned others = facts.runnable.value_or(0);
  const auto found = fmt::format("load {:.2f} over the last minute, {} other tasks runnable now{}",
                                 *facts.load, others, waited);
  const auto mend = "top -b -n 1 | head -n 15   (names what runs: stop it or wait for its end)";
  if (others > 0 || facts.cpu_pressure.value_or(0) > 5) return {spoils, found, mend};
  return {*facts.load > 0.5 ? note : fine, found, mend};
}

Judgement quota(const MachineFacts& facts) {
  if (!facts.quota) return {fine, "none"};
  const auto found =
      fmt::format("{:.2f} CPUs' time for {} CPUs", facts.quota->cpus, facts.cpus.size());
  if (facts.quota->cpus >= static_cast<double>(facts.cpus.size())) return {fine, found};
  return {spoils, found + ": used up, every thread stands still until the period's end",
          fmt::format("echo {} > {}", facts.quota->without, facts.quota->file)};
}

Judgement idle_states(const MachineFacts& facts) {
  if (!facts.idle_exit_us)
    return {fine, in_guest(facts) ? "not told: the host's" : "none that the kernel enters"};
  const auto found = fmt::format("the deepest takes {} us to leave", *facts.idle_exit_us);
  if (*facts.idle_exit_us <= 10) return {fine, found};
  return {note, found, "cpupower idle-set -D 10"};
}

Judgement huge_pages(const MachineFacts& facts) {
  if (facts.huge_pages.find("[always]") == std::string::npos) return {fine, facts.huge_pages};
  return {note, facts.huge_pages + ": which memory gets huge pages is luck",
          "echo madvise > /sys/kernel/mm/transparent_hugepage/enabled"};
}

Judgement memory(const MachineFacts& facts) {
  if (facts.memory_pressure.value_or(0) > 0.1)
    return {spoils,
            fmt::format("for {:.1f} % of the last 10 s some task waited for memory",
                        *facts.memory_pressure),
            "ps aux --sort=-rss | head   (names what holds it)"};
  for (const auto& node : facts.memory) {
    if (node.free_kb * 20 < node.total_kb)
      return {note,
              fmt::format("node {} has {} of {} MiB left", node.node, node.free_kb / 1024,
                          node.total_kb / 1024),
              "echo 3 > /proc/sys/vm/drop_caches"};
  }
  if (facts.swap_used_kb.value_or(0) > 0)
    return {note, fmt::format("{} MiB are swapped out", *facts.swap_used_kb / 1024), "swapoff -a"};
  return {fine, "enough left on every node, nothing swapped out"};
}

Judgement numa_balancing(const MachineFacts& facts) {
  if (facts.numa_balancing.value_or(0) == 0) return {fine, "off"};
  if (facts.nodes < 2) return {fine, "on, without a second node to move pages to"};
  return {spoils, fmt::format("on, over {} nodes", facts.nodes), "sysctl kernel.numa_balancing=0"};
}

Judgement mitigations(const MachineFacts& facts) {
  if (facts.mitigations == "none needed") return {fine, facts.mitigations};
  if (facts.mitigations.find("Mitigation") == std::string::npos)
    return {note, facts.mitigations,
            "nothing on this machine: say it beside the numbers, they hold for it alone"};
  return {note, facts.mitigations,
          "mitigations=off   (kernel command line: only to see what they cost, not to publish)"};
}

Judgement hardware_counters(const MachineFacts& facts) {
  if (!facts.cycle_counter)
    return {note, "the kernel has no hardware event source for CPUs",
            in_guest(facts)
                ? "nothing on this machine: have the host give the guest a virtual PMU"
                : "nothing on this machine: its kernel knows no performance counters of this CPU"};
  if (facts.perf_event_paranoid.value_or(2) > 2)
    return {note, fmt::format("kernel.perf_event_paranoid is {}", *facts.perf_event_paranoid),
            "sysctl kernel.perf_event_paranoid=2"};
  return {fine, "core cycles can be counted"};
}

Judgement nmi_watchdog(const MachineFacts& facts) {
  if (facts.nmi_watchdog.value_or(0) == 0) return {fine, "off"};
  return {note, "on: it keeps a hardware counter and interrupts every CPU",
          "sysctl kernel.nmi_watchdog=0"};
}

constexpr Check<MachineFacts> kMachineChecks[] = {
    {"CPUs",
     "threads that share a CPU are slowed by the scheduler, not by the transport: every "
     "number of cells with more threads than cores",
     cpus},
    {"SMT", "siblings share one core's execution units and L1: all cycles, delivered rate", smt},
    {"hypervisor",
     "stolen time reads as slow events: tails (p99, max) of cycles, delay and lag, "
     "reordering",
     hypervisor},
    {"governor",
     "core frequency follows load: cycles are TSC ticks, so all cycles, rates and their "
     "spread",
     governor},
    {"turbo",
     "core frequency depends on how many cores are busy and how warm: contention curves "
     "(cycles against producers) bend by it",
     turbo},
    {"TSC", "every cycle count, stamp, delay and order metric rests on a constant rate", tsc},
    {"clocksource",
     "if the TSCs of CPUs disagree: delay, reordering; and clock_gettime is a "
     "system call",
     clocksource},
    {"isolation",
     "the scheduler's tick and other tasks interrupt producers: hiccups, tails of "
     "cycles and delay",
     isolation},
    {"IRQ affinity", "handlers run in the middle of an event: hiccups, p99.9 and max of cycles",
     irq_affinity},
    {"irqbalance", "repetitions differ in which CPU is disturbed: width of the intervals",
     irqbalance},
    {"other load", "takes CPUs and caches: involuntary switches, tails, throughput", load},
    {"CPU quota", "stalls of tens of ms: tails of delay and lag, drops, achieved rate", quota},
    {"idle states", "a sleeping consumer wakes late: delay and drops with poll = \"epoll\"",
     idle_states},
    {"huge pages", "TLB misses differ from trial to trial: spread of cycles with large buffers",
     huge_pages},
    {"memory", "reclaim stalls trials at set-up, swapping inside them: page faults, tails", memory},
    {"NUMA balancing",
     "the kernel unmaps and moves pages of a running trial: page faults, hiccups, "
     "ring placement",
     numa_balancing},
    {"mitigations",
     "system calls and wake-ups cost more: kernel transports, poll = \"epoll\"; "
     "numbers hold for these mitigations",
     mitigations},
    {"core cycles",
     "no second column of core cycles: a change of frequency cannot be told from a "
     "change of cost",
     hardware_counters},
    {"NMI watchdog", "hiccups, and one hardware counter fewer for core cycles", nmi_watchdog},
};

}  // namespace

std::vector<Finding> check_machine(const MachineFacts& facts) {
  return apply<MachineFacts>(kMachineChecks, facts);
}

}  // namespace ringbench
