// What Linux tells of a machine in /sys and /proc, as far as it matters to a measurement: read
// once, for the store's provenance and for the doctor's checks.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "topology/machine.hpp"

namespace ringbench {

// An interrupt line of a device and the CPUs that may get it.
struct IrqLine {
  unsigned number = 0;
  std::vector<unsigned> cpus;
};

// A bound on CPU time that a cgroup sets (cgroup v2: cpu.max; v1: cpu.cfs_quota_us).
struct CpuQuota {
  double cpus = 0;      // CPU time a second
  std::string file;     // that holds it
  std::string without;  // what to write there instead
};

struct NodeMemory {
  unsigned node = 0;
  std::uint64_t total_kb = 0;
  std::uint64_t free_kb = 0;  // or quickly freed: page cache not used lately
};

// Strings read "unknown" where the machine does not tell, and "none" where it tells that there is
// none; numbers are absent where it does not tell.
struct MachineFacts {
  std::vector<unsigned> cpus;  // OS indices of the allowed CPUs
  unsigned cores = 0;          // that they belong to
  unsigned nodes = 0;
  std::vector<unsigned> online;  // of the whole machine; empty: not told

  std::string cpu_model;
  std::string hypervisor;  // its vendor's name
  std::string governor;    // several: separated by commas
  std::string turbo;       // on, off
  std::string turbo_file;  // that switches it; empty: none
  std::string smt;         // /sys/devices/system/cpu/smt/control
  std::string mitigations;
  std::string isolated_cpus;  // isolcpus=
  std::string nohz_full_cpus;
  std::string huge_pages;  // the whole line, e.g. always [madvise] never
  std::string clocksource;
  bool tsc_invariant = false;  // the kernel's flags constant_tsc and nonstop_tsc

  std::vector<IrqLine> irqs;
  bool irqbalance = false;               // a process of that name runs
  std::optional<double> load;            // tasks, over the last minute
  std::optional<unsigned> runnable;      // tasks besides the reader, at this instant
  std::optional<double> cpu_pressure;    // % of the last 10 s in which a task waited for a CPU
  std::optional<CpuQuota> quota;         // the tightest
  std::optional<unsigned> idle_exit_us;  // of the deepest idle state that is enabled
  std::optional<std::uint64_t> swap_used_kb;
  std::optional<double> memory_pressure;  // % of the last 10 s in which a task waited for memory
  std::vector<NodeMemory> memory;
  std::optional<unsigned> numa_balancing, nmi_watchdog;  // sysctl kernel.*
  std::optional<int> perf_event_paranoid;
  bool cycle_counter = false;  // the kernel has a hardware event source for CPUs
};

// `root` is put before /sys and /proc: "/", or a folder that imitates them. Whatever is missing
// there stays unknown; nothing is thrown for it.
MachineFacts read_machine_facts(const std::filesystem::path& root, const Machine& machine);

// The CPUs of a list as Linux writes them, e.g. 0-3,8; what is no list gives none.
std::vector<unsigned> parse_cpu_list(const std::string& list);

}  // namespace ringbench
