#include <algorithm>
#include <array>

#include "planner/assessment.hpp"
#include "planner/closed_forms.hpp"
#include "planner/contention.hpp"
#include "planner/draws.hpp"
#include "planner/flow.hpp"
#include "planner/workload.hpp"

namespace ringbench::planner {
namespace {

constexpr unsigned kWorkloads = 4;  // over which the expected figures are the mean

// What a delay has that a flow has not: the record's way from its reserve to the consumer, one
// record that came at random just behind another where no backlog holds both up, and waking up.
double beyond_flow_us(const Plan& plan, const Layout& layout, const Inputs& inputs,
                      const ReserveCost& cost, double passed_ratio, double quantile) {
  auto ns = cost.seen_ns;
  if (plan.trace.rates.empty() && quantile < passed_ratio) {
    auto steady = inputs;
    steady.bursts_per_cpu_s = 0;
    const auto busy = heaviest_thread_offered(plan, layout, steady) * cost.consumer_busy_ns * 1e-9;
    ns += wait_in_queue(quantile / passed_ratio, busy, cost.consumer_busy_ns);
  }
  if (plan.notify != "never") ns += inputs.wakeup_ns;
  return ns * 1e-3;
}

// Dropped, or never sent. The smaller loss lies within the larger: a lock that takes less leaves
// less to drop.
double lost(const FlowResult& flow, const LockLoad& load) {
  return std::max(flow.offered > 0 ? flow.dropped / flow.offered : 0, load.never_sent);
}

}  // namespace

std::span<const FigureKey> figure_keys() {
  static constexpr std::array<FigureKey, 13> kKeys{{
      {"drop_fraction", "records lost", "ratio", &Figures::drop_fraction, &Targets::drop_fraction},
      {"reserve_p50_ns", "reserve, median", "ns", &Figures::reserve_p50_ns},
      {"reserve_p99_ns", "reserve, 99th percentile", "ns", &Figures::reserve_p99_ns,
       &Targets::reserve_p99_ns},
      {"event_mean_ns", "a record's cost to its producer, mean", "ns", &Figures::event_mean_ns},
      {"delay_p50_us", "delay, median", "us", &Figures::delay_p50_us},
      {"delay_p99_us", "delay, 99th percentile", "us", &Figures::delay_p99_us,
       &Targets::delay_p99_us},
      {"reordered_ratio", "records reordered", "ratio", &Figures::reordered_ratio,
       &Targets::reordered_ratio},
      {"reorder_extent", "reordering extent, mean", "records", &Figures::reorder_extent,
       &Targets::reorder_extent},
      {"merge_held", "records that a merge holds, mean", "records", &Figures::merge_held},
      {"merge_delay_us", "delay that a merge adds, mean", "us", &Figures::merge_delay_us},
      {"lock_records_per_s", "what the busiest ring's lock can take", "records/s",
       &Figures::lock_records_per_s},
      {"consumer_records_per_s", "what the threads can read", "records/s",
       &Figures::consumer_records_per_s},
      {"delivered_per_s", "delivered", "records/s", &Figures::delivered_per_s},
  }};
  return kKeys;
}

Figures figures_of(const Plan& plan, const Layout& layout, const Inputs& stated,
                   std::uint64_t seed) {
  const auto inputs = possible(stated, plan.cpus.size());
  const auto latencies = latencies_of(plan, inputs);
  const auto producers = producers_of_rings(layout);
  const auto load = lock_load(plan, inputs, latencies, producers);
  Figures figures;
  figures.lock_records_per_s = load.takes;
  figures.consumer_records_per_s = consumer_records_per_s(plan, layout, inputs);

  const auto sent = flow_plan(plan, layout, inputs);
  const auto flow = simulate_flow(sent, derived_seed(seed, 0));
  figures.drop_fraction = lost(flow, load);
  figures.delivered_per_s =
      std::min(flow.delivered, flow.offered * (1 - load.never_sent)) / sent.seconds;
  figures.reordered_ratio = plan.merges ? flow.late_ratio : flow.reordered_ratio;
  figures.reorder_extent = figures.reordered_ratio > 0 ? flow.extent_mean : 0;
  figures.merge_held = flow.held_mean;
  figures.merge_delay_us = flow.merge_delay_mean * 1e6;

  const auto cost =
      reserve_cost(plan, layout.kind, inputs, latencies,
                   crowds_at(plan, inputs, producers[load.busiest]), derived_seed(seed, 1));
  figures.reserve_p50_ns = cost.p50_ns;
  figures.reserve_p99_ns = cost.p99_ns;
  figures.event_mean_ns = cost.event_mean_ns;
  const auto beyond = [&](double quantile) {
    return beyond_flow_us(plan, layout, inputs, cost, flow.passed_ratio, quantile);
  };
  figures.delay_p50_us = flow.delay_p50 * 1e6 + beyond(0.5);
  figures.delay_p99_us = flow.delay_p99 * 1e6 + beyond(0.99);
  return figures;
}

double loss_of(const Plan& plan, const Layout& layout, const Inputs& stated, std::uint64_t seed) {
  const auto inputs = possible(stated, plan.cpus.size());
  const auto load = lock_load(plan, inputs, latencies_of(plan, inputs), producers_of_rings(layout));
  return lost(simulate_flow(flow_plan(plan, layout, inputs), derived_seed(seed, 0)), load);
}

double expected_loss(const Plan& plan, const Layout& layout, const Inputs& inputs) {
  double mean = 0;
  for (unsigned number = 0; number < kWorkloads; ++number)
    mean += loss_of(plan, layout, inputs, derived_seed(plan.seed, number)) / kWorkloads;
  return mean;
}

Figures expected_figures(const Plan& plan, const Layout& layout, const Inputs& inputs) {
  Figures mean;
  for (unsigned number = 0; number < kWorkloads; ++number) {
    const auto one = figures_of(plan, layout, inputs, derived_seed(plan.seed, number));
    for (const auto& key : figure_keys()) mean.*key.member += one.*key.member / kWorkloads;
  }
  return mean;
}

}  // namespace ringbench::planner
