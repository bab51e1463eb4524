#include "bench/search/search_session.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "bench/run/interruption.hpp"
#include "bench/run/schedule.hpp"
#include "bench/run/status_line.hpp"
#include "bench/search/rate_text.hpp"
#include "bench/search/search_store.hpp"
#include "bench/search/searched_cell.hpp"
#include "bench/search/trial_judgement.hpp"
#include "bench/trial/entry.hpp"
#include "bench/trial/isolation.hpp"

namespace ringbench {
namespace {

constexpr std::array kShares{0.1, 0.5, 0.9};  // of the rate found, for the load points

// A producer that cannot keep the rate is no noise here, but what the search looks for.
constexpr double kNoLimit = 1e9;

// One searched cell on its way.
struct CellSearch {
  const Planned* planned;
  RateLimits limits;
  std::vector<SearchTrial> history;
  bool done = false;

  const Cell& cell() const { return planned->spec.cell; }
  double producers() const { return static_cast<double>(cell().producers); }
};

std::optional<double> times(const std::optional<double>& rate, double producers) {
  return rate ? std::optional(*rate * producers) : std::nullopt;
}

std::string bound(const std::optional<double>& rate, double producers) {
  return rate ? rate_text(*rate * producers) : "?";
}

class RateSearches {
 public:
  RateSearches(Store& store, const Plan& plan, const Config& config)
      : store_(store), config_(config), known_(stored_trials(store)), cells_(stored_cells(store)) {
    for (const auto& planned : plan.planned) {
      searches_.push_back({&planned, limits_of(planned.spec.cell, config.search), {}});
    }
  }

  Outcome run() {
    const auto claim = store_.claim();
    const InterruptHandler handler;
    const auto is_done = [](const CellSearch& search) { return search.done; };
    while (!std::ranges::all_of(searches_, is_done)) {
      for (auto& search : searches_) {
        if (interrupted()) return Outcome::interrupted;
        if (!search.done) step(search);
      }
    }
    return Outcome::complete;
  }

  // The rate of one producer that met the target 0, or the smallest target that one met.
  static std::optional<std::pair<double, double>> target_and_rate(const Config& config,
                                                                  const CellSearch& search) {
    for (const auto& result : results_of(config.search, search.limits, search.history)) {
      if (result.low) return std::pair{result.target, *result.low};
    }
    return std::nullopt;
  }
  const std::vector<CellSearch>& searches() const { return searches_; }

 private:
  void step(CellSearch& search) {
    const auto next = next_trial(config_.search, search.limits, search.history);
    if (!next) return conclude(search);
    const Cell cell = at_rate(search.cell(), next->rate, next->duration_ms);
    const auto stored = known_.find({id_of(cell), next->repetition, next->attempt});
    const Measured found = stored != known_.end() ? stored->second : trial(search, *next, cell);
    search.history.push_back(judged(found, *next, cell, config_.search));
  }

  Measured trial(const CellSearch& search, const NextTrial& next, const Cell& cell) {
    TrialSpec spec = search.planned->spec;
    spec.cell = cell;
    spec.window_ms = next.duration_ms;
    spec.noise.lag_p99_us = kNoLimit;
    const auto id = id_of(cell);
    spec.seed = trial_seed(config_.run.seed, id, next.repetition);
    const auto started = now_utc();
    const auto result = run_isolated(find_entry(cell.transport), spec);
    store_.together([&] {
      if (cells_.insert(id).second) store_.put_cell(cell, {}, spec.rings);
      store_.put_trial({id, next.repetition, next.attempt}, started, result);
    });
    tell(search, next, result);
    return measured(result);
  }

  void conclude(CellSearch& search) {
    search.done = true;
    std::string told = search.planned->name + ":";
    store_.together([&] {
      for (const auto& result : results_of(config_.search, search.limits, search.history)) {
        told += fmt::format(" target {:g} at {} ({})", result.target,
                            bound(result.low, search.producers()),
                            kFoundNames[static_cast<std::size_t>(result.status)]);
        put_search(
            store_,
            {search.planned->id, result.target, times(result.low, search.producers()),
             times(result.high, search.producers()), times(result.conditional, search.producers()),
             std::string(kFoundNames[static_cast<std::size_t>(result.status)]), result.reason,
             search.history.size()});
      }
    });
    line_.keep(told);
  }

