#include "bench/calibration/calibration_session.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <stdexcept>
#include <system_error>
#include <utility>

#include "bench/calibration/calibration_text.hpp"
#include "bench/config/config.hpp"
#include "bench/doctor/machine_facts.hpp"
#include "bench/run/interruption.hpp"
#include "bench/run/plan.hpp"
#include "bench/run/provenance.hpp"
#include "bench/run/reportable.hpp"
#include "bench/run/status_line.hpp"
#include "generated/build_facts.hpp"

namespace ringbench {
namespace {

namespace fs = std::filesystem;
constexpr const char* kFileName = "calibration.json";

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

// How it goes, at most once a second.
class Progress {
 public:
  explicit Progress(double seconds) : seconds_(seconds) {}

  void show(std::size_t rounds, const CalibrationRound& last) {
    const double elapsed = seconds_since(begin_);
    if (elapsed < told_ + 1) return;
    told_ = elapsed;
    std::string text =
        fmt::format("{} rounds, {:.0f} s left", rounds, std::max(0.0, seconds_ - elapsed));
    const auto alone = last.values.find("producer.alone_ns");
    if (alone != last.values.end())
      text += fmt::format(" | reserve and commit alone {:.1f} ns", alone->second);
    if (!last.latency_ns.empty() && last.latency_ns.front())
      text += fmt::format(", first pair of CPUs {:.0f} ns apart", *last.latency_ns.front());
    line_.show(std::move(text));
  }

 private:
  double seconds_;
  double told_ = 0;
  Clock::time_point begin_ = Clock::now();
  StatusLine line_;
};

// Nothing: it was interrupted.
std::optional<std::vector<CalibrationRound>> measure_rounds(const CalibrationPlan& plan,
                                                            double seconds) {
  constexpr std::size_t kMostFailures = 3;
  const auto begin = Clock::now();
  Progress progress(seconds);
  std::vector<CalibrationRound> rounds;
  std::size_t failures = 0;
  double longest = 0;
  for (std::size_t number = 0;; ++number) {
    const double at = seconds_since(begin);
    if (rounds.size() >= kEnoughRounds && at + longest > seconds) return rounds;
    auto round = measure_round(plan, number);
    if (interrupted()) return std::nullopt;
    longest = std::max(longest, seconds_since(begin) - at);
    if (!round.failure.empty()) {
      fmt::print(stderr, "a round failed: {}\n", round.failure);
      if (++failures == kMostFailures) {
        throw std::runtime_error(
            fmt::format("{} rounds of the calibration failed, the last one because: {}", failures,
                        round.failure));
      }
      continue;
    }
    rounds.push_back(std::move(round));
    progress.show(rounds.size(), rounds.back());
  }
}

void remark_program(Calibration& found) {
  for (const auto& reason : against_program(kGitRevision, kBuildType, kCompileFlags)) {
    found.remarks.push_back("Of the program: " + reason + ".");
  }
}

}  // namespace

std::vector<unsigned> calibrated_cpus(const Machine& machine, const std::string& list) {
  std::vector<unsigned> allowed;
  for (const Cpu& cpu : machine.cpus) allowed.push_back(cpu.os);
  if (list.empty()) return allowed;
  auto cpus = parse_cpu_list(list);
  std::ranges::sort(cpus);
  const auto repeated = std::ranges::unique(cpus);
  cpus.erase(repeated.begin(), repeated.end());
  if (cpus.empty()) {
    throw ConfigError({fmt::format(
        "--cpus={}: no list of CPUs; write their numbers as in 0-3,8 (allowed here: {})", list,
        cpu_list(allowed))});
  }
  for (const unsigned cpu : cpus) {
    if (machine.find(cpu) != nullptr) continue;
    throw ConfigError(
        {fmt::format("--cpus={}: CPU {} is not there or not allowed to this process; it may use {}",
                     list, cpu, cpu_list(allowed))});
  }
  return cpus;
}

std::optional<Calibration> calibrate(const Machine& machine, std::vector<unsigned> cpus,
                                     double seconds) {
  const auto begin = Clock::now();
  const InterruptHandler handler("the running round");
  const auto plan = plan_calibration(machine, std::move(cpus), seconds);
  fmt::print(
      stderr,
      "calibrating CPUs {} for {:g} s, in rounds of some {:.0f} ms; leave the machine alone\n",
      cpu_list(plan.cpus), seconds, 1e3 * expected_seconds(plan));
  const auto rounds = measure_rounds(plan, seconds - seconds_since(begin));
  if (!rounds) return std::nullopt;
  Calibration found = summarise(machine, plan, *rounds);
  found.seconds = seconds_since(begin);
  found.date = now_utc();
  found.host = host_name();
  found.revision = kGitRevision;
  found.kernel = kernel_name();
  remark_program(found);
  return found;
}

CalibrationFolder::CalibrationFolder(fs::path folder) : folder_(std::move(folder)) {
  std::error_code error;
  is_ours_ = fs::create_directories(folder_, error);
  if (error) {
    throw StoreError(
        fmt::format("cannot make the folder {}: {}; make its parent writable, or name another "
                    "with --out",
                    folder_.string(), error.message()));
  }
  if (fs::exists(folder_ / kFileName)) {
    throw StoreError(fmt::format("{} exists already: name another folder with --out, or delete it",
                                 (folder_ / kFileName).string()));
  }
}

CalibrationFolder::~CalibrationFolder() {
  std::error_code ignored;
  if (is_ours_) fs::remove(folder_, ignored);  // goes only if it is empty
}

fs::path CalibrationFolder::put(const std::string& json) {
  const auto file = folder_ / kFileName, part = folder_ / (std::string(kFileName) + ".part");
  std::ofstream out(part, std::ios::binary);
  out << json << std::flush;
  const bool written = out.good();
  out.close();
  std::error_code error;
  if (written) fs::rename(part, file, error);
  if (written && !error) return file;
  std::error_code ignored;
  fs::remove(part, ignored);
  throw StoreError(fmt::format(
      "cannot write {}: {}; see whether there is space and whether the folder may be written to",
      file.string(), error ? error.message() : "the file system refused"));
}

int run_calibration(const std::string& cpu_list, double seconds, const std::string& folder) {
  const Machine machine = this_machine();
  auto cpus = calibrated_cpus(machine, cpu_list);
  CalibrationFolder place(folder.empty() ? default_folder("calibration") : fs::path(folder));
  const auto found = calibrate(machine, std::move(cpus), seconds);
  if (!found) {
    fmt::print(stderr, "interrupted; nothing was written\n");
    return 130;
  }
  const auto file = place.put(calibration_json(*found));
  fmt::print("{}", calibration_table(*found));
  for (const auto& remark : found->remarks) fmt::print(stderr, "{}\n", remark);
  fmt::print(stderr, "calibration: {}\n", file.string());
  return 0;
}

}  // namespace ringbench
