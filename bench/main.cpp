// The command line. Data goes to stdout, talk to stderr.
//
// Exit codes: 0 done; 1 the machine, the store or the system refused; 2 a mistake in the command
// line or the config, nothing was written; 3 done, but some trials failed, or the doctor found what
// spoils a measurement; 130 interrupted, `resume` goes on.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "bench/calibration/calibration_session.hpp"
#include "bench/doctor/diagnosis.hpp"
#include "bench/run/listing.hpp"
#include "bench/run/plan.hpp"
#include "bench/run/reportable.hpp"
#include "bench/run/session.hpp"
#include "bench/run/table.hpp"
#include "bench/search/search_session.hpp"
#include "bench/search/search_store.hpp"
#include "bench/search/search_table.hpp"
#include "bench/trial/columns.hpp"

namespace {

using namespace ringbench;

struct Arguments {
  std::string config;
  std::string folder;
  std::string command;
  BenchmarkFlags flags;
  bool list_tests = false;
  bool reportable = false;
  double seconds = 5;  // that the doctor watches
  bool json = false;
  std::string cpus;  // that are calibrated
  double calibration_seconds = kDefaultCalibrationS;
};

// What is there, and the exit code.
int tell(const Store& store, Outcome outcome, bool json_on_stdout) {
  if (!json_on_stdout) fmt::print("{}", is_search(store) ? search_table(store) : table(store));
  if (outcome == Outcome::interrupted) {
    fmt::print(stderr,
               "interrupted; every finished trial is in {}. Go on with: ringbench resume {}\n",
               store.file().string(), store.file().parent_path().string());
    return 130;
  }
  fmt::print(stderr, "store: {}\n", store.file().string());
  const auto failed = store.count_by_status()["failed"];
  if (failed == 0) return 0;
  fmt::print(stderr, "{} trials failed; see the column `reason` of the table `trial`\n", failed);
  return 3;
}

// A filter or another number of repetitions may leave trials for later.
int finish(Store& store, const Plan& plan, const RunSettings& settings, Outcome outcome,
           bool json_on_stdout) {
  if (is_complete(plan.planned, store.progress(), settings)) mark_finished(store);
  return tell(store, outcome, json_on_stdout);
}

int run_config(const Arguments& arguments) {
  const Machine machine = this_machine();
  Config config = load_config(arguments.config, machine.cpus.size());
  if (arguments.list_tests) {
    list_cells(plan_cells(config, std::move(config.cells), machine).planned, arguments.flags);
    return 0;
  }
  Plan plan = plan_cells(config, std::move(config.cells), machine);
  check_flags(plan.planned, arguments.flags);
  if (arguments.reportable) require_reportable(config, plan, arguments.flags, machine, {});
  const auto against = against_reporting(config, plan, arguments.flags, machine);
  measure_clock_of(plan, machine);
  choose_windows(plan, config);
  const auto folder = arguments.folder.empty() ? default_folder(config.name)
                                               : std::filesystem::path(arguments.folder);
  Store store = begin_store(folder, config, machine, plan, arguments.command);
  store.put({{"reportable", reportable_text(against)}});
  const auto outcome = run_session(store, plan.planned, plan.limits, config.run, arguments.flags);
  return finish(store, plan, config.run, outcome, arguments.flags.json_on_stdout);
}

// What speaks against the rest of a run speaks against all of it. A complete one has no rest.
void note_reasons(Store& store, const Reasons& reasons) {
  const auto before = store.provenance();
  if (before.contains("finished")) return;
  store.put({{"reportable", reportable_text(together(reasons_in(before), reasons))}});
}

int search(Store& store, const Plan& plan, const Config& config, const Machine& machine) {
  const auto outcome = run_search(store, plan, config, machine);
  if (outcome == Outcome::complete) mark_finished(store);
  return tell(store, outcome, false);
}

int search_config(const Arguments& arguments) {
  const Machine machine = this_machine();
  const Config config = load_config(arguments.config, machine.cpus.size());
  Plan plan = plan_search(config, machine);
  measure_clock_of(plan, machine);
  choose_windows(plan, config);
  const auto folder = arguments.folder.empty() ? default_folder(config.name)
                                               : std::filesystem::path(arguments.folder);
  Store store = begin_store(folder, config, machine, plan, arguments.command, "searched");
  return search(store, plan, config, machine);
}

int resume_search(Store store, const Config& config, const Machine& machine) {
  Plan plan = plan_search(config, machine);
  choose_as_before(plan, store);
  measure_clock_of(plan, machine);
  return search(store, plan, config, machine);
}

int resume(const Arguments& arguments) {
  Store store = Store::open(arguments.folder);
  const Machine machine = this_machine();
  Config config = stored_config(store, machine);
  if (is_search(store)) {
    const auto& [filter, repetitions, out, json] = arguments.flags;
    if (!filter.empty() || repetitions || !out.empty() || json) {
      throw ConfigError(
          {"this run is a search, whose trials hang on each other: it takes none of "
           "the --benchmark_ flags; resume it without them"});
    }
    return resume_search(std::move(store), config, machine);
  }
  Plan plan = plan_cells(config, std::move(config.cells), machine);
  choose_as_before(plan, store);
  check_flags(plan.planned, arguments.flags);
  if (arguments.reportable)
    require_reportable(config, plan, arguments.flags, machine, reasons_in(store.provenance()));
  note_reasons(store, against_reporting(config, plan, arguments.flags, machine));
  measure_clock_of(plan, machine);
  const auto outcome = run_session(store, plan.planned, plan.limits, config.run, arguments.flags);
  return finish(store, plan, config.run, outcome, arguments.flags.json_on_stdout);
}

int doctor(const Arguments& arguments) {
  fmt::print(stderr, "watching every CPU for {:g} s; leave the machine alone\n", arguments.seconds);
  const Diagnosis diagnosis = diagnose(this_machine(), arguments.seconds);
  fmt::print("{}", arguments.json ? as_json(diagnosis) : as_text(diagnosis));
  return any_spoils(diagnosis.findings) ? 3 : 0;
}

// Google Benchmark's flags, under the names that people know.
void add_benchmark_flags(CLI::App& command, Arguments& arguments) {
  BenchmarkFlags& flags = arguments.flags;
  command.add_option("--benchmark_filter", flags.filter,
                     "only cells whose name matches this regular expression");
  command
      .add_option("--benchmark_repetitions", flags.repetitions,
                  "trials of each cell, instead of the config's number")
      ->check(CLI::Range(std::uint64_t{1}, kMostRepetitions));
  command.add_option("--benchmark_out", flags.out, "write Google Benchmark's JSON to this file");
  command.add_option("--benchmark_out_format", "format of that file")
      ->check(CLI::IsMember({"json"}));
  command
      .add_option_function<std::string>(
          "--benchmark_format",
          [&](const std::string& format) { flags.json_on_stdout = format == "json"; },
          "what goes to stdout: console (a table) or json")
      ->check(CLI::IsMember({"console", "json"}));
}

// How a run of a config or of what is left of it goes.
void add_run_flags(CLI::App& command, Arguments& arguments) {
  command.add_flag("--reportable", arguments.reportable,
                   "refuse, with every reason, where schedule, machine or program do not deserve "
                   "to be reported");
  add_benchmark_flags(command, arguments);
}

int run_command_line(int argc, char** argv) {
  CLI::App app{
      "Compares buffers that carry events from many CPUs to one reader: one shared ring, one "
      "buffer per "
      "CPU, one ring for N CPUs."};
  app.set_version_flag("--version", version());
  app.require_subcommand(1);
  Arguments arguments;
  arguments.command = fmt::format("{}", fmt::join(argv, argv + argc, " "));

  auto* run = app.add_subcommand("run", "run the matrix of a config and keep the results");
  run->add_option("config", arguments.config, "a TOML file, e.g. configs/quick.toml")->required();
  run->add_option("--out", arguments.folder,
                  "folder for the results; default results/<time>-<host>-<config>");
  run->add_flag("--benchmark_list_tests", arguments.list_tests,
                "print the names of the cells, run nothing");
  add_run_flags(*run, arguments);

  auto* find = app.add_subcommand(
      "search", "find the highest rates that the config's cells carry without losing too much");
  find->add_option("config", arguments.config, "a TOML file, e.g. configs/search.toml")->required();
  find->add_option("--out", arguments.folder,
                   "folder for the results; default results/<time>-<host>-<config>");

  auto* again = app.add_subcommand("resume", "go on with a run that was interrupted");
  again->add_option("folder", arguments.folder, "the folder with its run.sqlite")->required();
  add_run_flags(*again, arguments);

  auto* doctor_word = app.add_subcommand(
      "doctor", "what would spoil a measurement on this machine, and what mends it");
  doctor_word
      ->add_option("--seconds", arguments.seconds, "how long the CPUs are watched; default 5")
      ->check(CLI::Range(0.1, 600.0));
  doctor_word->add_flag("--json", arguments.json, "JSON on stdout instead of a table");

  auto* calibrate_word = app.add_subcommand(
      "calibrate", "measure what the planner wants to know of this machine (docs/calibration.md)");
  calibrate_word->add_option(
      "--out", arguments.folder,
      "folder for calibration.json; default results/<time>-<host>-calibration");
  calibrate_word
      ->add_option("--seconds", arguments.calibration_seconds,
                   fmt::format("how long it takes; default {:g}", kDefaultCalibrationS))
      ->check(CLI::Range(kShortestCalibrationS, kLongestCalibrationS));
  calibrate_word->add_option("--cpus", arguments.cpus,
                             "the CPUs to measure, e.g. 0-3,8; default all that are allowed");

  auto* show = app.add_subcommand("table", "print the table of a run");
  show->add_option("folder", arguments.folder, "the folder with its run.sqlite")->required();

  auto* csv = app.add_subcommand("csv", "print every trial of a run as CSV");
  csv->add_option("folder", arguments.folder, "the folder with its run.sqlite")->required();

  bool keys = false, metrics = false;
  auto* list = app.add_subcommand("list", "print the transports");
  list->add_flag("--keys", keys, "the keys of a config instead, with unit, default and range");
  list->add_flag("--metrics", metrics, "the metrics of a trial instead, with unit and meaning");

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  if (*run) return run_config(arguments);
  if (*find) return search_config(arguments);
  if (*again) return resume(arguments);
  if (*doctor_word) return doctor(arguments);
  if (*calibrate_word) {
    return run_calibration(arguments.cpus, arguments.calibration_seconds, arguments.folder);
  }
  if (*csv) return fmt::print("{}", Store::open(arguments.folder).csv()), 0;
  if (*show) {
    const Store store = Store::open(arguments.folder);
    fmt::print("{}", is_search(store) ? search_table(store) : table(store));
    return 0;
  }
  fmt::print("{}", keys ? list_keys() : metrics ? list_metrics() : list_transports());
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run_command_line(argc, argv);
  } catch (const ConfigError& error) {
    for (const auto& text : error.errors()) fmt::print(stderr, "ringbench: {}\n", text);
    return 2;
  } catch (const std::exception& error) {
    fmt::print(stderr, "ringbench: {}\n", error.what());
    return 1;
  }
}
