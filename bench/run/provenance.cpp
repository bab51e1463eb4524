#include "bench/run/provenance.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sys/utsname.h>

#include <ctime>

#include "bench/doctor/machine_facts.hpp"
#include "generated/build_facts.hpp"
#include "topology/cycle_counter.hpp"

namespace ringbench {

Provenance describe_machine(const Machine& machine, const ClockFacts& clock) {
  const MachineFacts facts = read_machine_facts("/", machine);
  return {
      {"host", host_name()},
      {"kernel", kernel_name()},
      {"cpu_model", facts.cpu_model},
      {"cpus_allowed", allowed_cpus(machine)},
      {"governor", facts.governor},
      {"smt", facts.smt},
      {"turbo", facts.turbo},
      {"mitigations", facts.mitigations},
      {"isolated_cpus", facts.isolated_cpus},
      {"huge_pages", facts.huge_pages},
      {"hypervisor", facts.hypervisor},
      {"clocksource", facts.clocksource},
      {"numa_nodes", std::to_string(machine.nodes.size())},
      {"topology_xml", machine.xml},
      {"tsc_invariant", clock.invariant ? "1" : "0"},
      {"tsc_hz", fmt::format("{:.0f}", clock.hz)},
      {"tsc_hz_relative_error", fmt::format("{:.3g}", clock.hz_relative_error)},
      {"tsc_resolution_cycles", std::to_string(clock.resolution_ticks)},
      {"timer_pair_cycles", std::to_string(clock.timer_pair_ticks)},
      {"tsc_offset_bound_cycles", std::to_string(clock.offset_bound_ticks)},
      {"monotonic_resolution_ns", std::to_string(clock.monotonic_resolution_ns)},
      {"monotonic_uncertainty_cycles", std::to_string(clock.monotonic.uncertainty_ticks)},
      {"core_cycles", CycleCounter().describe()},
  };
}

Provenance describe_program() {
  return {{"compiler", kCompiler},
          {"compile_flags", kCompileFlags},
          {"ignored_reservation", kIgnoredReservation},
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

std::string kernel_name() {
  utsname name{};
  uname(&name);
  return fmt::format("{} {} {}", name.sysname, name.release, name.machine);
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
