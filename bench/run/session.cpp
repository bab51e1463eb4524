#include "bench/run/session.hpp"

#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <exception>
#include <functional>
#include <numeric>
#include <regex>
#include <set>
#include <span>

#include "bench/limits/limits.hpp"
#include "bench/run/interruption.hpp"
#include "bench/run/json_report.hpp"
#include "bench/run/progress.hpp"
#include "bench/trial/columns.hpp"
#include "bench/trial/entry.hpp"
#include "bench/trial/isolation.hpp"

namespace ringbench {
namespace {

std::vector<std::size_t> matching(const std::vector<Planned>& cells, const std::string& filter) {
  const bool negated = filter.starts_with('-');
  std::regex pattern;
  try {
    pattern = filter.empty() || filter == "all" ? "." : filter.substr(negated ? 1 : 0);
  } catch (const std::regex_error& error) {
    throw ConfigError(
        {fmt::format("--benchmark_filter={}: no regular expression ({})", filter, error.what())});
  }
  std::vector<std::size_t> found;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    if (filter.empty() || std::regex_search(cells[i].name, pattern) != negated) found.push_back(i);
  }
  if (found.empty() && !filter.empty()) {
    throw ConfigError(
        {fmt::format("--benchmark_filter={}: none of the {} cells that can run here matches; "
                     "--benchmark_list_tests shows their names",
                     filter, cells.size())});
  }
  return found;
}

// Google Benchmark takes time by the square of the benchmarks that are registered at once.
void in_batches(std::span<const std::size_t> order,
                const std::function<void(std::span<const std::size_t>)>& run) {
  constexpr std::size_t kBatch = 32;
  for (std::size_t done = 0; done < order.size(); done += kBatch) {
    benchmark::ClearRegisteredBenchmarks();
    run(order.subspan(done, std::min(kBatch, order.size() - done)));
  }
}

void add_benchmark(const Planned& cell, const std::function<void(benchmark::State&)>& run) {
  benchmark::RegisterBenchmark(cell.name.c_str(), run)
      ->UseManualTime()
      ->Iterations(1)
      ->Unit(benchmark::kNanosecond);
}

class Session : public benchmark::BenchmarkReporter {
 public:
  Session(Store& store, const std::vector<Planned>& cells, const LimitsPlan& limits,
          const RunSettings& settings, const BenchmarkFlags& flags)
      : store_(store),
        cells_(cells),
        limits_(limits),
        settings_(settings),
        json_(flags.out, flags.json_on_stdout),
        progress_(store.progress()),
        line_(expected_trials()),
        limits_wanted_(limit_rounds(limits, measured_seconds())),
        limits_there_(store.limit_rounds()) {}

  Outcome run() {
    const InterruptHandler handler;
    run_each_benchmark_once();
    for (std::uint64_t round = 0; round < rounds() && !interrupted(); ++round) run_round(round);
    json_.finish();
    return !interrupted() ? Outcome::complete : Outcome::interrupted;
  }

  bool ReportContext(const Context& context) override {
    json_.context(context);
    return true;
  }
  // Nothing may be thrown through Google Benchmark.
  void ReportRuns(const std::vector<Run>& runs) override {
    for (const auto& run : runs) {
      try {
        if (pending_) record(run);
      } catch (...) {
        error_ = std::current_exception();
      }
    }
  }

 private:
  struct Pending {
    const Planned* cell;
    TrialKey key;
    std::string started;
    TrialResult result;
  };

  std::size_t expected_trials() const {
    std::size_t sum = 0;
    for (const auto& cell : cells_) {
      for (std::uint64_t round = 0; round < cell.repetitions; ++round) {
        sum += progress_.attempts(cell.id, round) == 0 ? 1 : 0;
      }
    }
    return sum;
  }

  // Whatever the environment says (BENCHMARK_REPETITIONS): the rounds repeat the trials.
  static void run_each_benchmark_once() {
    std::string name = "ringbench", once = "--benchmark_repetitions=1";
    std::array<char*, 3> arguments{name.data(), once.data(), nullptr};
    int count = 2;
    benchmark::Initialize(&count, arguments.data());
  }

  std::uint64_t rounds() const {
    std::uint64_t most = settings_.max_repetitions;
    for (const auto& cell : cells_) most = std::max(most, cell.repetitions);
    return most;
  }

  double measured_seconds() const {
    double sum = 0;
    for (const auto& cell : cells_) {
      sum += cell.spec.window_ms * 1e-3 * static_cast<double>(cell.repetitions);
    }
    return sum;
  }

  void measure_limits_of(std::uint64_t round) {
    if (round >= limits_wanted_ || !limits_there_.insert(round).second) return;
    const auto limits = measure_limits(limits_, cells_.front().spec.clock.hz);
    store_.put_limits(round, limits.rows);
    line_.say(fmt::format("limits of the machine, round {}: {}", round, in_words(limits)));
  }

