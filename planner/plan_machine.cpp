#include "planner/plan_machine.hpp"

#include <fmt/format.h>
#include <sys/utsname.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <set>
#include <stdexcept>

namespace ringbench::planner {
namespace {

constexpr std::string_view kThisMachine = "this";
constexpr std::string_view kAllCpus = "all";
constexpr unsigned kMostCpuNumber = 1'000'000;
constexpr std::string_view kTopologyAllowed =
    "\"this\", the path of an hwloc XML file (lstopo FILE.xml), or a synthetic topology such as "
    "\"package:2 [numa] l3:4 core:12 pu:2\"";
constexpr std::string_view kCpusAllowed =
    "\"all\", a list as Linux writes them, such as \"0-7,16\", or an array of CPU numbers";

std::string host_name() {
  utsname name{};
  uname(&name);
  return name.nodename;
}

bool is_xml(const std::string& path) {
  std::error_code ignored;
  return path.ends_with(".xml") || std::filesystem::is_regular_file(path, ignored);
}

Machine machine_of(const Calibration& calibration) {
  try {
    return machine_from_xml_text(calibration.topology, calibration.path);
  } catch (const std::runtime_error&) {
    throw std::runtime_error(
        fmt::format("{}: the field \"topology\" is not hwloc XML that can be read here; make it "
                    "again with './run.sh calibrate'",
                    calibration.path));
  }
}

// A calibration names its CPUs by OS index, so it is of this machine where the same host has the
// same CPUs in the same places.
bool is_of(const Calibration& calibration, const Machine& machine) {
  if (calibration.host != host_name()) return false;
  std::vector<unsigned> allowed;
  for (const auto& cpu : machine.cpus) allowed.push_back(cpu.os);
  return restrict_to(machine_of(calibration), allowed).cpus == machine.cpus;
}

std::optional<unsigned> number_of(std::string_view text) {
  unsigned number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number <= kMostCpuNumber ? std::optional(number) : std::nullopt;
}

// "0-7,16"; nothing: it is no such list, or longer than a plan may be.
std::optional<std::set<unsigned>> cpus_from_text(std::string_view text) {
  std::set<unsigned> cpus;
  for (bool more = true; more && cpus.size() <= kMostPlanCpus;) {
    const auto comma = text.find(',');
    const auto range = text.substr(0, comma);
    more = comma != std::string_view::npos;
    if (more) text.remove_prefix(comma + 1);
    const auto dash = range.find('-');
    const auto first = number_of(range.substr(0, dash));
    const auto last = dash == std::string_view::npos ? first : number_of(range.substr(dash + 1));
    if (!first || !last || *last < *first || *last - *first >= kMostPlanCpus) return std::nullopt;
    for (unsigned cpu = *first; cpu <= *last; ++cpu) cpus.insert(cpu);
  }
  return cpus.size() <= kMostPlanCpus ? std::optional(cpus) : std::nullopt;
}

std::optional<std::set<unsigned>> cpus_from_array(const toml::array& array) {
  std::set<unsigned> cpus;
  for (const auto& element : array) {
    const auto cpu = element.value_exact<std::int64_t>();
    if (!cpu || *cpu < 0 || *cpu > kMostCpuNumber) return std::nullopt;
    cpus.insert(static_cast<unsigned>(*cpu));
  }
  return cpus.empty() ? std::nullopt : std::optional(cpus);
}

class MachineReader {
 public:
  MachineReader(Statements& statements, Plan& plan) : statements_(statements), plan_(plan) {}

  // False: there is none, and why is reported.
  bool read_topology() {
    if (statements_.find("machine.topology") == nullptr) {
      statements_.reject(
          "machine.topology",
          fmt::format("missing, so the machine is not known; allowed: {}", kTopologyAllowed));
      return false;
    }
    const auto written = statements_.text("machine.topology");
    if (!written) return false;
    try {
      read_topology(*written);
      return true;
    } catch (const std::runtime_error& error) {
      statements_.reject("machine.topology",
                         fmt::format("{}; allowed: {}", error.what(), kTopologyAllowed));
      return false;
    }
  }

  void read_cpus() {
    const auto* stated = statements_.find("machine.cpus");
    if (stated == nullptr || stated->node->value_exact<std::string>() == kAllCpus) {
      for (const auto& cpu : plan_.machine.cpus) plan_.cpus.push_back(cpu.os);
      std::ranges::sort(plan_.cpus);
    } else {
      choose(*stated->node);
    }
    if (plan_.cpus.size() <= kMostPlanCpus) return;
    statements_.reject(stated == nullptr ? "machine.topology" : "machine.cpus",
                       fmt::format("found {} CPUs; allowed: at most {}, so state fewer in "
                                   "machine.cpus",
                                   plan_.cpus.size(), kMostPlanCpus));
    plan_.cpus.clear();
  }

 private:
  void read_topology(const std::string& written) {
    if (written == kThisMachine) {
      plan_.machine = this_machine();
      plan_.machine_words = "this machine";
    } else if (const auto path = *statements_.path("machine.topology"); is_xml(path)) {
      plan_.machine = machine_from_xml(path);
      plan_.machine_words = written;
    } else {
      plan_.machine = machine_from_synthetic(written);
      plan_.machine_words = written;
    }
  }

  void choose(const toml::node& node) {
    std::optional<std::set<unsigned>> chosen;
    if (const auto text = node.value_exact<std::string>()) chosen = cpus_from_text(*text);
    if (const auto* array = node.as_array()) chosen = cpus_from_array(*array);
    if (!chosen) {
      statements_.reject("machine.cpus", fmt::format("{}; allowed: {}", found(node), kCpusAllowed));
      return;
    }
    for (const unsigned cpu : *chosen) {
      if (plan_.machine.find(cpu) != nullptr) continue;
      statements_.reject(
          "machine.cpus",
          fmt::format("found CPU {}, which {} does not have; allowed: CPUs out of {}", cpu,
                      plan_.machine_words, cpu_list(plan_.machine.cpus)));
      return;
    }
    plan_.cpus.assign(chosen->begin(), chosen->end());
  }

  Statements& statements_;
  Plan& plan_;
};

}  // namespace

void read_machine(Statements& statements, const Calibration* calibration, Plan& plan) {
  MachineReader reader(statements, plan);
  if (!reader.read_topology()) return;
  reader.read_cpus();
  const auto topology = statements.text("machine.topology");
  plan.calibrated_here =
      calibration != nullptr && topology == kThisMachine && is_of(*calibration, plan.machine);
}

}  // namespace ringbench::planner
