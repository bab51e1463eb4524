#include "bench/run/json_report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iostream>
#include <numeric>
#include <stdexcept>

#include "bench/config/config.hpp"
#include "bench/run/statistics.hpp"

namespace ringbench {
namespace {

using benchmark::BenchmarkReporter;
using Run = BenchmarkReporter::Run;
using Values = std::vector<double>;

double mean(const Values& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}
double standard_deviation(const Values& values) {
  const double centre = mean(values);
  double squares = 0;
  for (const double value : values) squares += (value - centre) * (value - centre);
  return std::sqrt(squares / static_cast<double>(values.size() - 1));
}
double variation(const Values& values) {
  const double centre = mean(values);
  return centre == 0 ? 0 : standard_deviation(values) / centre;
}

struct Aggregate {
  const char* name;
  benchmark::StatisticUnit unit;
  double (*of)(const Values&);
};
const auto kAggregates = std::to_array<Aggregate>({
    {"mean", benchmark::kTime, mean},
    {"median", benchmark::kTime, [](const Values& values) { return median(values); }},
    {"stddev", benchmark::kTime, standard_deviation},
    {"cv", benchmark::kPercentage, variation},
});

// A counter is aggregated if every repetition has it.
Run aggregate(const std::vector<Run>& runs, const Aggregate& kind) {
  Run sum = runs.front();
  sum.run_type = Run::RT_Aggregate;
  sum.aggregate_name = kind.name;
  sum.aggregate_unit = kind.unit;
  sum.repetition_index = Run::no_repetition_index;
  sum.iterations = static_cast<benchmark::IterationCount>(runs.size());
  sum.counters.clear();
  const auto over_runs = [&](auto value_of) {
    Values values;
    for (const auto& run : runs) values.push_back(value_of(run));
    return kind.of(values);
  };
  // Times of a Run are totals over its iterations, unless they are a percentage.
  const double scale = kind.unit == benchmark::kPercentage ? 1 : static_cast<double>(runs.size());
  sum.real_accumulated_time =
      scale * over_runs([](const Run& run) { return run.real_accumulated_time; });
  sum.cpu_accumulated_time =
      scale * over_runs([](const Run& run) { return run.cpu_accumulated_time; });
  for (const auto& [name, counter] : runs.front().counters) {
    const auto has_it = [&, key = &name](const Run& run) { return run.counters.contains(*key); };
    if (!std::ranges::all_of(runs, has_it)) continue;
    sum.counters[name] =
        over_runs([&, key = &name](const Run& run) { return run.counters.at(*key).value; });
  }
  return sum;
}

}  // namespace

JsonReport::JsonReport(const std::string& out, bool on_stdout) : out_(out) {
  if (!out.empty()) {
    file_.open(out);
    if (!file_) {
      throw ConfigError({fmt::format(
          "--benchmark_out: cannot write {}; name a file in a folder that exists and is "
          "writable",
          out)});
    }
    reporters_.push_back(std::make_unique<benchmark::JSONReporter>());
    reporters_.back()->SetOutputStream(&file_);
    reporters_.back()->SetErrorStream(&std::cerr);
  }
  if (on_stdout) {
    reporters_.push_back(std::make_unique<benchmark::JSONReporter>());
    reporters_.back()->SetOutputStream(&std::cout);
    reporters_.back()->SetErrorStream(&std::cerr);
  }
}

void JsonReport::context(const BenchmarkReporter::Context& context) {
  if (begun_) return;
  begun_ = true;
  for (auto& reporter : reporters_) reporter->ReportContext(context);
}

void JsonReport::add(const Run& run) {
  if (reporters_.empty()) return;
  report({run});
  if (!run.error_occurred) runs_[run.benchmark_name()].push_back(run);
}

void JsonReport::report(const Runs& runs) {
  for (auto& reporter : reporters_) reporter->ReportRuns(runs);
}

void JsonReport::finish() {
  if (!begun_) return;
  for (const auto& [name, runs] : runs_) {
    if (runs.size() < 2) continue;
    Runs aggregates;
    for (const auto& kind : kAggregates) aggregates.push_back(aggregate(runs, kind));
    report(aggregates);
  }
  for (auto& reporter : reporters_) reporter->Finalize();
  if (file_.is_open() && !file_.flush()) {
    throw std::runtime_error(
        fmt::format("--benchmark_out: {} is cut short, most likely because the disk is full; the "
                    "store has every trial",
                    out_));
  }
}

}  // namespace ringbench
