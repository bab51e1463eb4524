#include "bench/run/plan.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <ctime>
#include <set>
#include <stdexcept>
#include <utility>
#include <variant>

#include "bench/config/input_files.hpp"
#include "bench/config/parameters.hpp"
#include "bench/run/provenance.hpp"
#include "bench/trial/surroundings.hpp"
#include "topology/noise.hpp"

namespace ringbench {
namespace {

constexpr double kWatchedS = 0.5;

std::set<unsigned> set_of(const std::vector<unsigned>& cpus) {
  return {cpus.begin(), cpus.end()};
}

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

Plan plan_cells(const Config& config, std::vector<Cell> cells, const Machine& machine) {
  Plan plan;
  plan.planned.reserve(cells.size());
  for (auto& cell : cells) {
    auto id = id_of(cell);
    auto name = name_of(cell);
    auto spec = specify(std::move(cell), machine);
    if (auto* refusal = std::get_if<Refusal>(&spec)) {
      plan.skipped.push_back({std::move(cell), std::move(refusal->why)});
      continue;
    }
    plan.planned.push_back({std::move(id), std::move(name), std::get<TrialSpec>(std::move(spec)),
                            config.run.repetitions});
    plan.planned.back().spec.watchdog_s = config.run.watchdog_s;
    plan.planned.back().spec.noise = config.noise;
  }
  std::vector<const TrialSpec*> specs;
  for (const auto& cell : plan.planned) specs.push_back(&cell.spec);
  plan.limits = plan_limits(machine, specs);
  return plan;
}

void measure_clock_of(Plan& plan, const Machine& machine) {
  std::vector<unsigned> cpus;
  for (const auto& cpu : machine.cpus) cpus.push_back(cpu.os);
  const auto clock = measure_clock(cpus);
  for (auto& cell : plan.planned) cell.spec.clock = clock;
}

void choose(Plan& plan, const Chosen& chosen) {
  plan.chosen = chosen;
  for (auto& cell : plan.planned) {
    if (cell.spec.cell.duration_ms != 0) continue;
    cell.spec.window_ms = chosen.window_ms;
    cell.repetitions = chosen.repetitions;
  }
}

void choose_as_before(Plan& plan, const Store& store) {
  const auto chosen = stored_choice(store);
  choose(plan, chosen);
  const auto is_open = [](const Planned& cell) { return cell.spec.window_ms == 0; };
  if (std::ranges::any_of(plan.planned, is_open)) {
    throw StoreError(fmt::format(
        "{} does not say which window was chosen for cells that leave it to the noise: "
        "none of them could run here when it was begun, or the store is damaged; begin a "
        "run of its own, or restore a copy",
        store.file().string()));
  }
}

void choose_windows(Plan& plan, const Config& config) {
  std::set<unsigned> cpus;
  for (const auto& cell : plan.planned) {
    if (cell.spec.cell.duration_ms == 0) cpus.merge(set_of(cpus_of(cell.spec.placement)));
  }
  if (cpus.empty()) return;
  const auto noise = measure_noise({cpus.begin(), cpus.end()}, kWatchedS, clock_of(plan).hz);
  const auto advice = advise(noise, config.noise.longest_window_ms, config.run.repetitions,
                             config.noise.hiccup_share);
  fmt::print(stderr,
             "noise: {:.0f} hiccups a second and CPU, {:.2f} % of the time; windows of {} ms, {} "
             "repetitions ({:.0f} % of such windows were undisturbed)\n",
             hiccups_per_s(noise), 100 * share_lost(noise), advice.duration_ms, advice.repetitions,
             100 * advice.clean_chance);
  choose(plan, {advice.duration_ms, advice.repetitions, hiccups_per_s(noise)});
}

std::filesystem::path default_folder(const std::string& name) {
  return fmt::format("results/{:%Y%m%dT%H%M%SZ}-{}-{}", fmt::gmtime(std::time(nullptr)),
                     host_name(), name);
}

Store begin_store(const std::filesystem::path& folder, const Config& config, const Machine& machine,
                  const Plan& plan, const std::string& command, std::string_view status) {
  return Store::create(folder, [&](Store& store) {
    store.put(describe_machine(machine, clock_of(plan)));
    store.put_clock(clock_of(plan).cpus);
    store.put(describe_program());
    store.put(describe_run(config, command));
    store.put(describe_choice(plan.chosen));
    store.put_inputs(config.inputs);
    for (const auto& cell : plan.planned)
      store.put_cell(cell.spec.cell, {}, cell.spec.rings, status);
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
