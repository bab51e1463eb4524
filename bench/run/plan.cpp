#include "bench/run/plan.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <ctime>
#include <stdexcept>
#include <utility>
#include <variant>

#include "bench/config/input_files.hpp"
#include "bench/config/parameters.hpp"
#include "bench/run/provenance.hpp"

namespace ringbench {
namespace {

const ClockFacts& clock_of(const Plan& plan) {
  static const ClockFacts none;
  return plan.planned.empty() ? none : plan.planned.front().spec.clock;
}

// A file that is gone is no harm: the store has it. One that says something else would leave two
// kinds of trials under one config.
void check_unchanged(const Store& store, const std::filesystem::path& file,
                     const std::string& content) {
  if (!std::filesystem::exists(file)) return;
  std::string found;
  try {
    found = read_file(file, content.size());
  } catch (const std::runtime_error&) {
    found.clear();  // it has grown, or may not be read any more
  }
  if (found == content) return;
  throw StoreError(fmt::format(
      "{} is not what it was when {} was begun: put back what it was (the table `input` "
      "has it), or begin a run of its own with the new one",
      file.string(), store.file().string()));
}

}  // namespace

Plan plan_cells(const Config& config, const Machine& machine) {
  Plan plan;
  for (const auto& cell : config.cells) {
    auto spec = specify(cell, machine);
    if (auto* refusal = std::get_if<Refusal>(&spec)) {
      plan.skipped.push_back({cell, std::move(refusal->why)});
      continue;
    }
    plan.planned.push_back(
        {id_of(cell), name_of(cell), std::get<TrialSpec>(std::move(spec)), config.run.repetitions});
    plan.planned.back().spec.watchdog_s = config.run.watchdog_s;
    plan.planned.back().spec.noise = config.noise;
  }
  return plan;
}

void measure_clock_of(Plan& plan, const Machine& machine) {
  std::vector<unsigned> cpus;
  for (const auto& cpu : machine.cpus) cpus.push_back(cpu.os);
  const auto clock = measure_clock(cpus);
  for (auto& cell : plan.planned) cell.spec.clock = clock;
}

std::filesystem::path default_folder(const Config& config) {
  return fmt::format("results/{:%Y%m%dT%H%M%SZ}-{}-{}", fmt::gmtime(std::time(nullptr)),
                     host_name(), config.name);
}

Store begin_store(const std::filesystem::path& folder, const Config& config, const Machine& machine,
                  const Plan& plan, const std::string& command) {
  return Store::create(folder, [&](Store& store) {
    store.put(describe_machine(machine, clock_of(plan)));
    store.put(describe_program());
    store.put(describe_run(config, command));
    store.put_inputs(config.inputs);
    for (const auto& cell : plan.planned) store.put_cell(cell.spec.cell, {}, cell.spec.rings);
    for (const auto& [cell, why] : plan.skipped) store.put_cell(cell, why, 0);
  });
}

void mark_finished(Store& store) {
  store.put({{"finished", now_utc()}});
}

Config stored_config(const Store& store, const Machine& machine) {
  const auto facts = store.provenance();
  const auto fact = [&](const std::string& key) {
    const auto found = facts.find(key);
    return found == facts.end() ? std::string() : found->second;
  };
  if (fact("host") != host_name()) {
    throw StoreError(fmt::format(
        "{} was made on {}, this is {}: resume it there, or begin a run of its own here",
        store.file().string(), fact("host"), host_name()));
  }
  if (fact("cpus_allowed") != allowed_cpus(machine)) {
    throw StoreError(
        fmt::format("{} was made on CPUs {}, this process may use {}: resume it on the same CPUs "
                    "(taskset, cpuset), or begin a run of its own",
                    store.file().string(), fact("cpus_allowed"), allowed_cpus(machine)));
  }
  const std::filesystem::path folder = fact("config_folder");
  auto inputs = store.inputs();
  for (const auto& [path, content] : inputs) check_unchanged(store, folder / path, content);
  return parse_config(fact("config_text"), folder / (fact("config_name") + ".toml"),
                      machine.cpus.size(), std::move(inputs));
}

}  // namespace ringbench
