#include "bench/run/reportable.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>
#include <sstream>
#include <stdexcept>

#include "bench/config/parameters.hpp"
#include "bench/doctor/diagnosis.hpp"
#include "generated/build_facts.hpp"

namespace ringbench {
namespace {

using Cpus = std::vector<unsigned>;

// A consumer that starts when the window has closed disturbs nobody in it.
Cpus consumers_in_window(const TrialSpec& spec) {
  return spec.cell.poll == "after_window" ? Cpus{} : spec.placement.consumer_cpus;
}

std::set<unsigned> cores_of(const Cpus& cpus, const Machine& machine) {
  std::set<unsigned> cores;
  for (const unsigned os : cpus) {
    if (const Cpu* cpu = machine.find(os)) cores.insert(cpu->core);
  }
  return cores;
}

bool oversubscribed(const TrialSpec& spec, const Machine& /*machine*/) {
  return spec.placement.oversubscribed;
}

bool consumer_shares_core(const TrialSpec& spec, const Machine& machine) {
  const auto producers = cores_of(spec.placement.producer_cpus, machine);
  const auto consumers = cores_of(consumers_in_window(spec), machine);
  return std::ranges::any_of(consumers, [&](unsigned core) { return producers.contains(core); });
}

bool siblings_in(const Cpus& cpus, const Machine& machine) {
  return cores_of(cpus, machine).size() < std::set<unsigned>(cpus.begin(), cpus.end()).size();
}

bool uses_siblings(const TrialSpec& spec, const Machine& machine) {
  return siblings_in(spec.placement.producer_cpus, machine) ||
         siblings_in(consumers_in_window(spec), machine);
}

bool not_warm(const TrialSpec& spec, const Machine& /*machine*/) {
  return spec.cell.warmup_ms == 0;
}

struct CellFault {
  const char* what;
  const char* mend;
  bool (*has)(const TrialSpec&, const Machine&);
};

constexpr CellFault kCellFaults[] = {
    {"put several producers on one CPU", "use fewer producers, without oversubscribe",
     oversubscribed},
    {"have a consumer on a producer's core",
     "use fewer producers, with consumer = \"own_core_same_node\"", consumer_shares_core},
    {"use more CPUs than cores", "use placement = \"cores_first\" and no more threads than cores",
     uses_siblings},
    {"have no warm-up", "state warmup_ms", not_warm},
};

void judge_cells(const Plan& plan, const Machine& machine, Reasons& reasons) {
  for (const auto& [what, mend, has] : kCellFaults) {
    const auto faulty = [&](const Planned& cell) { return has(cell.spec, machine); };
    const auto count = std::ranges::count_if(plan.planned, faulty);
    if (count == 0) continue;
    reasons.push_back(fmt::format("{} of {} cells {}, e.g. {}: {}", count, plan.planned.size(),
                                  what, std::ranges::find_if(plan.planned, faulty)->name, mend));
  }
  if (plan.skipped.empty()) return;
  const auto& first = plan.skipped.front();
  reasons.push_back(fmt::format("{} cells cannot run here, so the matrix is not whole, e.g. {}: {}",
                                plan.skipped.size(), name_of(first.cell), first.why));
}

}  // namespace

Reasons against_schedule(const RunSettings& settings, const Plan& plan, const BenchmarkFlags& flags,
                         const Machine& machine) {
  Reasons reasons;
  const auto repetitions = flags.repetitions.value_or(settings.repetitions);
  if (repetitions < kFewestReportable)
    reasons.push_back(
        fmt::format("repetitions = {} are too few for an interval of the median: "
                    "state at least {} in [run]",
                    repetitions, kFewestReportable));
  if (settings.interval == 0 || settings.interval > kWidestReportable)
    reasons.push_back(
        fmt::format("interval = {:g} {}: state at most {:g} in [run], and more "
                    "max_repetitions",
                    settings.interval,
                    settings.interval == 0 ? "asks for no width of the interval" : "is too wide",
                    kWidestReportable));
  if (!flags.filter.empty() && flags.filter != "all")
    reasons.push_back(
        fmt::format("--benchmark_filter={} leaves out cells of the matrix: run "
                    "without it",
                    flags.filter));
  judge_cells(plan, machine, reasons);
  return reasons;
}

Reasons against_program(const std::string& revision, const std::string& build_type,
                        const std::string& compile_flags) {
  Reasons reasons;
  if (revision == "unknown" || revision.ends_with("-dirty"))
    reasons.push_back(
        fmt::format("the program's git revision is {}, so nobody can build it again: "
                    "commit, then build",
                    revision));
  if (build_type != "Release")
    reasons.push_back(
        fmt::format("the program is a {} build: configure with "
                    "-DCMAKE_BUILD_TYPE=Release",
                    build_type));
  if (compile_flags.find("-fsanitize") != std::string::npos)
    reasons.push_back(
        "the program is built with a sanitizer: configure without RINGBENCH_SANITIZER");
  return reasons;
}

Reasons against_machine(const std::vector<Finding>& findings) {
  Reasons reasons;
  for (const auto& finding : findings)
    if (finding.verdict == Verdict::spoils) reasons.push_back(in_a_line(finding));
  return reasons;
}

Reasons against_reporting(const Config& config, const Plan& plan, const BenchmarkFlags& flags,
                          const Machine& machine) {
  Reasons reasons = against_schedule(config.run, plan, flags, machine);
  std::ranges::move(against_machine(check_machine(read_machine_facts("/", machine))),
                    std::back_inserter(reasons));
  std::ranges::move(against_program(kGitRevision, kBuildType, kCompileFlags),
                    std::back_inserter(reasons));
  return reasons;
}

void require_reportable(const Config& config, const Plan& plan, const BenchmarkFlags& flags,
                        const Machine& machine, const Reasons& before) {
  constexpr double kWatchedS = 1;
  Reasons reasons = together(before, against_reporting(config, plan, flags, machine));
  std::ranges::move(against_machine(check_activity(watch_activity(machine, kWatchedS))),
                    std::back_inserter(reasons));
  if (reasons.empty()) return;
  throw std::runtime_error(
      fmt::format("--reportable: this run would not deserve to be reported; no trial was run, "
                  "nothing was written:\n  - {}",
                  fmt::join(reasons, "\n  - ")));
}

Reasons together(Reasons before, const Reasons& now) {
  for (const auto& reason : now)
    if (std::ranges::find(before, reason) == before.end()) before.push_back(reason);
  return before;
}

std::string reportable_text(const Reasons& reasons) {
  return reasons.empty() ? "yes" : fmt::format("{}", fmt::join(reasons, "\n"));
}

Reasons reasons_in(const Provenance& provenance) {
  const auto found = provenance.find("reportable");
  if (found == provenance.end())
    return {"nobody looked at the machine and the schedule before the run began: run it anew"};
  Reasons reasons;
  std::istringstream lines(found->second == "yes" ? "" : found->second);
  for (std::string line; std::getline(lines, line);) reasons.push_back(line);
  return reasons;
}

}  // namespace ringbench
