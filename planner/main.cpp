// ringbench-plan: from a workload and a machine to a layout, a size and a reason.
//
// Exit codes: 0 a layout is recommended; 1 the system refused; 2 a mistake in the command line or
// the plan, nothing was written; 3 no layout meets the targets, the nearest one is told.
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

#include "bench/config/config.hpp"
#include "planner/plan_file.hpp"
#include "planner/plan_output.hpp"

namespace {

using namespace ringbench::planner;

void make_folder(const std::filesystem::path& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error || !std::filesystem::is_directory(folder))
    throw std::runtime_error(fmt::format("--out {}: there can be no such folder: {}; name another",
                                         folder.string(),
                                         error ? error.message() : "it is a file"));
}

// Whole or not at all.
void write(const std::filesystem::path& file, const std::string& text) {
  const auto unfinished = file.string() + ".part";
  {
    std::ofstream out(unfinished, std::ios::binary);
    out << text;
    out.close();
    if (!out)
      throw std::runtime_error(fmt::format(
          "{} cannot be written: is the disk full, or may you not write there?", unfinished));
  }
  std::filesystem::rename(unfinished, file);
}

// Of a terminal one line that changes; of anything else, every tenth part of the way.
void show_progress(std::size_t done, std::size_t all) {
  const bool terminal = isatty(STDERR_FILENO) == 1;
  if (terminal)
    fmt::print(stderr, "\r\x1b[Kplanned {} of {}{}", done, all, done == all ? "\n" : "");
  else if (done * 10 / all != (done - 1) * 10 / all)
    fmt::print(stderr, "planned {} of {}\n", done, all);
}

int plan(const PlanRequest& request, const std::filesystem::path& folder, std::string command) {
  Answer answer;
  answer.plan = read_plan(request);
  answer.command = std::move(command);
  if (!folder.empty()) make_folder(folder);
  answer.assessments = assess(answer.plan, show_progress);
  answer.recommendation = recommend(answer.plan, answer.assessments);
  answer.crossovers = crossovers_of(answer.plan);
  fmt::print("{}", as_text(answer));
  if (!folder.empty()) {
    const auto file = folder / "plan.json";
    write(file, as_json(answer).dump(2) + "\n");
    fmt::print(stderr, "plan: {}\n", file.string());
  }
  return answer.recommendation.recommended ? 0 : 3;
}

int run_command_line(int argc, char** argv) {
  CLI::App app{
      "Tells which layout of buffers suits a workload and a machine, how large, and why "
      "(docs/planning.md)."};
  PlanRequest request;
  std::string folder;
  app.add_option("plan", request.file, "a TOML file, e.g. configs/plans/example.toml")->required();
  app.add_option("--calibration", request.calibration,
                 "what `ringbench calibrate` found: its folder, or calibration.json");
  app.add_option("--machine", request.machine,
                 "hwloc XML or synthetic description, instead of the plan's machine");
  app.add_option("--what-if", request.what_if, "KEY=VALUE, as if the plan stated it")
      ->allow_extra_args();
  app.add_option("--out", folder, "folder for plan.json; none: it is not written");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  return plan(request, folder, fmt::format("{}", fmt::join(argv, argv + argc, " ")));
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run_command_line(argc, argv);
  } catch (const ringbench::ConfigError& error) {
    for (const auto& text : error.errors()) fmt::print(stderr, "ringbench-plan: {}\n", text);
    return 2;
  } catch (const std::exception& error) {
    fmt::print(stderr, "ringbench-plan: {}\n", error.what());
    return 1;
  }
}