  void tell(const CellSearch& search, const NextTrial& next, const TrialResult& result) {
    const double producers = search.producers();
    const auto done = std::ranges::count(searches_, true, &CellSearch::done);
    const auto trial = measured(result);
    const auto what = result.status == Status::failed
                          ? "FAILED: " + result.reason
                          : fmt::format("{:.3g} % dropped{}",
                                        100 * trial.window_dropped.value_or(0) /
                                            std::max(1.0, trial.window_attempted.value_or(0)),
                                        result.status == Status::tainted ? ", tainted" : "");
    const auto why = next.target
                         ? fmt::format("target {} in [{}, {}]", *next.target,
                                       bound(next.low, producers), bound(next.high, producers))
                         : fmt::format("attempt {}", next.attempt + 1);
    line_.show(fmt::format("[{}/{} cells, trial {}] {}: {} for {} ms: {} | {}", done,
                           searches_.size(), search.history.size() + 1, why,
                           rate_text(next.rate * producers), next.duration_ms, what,
                           search.planned->name));
  }

  Store& store_;
  const Config& config_;
  const std::map<TrialId, Measured> known_;
  std::set<std::string> cells_;  // that have a row
  std::vector<CellSearch> searches_;
  StatusLine line_;
};

// Further cells of the config, on the clock and with the windows of the searches.
Plan plan_more(const Config& config, std::vector<Cell> cells, const Machine& machine,
               const Plan& searched) {
  Plan plan = plan_cells(config, std::move(cells), machine);
  for (auto& cell : plan.planned) cell.spec.clock = searched.planned.front().spec.clock;
  choose(plan, searched.chosen);
  return plan;
}

void put_cells(Store& store, const Plan& plan) {
  auto known = stored_cells(store);
  for (const auto& cell : plan.planned) {
    if (known.insert(cell.id).second) store.put_cell(cell.spec.cell, {}, cell.spec.rings);
  }
  for (const auto& [cell, why] : plan.skipped) {
    if (known.insert(id_of(cell)).second) store.put_cell(cell, why, 0);
  }
}

// What is measured once the rates are known: ordinary cells, each as often as [run] says.
class AfterSearch {
 public:
  AfterSearch(const std::vector<CellSearch>& searches, const Config& config)
      : searches_(searches), config_(config) {
    for (const auto& search : searches) {
      add_load_points(search);
      for (const auto& cell : bursts(search.cell())) {
        bursts_.push_back({search.planned->id, id_of(cell)});
        add(cell);
      }
    }
  }

  Outcome run(Store& store, const Machine& machine, const Plan& searched) {
    const auto plan = plan_more(config_, cells_, machine, searched);
    store.together([&] {
      put_cells(store, plan);
      for (const auto& point : points_) put_load_point(store, point);
    });
    const auto outcome = run_session(store, plan.planned, plan.limits, config_.run, {});
    store.together([&] {
      for (const auto& [cell_id, burst_id] : bursts_) put_capacity(store, cell_id, burst_id);
    });
    return outcome;
  }

 private:
  void add(const Cell& cell) {
    if (ids_.insert(id_of(cell)).second) cells_.push_back(cell);
  }

  void add_load_points(const CellSearch& search) {
    const auto found = RateSearches::target_and_rate(config_, search);
    if (!found) return;
    const auto [target, rate] = *found;
    for (const double share : kShares) {
      const Cell cell = at_rate(search.cell(), rate * share, search.cell().duration_ms);
      points_.push_back({search.planned->id, target, share, id_of(cell)});
      add(cell);
    }
  }

  const std::vector<CellSearch>& searches_;
  const Config& config_;
  std::vector<Cell> cells_;
  std::set<std::string> ids_;
  std::vector<LoadPoint> points_;
  std::vector<std::pair<std::string, std::string>> bursts_;  // searched cell, burst cell
};

}  // namespace

Plan plan_search(const Config& config, const Machine& machine) {
  std::vector<Cell> searchable;
  Plan refused;
  for (auto& cell : searched_cells(config.cells)) {
    auto why = unsearchable(cell);
    if (why.empty()) {
      searchable.push_back(std::move(cell));
    } else {
      refused.skipped.push_back({std::move(cell), std::move(why)});
    }
  }
  Plan plan = plan_cells(config, std::move(searchable), machine);
  std::ranges::move(refused.skipped, std::back_inserter(plan.skipped));
  if (plan.planned.empty()) {
    throw StoreError(fmt::format("{}: none of its cells can be searched here: {}", config.name,
                                 plan.skipped.front().why));
  }
  return plan;
}

Outcome run_search(Store& store, const Plan& plan, const Config& config, const Machine& machine) {
  RateSearches searches(store, plan, config);
  if (searches.run() == Outcome::interrupted) return Outcome::interrupted;
  return AfterSearch(searches.searches(), config).run(store, machine, plan);
}

}  // namespace ringbench
