#include "bench/run/provenance.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sys/utsname.h>

#include <ctime>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>

#include "generated/build_facts.hpp"

namespace ringbench {
namespace {

// First line of a file of /sys or /proc; `missing` when the machine does not tell.
std::string first_line(const std::string& path, const std::string& missing) {
  std::ifstream file(path);
  std::string line;
  return std::getline(file, line) && !line.empty() ? line : missing;
}

std::string cpuinfo(const std::string& key) {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with(key)) return line.substr(line.find(':') + 2);
  }
  return "unknown";
}

std::string hypervisor() {
  const bool guest = (' ' + cpuinfo("flags") + ' ').find(" hypervisor ") != std::string::npos;
  if (!guest) return "none";
  unsigned eax = 0x4000'0000;
  std::array<unsigned, 3> name{};  // CPUID leaf 40000000H: the vendor of the hypervisor
  asm volatile("cpuid" : "+a"(eax), "=b"(name[0]), "=c"(name[1]), "=d"(name[2]) : "c"(0));
  std::string text(reinterpret_cast<const char*>(name.data()), sizeof name);
  std::erase_if(text, [](char c) { return c < ' ' || c > '~'; });
  return text.empty() ? "yes, unnamed" : text;
}

std::string governor() {
  std::set<std::string> found;
  for (const auto& entry : std::filesystem::directory_iterator("/sys/devices/system/cpu")) {
    const auto path = entry.path() / "cpufreq/scaling_governor";
    if (std::filesystem::exists(path)) found.insert(first_line(path, "unknown"));
  }
  return found.empty() ? "unknown" : fmt::format("{}", fmt::join(found, ", "));
}

std::string turbo() {
  const std::string intel = first_line("/sys/devices/system/cpu/intel_pstate/no_turbo", "");
  if (!intel.empty()) return intel == "0" ? "on" : "off";
  const std::string boost = first_line("/sys/devices/system/cpu/cpufreq/boost", "");
  if (!boost.empty()) return boost == "1" ? "on" : "off";
  return "unknown";
}

std::string mitigations() {
  const std::filesystem::path folder = "/sys/devices/system/cpu/vulnerabilities";
  if (!std::filesystem::exists(folder)) return "unknown";
  std::map<std::string, std::string> found;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    const auto line = first_line(entry.path(), "unknown");
    if (line != "Not affected") found[entry.path().filename()] = line;
  }
  std::string text;
  for (const auto& [name, state] : found) text += fmt::format("{}: {}; ", name, state);
  return text.empty() ? "none needed" : text.substr(0, text.size() - 2);
}

std::string kernel() {
  utsname name{};
  uname(&name);
  return fmt::format("{} {} {}", name.sysname, name.release, name.machine);
}

}  // namespace

Provenance describe_machine(const Machine& machine, const ClockFacts& clock) {
  const std::string sys = "/sys/devices/system/";
  return {
      {"host", host_name()},
      {"kernel", kernel()},
      {"cpu_model", cpuinfo("model name")},
      {"cpus_allowed", allowed_cpus(machine)},
      {"governor", governor()},
      {"smt", first_line(sys + "cpu/smt/control", "unknown")},
      {"turbo", turbo()},
      {"mitigations", mitigations()},
      {"isolated_cpus", first_line(sys + "cpu/isolated", "none")},
      {"huge_pages", first_line("/sys/kernel/mm/transparent_hugepage/enabled", "unknown")},
      {"hypervisor", hypervisor()},
      {"clocksource", first_line(sys + "clocksource/clocksource0/current_clocksource", "unknown")},
      {"numa_nodes", std::to_string(machine.nodes.size())},
      {"topology_xml", machine.xml},
      {"tsc_invariant", clock.invariant ? "1" : "0"},
      {"tsc_hz", fmt::format("{:.0f}", clock.hz)},
      {"tsc_hz_relative_error", fmt::format("{:.3g}", clock.hz_relative_error)},
      {"tsc_resolution_cycles", std::to_string(clock.resolution_ticks)},
      {"timer_pair_cycles", std::to_string(clock.timer_pair_ticks)},
      {"tsc_offset_bound_cycles", std::to_string(clock.offset_bound_ticks)},
  };
}

Provenance describe_program() {
  return {{"compiler", kCompiler},
          {"compile_flags", kCompileFlags},
          {"git_revision", kGitRevision},
          {"ringbench_version", kVersion}};
}

Provenance describe_run(const Config& config, const std::string& command) {
  return {{"started", now_utc()},
          {"config_name", config.name},
          {"config_title", config.title},
          {"config_question", config.question},
          {"config_text", config.text},
          {"config_folder", config.folder},
          {"seed", std::to_string(config.run.seed)},
          {"command", command}};
}

std::string allowed_cpus(const Machine& machine) {
  std::vector<unsigned> cpus;
  for (const auto& cpu : machine.cpus) cpus.push_back(cpu.os);
  return fmt::format("{}", fmt::join(cpus, ","));
}

std::string host_name() {
  utsname name{};
  uname(&name);
  return name.nodename;
}

std::string now_utc() {
  return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(std::time(nullptr)));
}

std::string version() {
  return fmt::format("ringbench {} ({})", kVersion, kGitRevision);
}

}  // namespace ringbench
