#include "bench/doctor/machine_facts.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <set>

#include "bench/doctor/proc_files.hpp"

namespace ringbench {
namespace {

namespace fs = std::filesystem;

bool is_there(const fs::path& file) {
  std::error_code unreadable;
  return fs::exists(file, unreadable);
}

bool is_number(const std::string& text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string::npos;
}

std::optional<unsigned> unsigned_in(const fs::path& file) {
  const auto number = number_in(file);
  return number && *number >= 0 ? std::optional(static_cast<unsigned>(*number)) : std::nullopt;
}

// The files of each CPU stand in folders cpu0, cpu1, ...
std::vector<fs::path> cpu_folders(const fs::path& root) {
  auto folders = entries_of(root / "sys/devices/system/cpu");
  std::erase_if(folders, [](const fs::path& folder) {
    const auto name = folder.filename().string();
    return !name.starts_with("cpu") || !is_number(name.substr(3));
  });
  return folders;
}

std::string vendor_by_cpuid() {
  unsigned eax = 0x4000'0000;
  std::array<unsigned, 3> name{};  // CPUID leaf 40000000H: the vendor of the hypervisor
  asm volatile("cpuid" : "+a"(eax), "=b"(name[0]), "=c"(name[1]), "=d"(name[2]) : "c"(0));
  std::string text(reinterpret_cast<const char*>(name.data()), sizeof name);
  std::erase_if(text, [](char c) { return c < ' ' || c > '~'; });
  text.erase(text.find_last_not_of(' ') + 1);
  return text.empty() ? "yes, unnamed" : text;
}

void read_cpuinfo(const fs::path& root, MachineFacts& facts) {
  const auto lines = lines_of(root / "proc/cpuinfo");
  const auto flags = words_of(value_of(lines, "flags"));
  const auto has = [&](const char* flag) { return std::ranges::find(flags, flag) != flags.end(); };
  facts.cpu_model = value_of(lines, "model name");
  facts.hypervisor = has("hypervisor") ? vendor_by_cpuid() : "none";
  facts.tsc_invariant = has("constant_tsc") && has("nonstop_tsc");
}

std::string governor(const fs::path& root) {
  std::set<std::string> found;
  for (const auto& folder : cpu_folders(root)) {
    const auto one = first_line(folder / "cpufreq/scaling_governor", "");
    if (!one.empty()) found.insert(one);
  }
  return found.empty() ? "unknown" : fmt::format("{}", fmt::join(found, ", "));
}

void read_turbo(const fs::path& root, MachineFacts& facts) {
  struct Switch {
    const char* file;
    const char* on;
  };
  facts.turbo = "unknown";
  for (const auto& [file, on] : {Switch{"sys/devices/system/cpu/intel_pstate/no_turbo", "0"},
                                 Switch{"sys/devices/system/cpu/cpufreq/boost", "1"}}) {
    const auto state = first_line(root / file, "");
    if (state.empty()) continue;
    facts.turbo = state == on ? "on" : "off";
    facts.turbo_file = fmt::format("/{}", file);
    return;
  }
}

std::string mitigations(const fs::path& root) {
  const auto files = entries_of(root / "sys/devices/system/cpu/vulnerabilities");
  if (files.empty()) return "unknown";
  std::vector<std::string> found;
  for (const auto& file : files) {
    const auto state = first_line(file, "unknown");
    if (state != "Not affected")
      found.push_back(fmt::format("{}: {}", file.filename().string(), state));
  }
  return found.empty() ? "none needed" : fmt::format("{}", fmt::join(found, "; "));
}

void read_cpu_settings(const fs::path& root, MachineFacts& facts) {
  const auto cpu = root / "sys/devices/system/cpu";
  facts.governor = governor(root);
  read_turbo(root, facts);
  facts.smt = first_line(cpu / "smt/control", "unknown");
  facts.mitigations = mitigations(root);
  facts.isolated_cpus = first_line(cpu / "isolated", "none");
  facts.nohz_full_cpus = first_line(cpu / "nohz_full", "none");
  // What a kernel writes that was built for it and booted without it.
  if (facts.nohz_full_cpus.find("null") != std::string::npos) facts.nohz_full_cpus = "none";
  facts.online = parse_cpu_list(first_line(cpu / "online", ""));
  facts.clocksource = first_line(
      root / "sys/devices/system/clocksource/clocksource0/current_clocksource", "unknown");
}

std::optional<unsigned> deepest_idle_exit_us(const fs::path& root) {
  std::optional<unsigned> deepest;
  for (const auto& cpu : cpu_folders(root)) {
    for (const auto& state : entries_of(cpu / "cpuidle")) {
      if (unsigned_in(state / "disable").value_or(0) != 0) continue;
      if (const auto latency = unsigned_in(state / "latency"))
        deepest = std::max(deepest.value_or(0), *latency);
    }
  }
  return deepest;
}

std::vector<IrqLine> irq_lines(const fs::path& root) {
  std::vector<IrqLine> lines;
  for (const auto& folder : entries_of(root / "proc/irq")) {
    const auto name = folder.filename().string();
    const auto cpus = first_line(folder / "smp_affinity_list", "");
    if (is_number(name) && !cpus.empty())
      lines.push_back({static_cast<unsigned>(std::stoul(name)), parse_cpu_list(cpus)});
  }
  return lines;
}

bool runs(const fs::path& root, const std::string& name) {
  const auto processes = entries_of(root / "proc");
  return std::ranges::any_of(processes, [&](const fs::path& folder) {
    return is_number(folder.filename().string()) && first_line(folder / "comm", "") == name;
  });
}

// Pressure stall information: "some avg10=0.12 avg60=..."; see the kernel's accounting/psi.rst.
std::optional<double> pressure(const fs::path& file) {
  const std::string line = first_line(file, ""), key = "some avg10=";
  if (!line.starts_with(key)) return std::nullopt;
  return number_of(line.substr(key.size()));
}

void read_load(const fs::path& root, MachineFacts& facts) {
  const auto words = words_of(first_line(root / "proc/loadavg", ""));  // load1 load5 load15 1/94 7
  if (words.size() >= 4) {
    facts.load = number_of(words[0]);
    if (const auto runnable = number_of(words[3]))
      facts.runnable = static_cast<unsigned>(std::max(0.0, *runnable - 1));
  }
  facts.cpu_pressure = pressure(root / "proc/pressure/cpu");
  facts.irqbalance = runs(root, "irqbalance");
}

std::optional<CpuQuota> quota_v2(const fs::path& root, const fs::path& folder) {
  const auto words = words_of(first_line(root / folder / "cpu.max", ""));  // quota or max, period
  if (words.size() != 2) return std::nullopt;
  const auto quota = number_of(words[0]), period = number_of(words[1]);
  if (!quota || !period) return std::nullopt;
  return CpuQuota{*quota / *period, "/" + (folder / "cpu.max").string(), "max"};
}

std::optional<CpuQuota> quota_v1(const fs::path& root, const fs::path& folder) {
  const auto quota = number_in(root / folder / "cpu.cfs_quota_us");
  const auto period = number_in(root / folder / "cpu.cfs_period_us");
  if (!quota || !period || *quota <= 0) return std::nullopt;
  return CpuQuota{*quota / *period, "/" + (folder / "cpu.cfs_quota_us").string(), "-1"};
}

// Every cgroup above a process binds it. Inside a container the path of /proc/self/cgroup may be
// one of the host, of which only the mount's own root can be seen: the walk up ends there.
std::optional<CpuQuota> tightest_quota(const fs::path& root) {
  const fs::path mount = "sys/fs/cgroup";
  std::optional<CpuQuota> tightest;
  for (const auto& line : lines_of(root / "proc/self/cgroup")) {  // number:controllers:/path
    const auto first = line.find(':'), second = line.find(':', first + 1);
    if (second == std::string::npos) continue;
    const auto controllers = line.substr(first + 1, second - first - 1);
    const bool v2 = controllers.empty();
    if (!v2 && (',' + controllers + ',').find(",cpu,") == std::string::npos) continue;
    const fs::path tree =
        v2 ? (is_there(root / mount / "unified") ? mount / "unified" : mount) : mount / controllers;
    for (fs::path path = fs::path(line.substr(second + 1)).relative_path();;
         path = path.parent_path()) {
      const auto folder = path.empty() ? tree : tree / path;
      const auto found = v2 ? quota_v2(root, folder) : quota_v1(root, folder);
      if (found && (!tightest || found->cpus < tightest->cpus)) tightest = found;
      if (path.empty()) break;
    }
  }
  return tightest;
}

std::uint64_t kb_of(const std::vector<std::string>& lines, const std::string& key) {
  for (const auto& line : lines) {
    const auto at = line.find(key + ':');
    if (at == std::string::npos) continue;
    return static_cast<std::uint64_t>(number_of(line.substr(at + key.size() + 1)).value_or(0));
  }
  return 0;
}

void read_memory(const fs::path& root, MachineFacts& facts) {
  const auto whole = lines_of(root / "proc/meminfo");
  if (!whole.empty()) facts.swap_used_kb = kb_of(whole, "SwapTotal") - kb_of(whole, "SwapFree");
  facts.memory_pressure = pressure(root / "proc/pressure/memory");
  for (const auto& folder : entries_of(root / "sys/devices/system/node")) {
    const auto name = folder.filename().string();
    const auto lines = lines_of(folder / "meminfo");
    if (!name.starts_with("node") || !is_number(name.substr(4)) || lines.empty()) continue;
    facts.memory.push_back({static_cast<unsigned>(std::stoul(name.substr(4))),
                            kb_of(lines, "MemTotal"),
                            kb_of(lines, "MemFree") + kb_of(lines, "Inactive(file)")});
  }
  facts.huge_pages = first_line(root / "sys/kernel/mm/transparent_hugepage/enabled", "unknown");
}

void read_kernel_settings(const fs::path& root, MachineFacts& facts) {
  const auto kernel = root / "proc/sys/kernel";
  facts.numa_balancing = unsigned_in(kernel / "numa_balancing");
  facts.nmi_watchdog = unsigned_in(kernel / "nmi_watchdog");
  if (const auto level = number_in(kernel / "perf_event_paranoid"))
    facts.perf_event_paranoid = static_cast<int>(*level);
  const auto sources = root / "sys/bus/event_source/devices";
  facts.cycle_counter = is_there(sources / "cpu") || is_there(sources / "cpu_core");
}

}  // namespace

std::vector<unsigned> parse_cpu_list(const std::string& list) {
  constexpr unsigned kMostCpus = 65'536;  // above what any kernel numbers: the list is a mistake
  std::vector<unsigned> cpus;
  const char* const end = list.data() + list.size();
  for (const char* at = list.data(); at < end; ++at) {
    unsigned first = 0, last = 0;
    auto read = std::from_chars(at, end, first);
    if (read.ec != std::errc{}) return {};
    last = first;
    if (read.ptr < end && *read.ptr == '-') read = std::from_chars(read.ptr + 1, end, last);
    if (read.ec != std::errc{} || (read.ptr < end && *read.ptr != ',')) return {};
    if (last > kMostCpus) return {};
    for (unsigned cpu = first; cpu <= last; ++cpu) cpus.push_back(cpu);
    at = read.ptr;
  }
  return cpus;
}

MachineFacts read_machine_facts(const fs::path& root, const Machine& machine) {
  MachineFacts facts;
  std::set<unsigned> cores;
  for (const auto& cpu : machine.cpus) {
    facts.cpus.push_back(cpu.os);
    cores.insert(cpu.core);
  }
  facts.cores = static_cast<unsigned>(cores.size());
  facts.nodes = static_cast<unsigned>(machine.nodes.size());
  read_cpuinfo(root, facts);
  read_cpu_settings(root, facts);
  facts.idle_exit_us = deepest_idle_exit_us(root);
  facts.irqs = irq_lines(root);
  read_load(root, facts);
  facts.quota = tightest_quota(root);
  read_memory(root, facts);
  read_kernel_settings(root, facts);
  return facts;
}

}  // namespace ringbench