  void run_round(std::uint64_t round) {
    std::uint64_t attempts = 1;
    for (const auto& cell : cells_) attempts = std::max(attempts, cell.spec.noise.attempts);
    for (std::uint64_t attempt = 0; attempt < attempts && !interrupted(); ++attempt) {
      run_pass(round, attempt);
    }
  }

  void run_pass(std::uint64_t round, std::uint64_t attempt) {
    const auto order = pass_of(cells_, progress_, round, attempt, settings_);
    if (order.empty()) return;
    line_.grow(static_cast<std::size_t>(std::ranges::count_if(order, [&](std::size_t index) {
      return attempt > 0 || round >= cells_[index].repetitions;
    })));
    measure_limits_of(round);
    in_batches(order, [&](std::span<const std::size_t> batch) {
      if (interrupted()) return;
      for (const auto index : batch) {
        const Planned& cell = cells_[index];
        add_benchmark(cell, [this, &cell, round, attempt](benchmark::State& state) {
          trial(state, cell, {cell.id, round, attempt});
        });
      }
      benchmark::RunSpecifiedBenchmarks(this, "all");
      if (error_) std::rethrow_exception(error_);
    });
  }

  // The time that Google Benchmark sees is the cost of one event to its producer.
  void trial(benchmark::State& state, const Planned& cell, const TrialKey& key) {
    pending_.reset();
    if (interrupted() || error_) return state.SkipWithError("interrupted");
    Pending pending{&cell, key, now_utc(), {}};
    for ([[maybe_unused]] auto iteration : state) {
      try {
        TrialSpec spec = cell.spec;
        spec.seed = trial_seed(settings_.seed, cell.id, key.repetition);
        pending.result = run_isolated(find_entry(spec.cell.transport), spec);
      } catch (...) {
        error_ = std::current_exception();
        return state.SkipWithError("the trial could not be started");
      }
      state.SetIterationTime(headline(pending.result).value_or(0) / cell.spec.clock.hz);
    }
    if (pending.result.status == Status::failed) state.SkipWithError(pending.result.reason.c_str());
    state.SetLabel(cell.id);
    for (const auto& column : columns()) {
      if (pending.result.producers.empty()) break;
      if (const auto value = column.value(pending.result))
        state.counters[std::string(column.name)] = *value;
    }
    pending_ = std::move(pending);
  }

  void record(Run run) {
    const Pending pending = std::move(*pending_);
    pending_.reset();
    store_.put_trial(pending.key, pending.started, pending.result);
    progress_.add(pending.key, pending.result.status, headline(pending.result));
    line_.show(pending.cell->name, pending.result);
    run.repetition_index = static_cast<std::int64_t>(pending.key.repetition);
    run.repetitions = static_cast<std::int64_t>(pending.cell->repetitions);
    run.cpu_accumulated_time = run.real_accumulated_time;  // producers never sleep
    json_.add(run);
  }

  Store& store_;
  const std::vector<Planned>& cells_;
  const LimitsPlan& limits_;
  const RunSettings settings_;
  JsonReport json_;
  Progress progress_;
  ProgressLine line_;
  const std::uint64_t limits_wanted_;
  std::set<std::uint64_t> limits_there_;  // by round
  std::optional<Pending> pending_;        // the trial that Google Benchmark has not reported yet
  std::exception_ptr error_;
};

}  // namespace

void check_flags(const std::vector<Planned>& cells, const BenchmarkFlags& flags) {
  matching(cells, flags.filter);
  JsonReport(flags.out, false);
}

Outcome run_session(Store& store, const std::vector<Planned>& cells, const LimitsPlan& limits,
                    const RunSettings& settings, const BenchmarkFlags& flags) {
  const auto claim = store.claim();
  if (flags.filter.empty() && !flags.repetitions)
    return Session(store, cells, limits, settings, flags).run();
  RunSettings wanted = settings;
  std::vector<Planned> chosen;
  for (const auto index : matching(cells, flags.filter)) {
    chosen.push_back(cells[index]);
    if (flags.repetitions) chosen.back().repetitions = *flags.repetitions;
  }
  if (flags.repetitions) wanted.max_repetitions = *flags.repetitions;
  return Session(store, chosen, limits, wanted, flags).run();
}

void list_cells(const std::vector<Planned>& cells, const BenchmarkFlags& flags) {
  std::string name = "ringbench", list = "--benchmark_list_tests=true";
  std::array<char*, 3> arguments{name.data(), list.data(), nullptr};
  int count = 2;
  benchmark::Initialize(&count, arguments.data());
  benchmark::ConsoleReporter reporter;  // the default one does not outlive the first batch
  in_batches(matching(cells, flags.filter), [&](std::span<const std::size_t> batch) {
    for (const auto index : batch) add_benchmark(cells[index], [](benchmark::State&) {});
    benchmark::RunSpecifiedBenchmarks(&reporter, "all");
  });
}

}  // namespace ringbench
