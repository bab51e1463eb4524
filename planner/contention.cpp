#include "planner/contention.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "planner/line_simulation.hpp"
#include "planner/saturation.hpp"
#include "planner/workload.hpp"

namespace ringbench::planner {
namespace {

constexpr double kNobodyMeets = 1e9;  // ns between two records of a producer: more is no other
constexpr double kNoPart = 0.05;      // of the time between two records
constexpr double kFullRing = 256;     // records: the warm-up fills it
constexpr double kHardlyRead = 0.01;  // of what is sent: hardly a call is given a record

// So many of them, spread evenly.
std::vector<unsigned> spread(const std::vector<unsigned>& all, std::size_t wanted) {
  std::vector<unsigned> some;
  for (std::size_t i = 0; i < wanted; ++i) some.push_back(all[i * all.size() / wanted]);
  return some;
}

// CPUs of the ring, as a record of one burst sees them, itself among them: of all positions that
// `width` neighbours can take, each as often as records are sent from it.
double neighbours_met(const std::vector<unsigned>& producers, unsigned cpus, unsigned width) {
  std::vector<unsigned> here(cpus, 0);
  for (const auto cpu : producers) here[cpu] = 1;
  double met = 0, all = 0;
  double inside = std::accumulate(here.begin(), here.begin() + width, 0.0);
  for (unsigned first = 0; first < cpus; ++first) {
    met += inside * inside;
    all += inside;
    inside += here[(first + width) % cpus];
    inside -= here[first];
  }
  return all > 0 ? met / all : 0;
}

Crowd burst_crowd(const Plan& plan, const Inputs& inputs, const std::vector<unsigned>& producers) {
  const auto all = static_cast<double>(plan.cpus.size());
  const auto here = static_cast<double>(producers.size());
  const auto width = std::clamp(std::round(inputs.burst_width), 1.0, all);
  auto met = plan.scattered ? 1 + (all > 1 ? (width - 1) * (here - 1) / (all - 1) : 0)
                            : neighbours_met(producers, static_cast<unsigned>(all),
                                             static_cast<unsigned>(width));
  const auto other_bursts = -std::expm1(-inputs.bursts_per_cpu_s * inputs.burst_on_us * 1e-6);
  met += (here - met) * other_bursts;
  // Who shares the reader's CPU sends in the reader's pauses, most of a burst at once.
  if (plan.shares_cpu) met -= 1;
  const auto crowd = static_cast<std::size_t>(std::clamp(std::round(met), 1.0, here));
  return {plan.scattered ? spread(producers, crowd)
                         : std::vector(producers.begin(),
                                       producers.begin() + static_cast<std::ptrdiff_t>(crowd)),
          inputs.burst_rate, 0};
}

// Those who send in the bin at this quantile of the ring's records.
Crowd crowd_of_bin(const Trace& trace, const std::vector<unsigned>& producers, double quantile) {
  std::vector<std::pair<double, std::size_t>> bins;  // records a second, number
  double all = 0;
  for (std::size_t bin = 0; bin < trace.rates.size(); ++bin) {
    double sent = 0;
    for (const auto cpu : producers) sent += trace.rates[bin][cpu];
    bins.emplace_back(sent, bin);
    all += sent;
  }
  std::sort(bins.begin(), bins.end());
  double before = 0;
  for (const auto& [sent, bin] : bins) {
    before += sent;
    if (before < quantile * all || sent <= 0) continue;
    Crowd crowd{{}, 0, 0};
    for (const auto cpu : producers)
      if (trace.rates[bin][cpu] > 0) crowd.producers.push_back(cpu);
    crowd.rate = sent / static_cast<double>(crowd.producers.size());
    return crowd;
  }
  return {{}, 0, 0};
}

// As far from a producer as the CPU that it shares; else as the plan's CPUs are on average; where
// there is one CPU, as another one of the machine is.
double consumer_latency(const Plan& plan, const Inputs& inputs, const Latencies& all,
                        unsigned producer) {
  if (plan.shares_cpu) return all(producer, 0);
  double sum = 0;
  for (unsigned other = 0; other < all.cpus(); ++other)
    if (other != producer) sum += all(producer, other);
  if (all.cpus() > 1) return sum / (all.cpus() - 1);
  for (const auto& cpu : plan.machine.cpus)
    if (cpu.os != plan.cpus.front())
      return latencies_by_class(plan.machine, {plan.cpus.front(), cpu.os}, inputs)(0, 1);
  return 0;
}

// The producers, then the consumer.
Latencies with_consumer(const Plan& plan, const Inputs& inputs, const Latencies& all,
                        const std::vector<unsigned>& producers) {
  const auto size = static_cast<unsigned>(producers.size()) + 1;
  std::vector<double> ns(std::size_t{size} * size, 0);
  for (unsigned from = 0; from + 1 < size; ++from) {
    for (unsigned to = 0; to + 1 < size; ++to)
      if (from != to) ns[from * size + to] = all(producers[from], producers[to]);
    ns[from * size + size - 1] = ns[(size - 1) * size + from] =
        consumer_latency(plan, inputs, all, producers[from]);
  }
  return {size, std::move(ns)};
}

LinePlan line_plan(const Plan& plan, Kind kind, const Inputs& inputs, const Latencies& latencies,
                   const Crowd& crowd) {
  LinePlan lines;
  lines.lock = plan.lock;
  lines.pending_pos = plan.code_path->pending_pos;
  lines.alone_ns = inputs.alone_ns;
  lines.outside_lock_ns = inputs.outside_lock_ns;
  lines.cold_ns = std::max(0.0, inputs.remote_cold_ns - inputs.alone_ns);
  lines.consumer_ns = inputs.ns_per_record;
  lines.consumer_poll_ns = inputs.ns_per_poll;
  lines.record_bytes = bytes_of_record(kind, inputs.record_size);
  lines.latencies = with_consumer(plan, inputs, latencies, crowd.producers);
  if (crowd.producers.size() > 1) {
    lines.latencies = scaled_to(lines, inputs.moves);
  } else if (inputs.watched_ns > 0) {
    lines.latencies = scaled_to_watched(lines, inputs.watched_ns);
  }
  lines.per_cpu = kind == Kind::perf;
  // Full in the end where more comes than is read, else never: how large it is is no matter here.
  const auto sent = crowd.rate * static_cast<double>(crowd.producers.size());
  const auto read = thread_records_per_s(plan, inputs) / sent;
  const bool full = crowd.steady && read < 1 && read > kHardlyRead;
  lines.ring_records =
      full ? kFullRing : lines.warm_up_records + lines.records + lines.latencies.cpus();
  return lines;
}

// At the crowd's rate. A pause begins when a call has ended, so it is shorter by what a call takes,
// which a first simulation tells where it matters.
LineResult simulate_crowd(const Plan& plan, Kind kind, const Inputs& inputs,
                          const Latencies& latencies, const Crowd& crowd, std::uint64_t seed) {
  const auto each = std::min(1e9 / crowd.rate, kNobodyMeets);
  auto lines = line_plan(plan, kind, inputs, latencies, crowd);
  lines.between_ns = std::max(0.0, each - inputs.alone_ns);
  auto result = simulate_lines(lines, seed);
  if (result.event_mean < kNoPart * each) return result;
  lines.between_ns = std::max(0.0, each - result.event_mean);
  return simulate_lines(lines, seed);
}

// How many records notify the consumer. Adaptively those do that find it waiting: a thread that is
// kept busy for some share of the time by records that come at random waits for the rest of it.
// libbpf has a perf buffer notify for each.
double notifying_share(const Plan& plan, Kind kind, const Inputs& inputs, const Crowd& crowd) {
  if (plan.notify == "always" || (plan.notify == "adaptive" && kind == Kind::perf)) return 1;
  if (plan.notify == "never") return 0;
  const auto sent = crowd.rate * static_cast<double>(crowd.producers.size());
  return std::max(0.0, 1 - sent / thread_records_per_s(plan, inputs));
}

}  // namespace

Latencies latencies_of(const Plan& plan, const Inputs& inputs) {
  const auto latencies =
      plan.latencies ? *plan.latencies : latencies_by_class(plan.machine, plan.cpus, inputs);
  return latencies.scaled(inputs.latency_factor);
}

std::vector<std::vector<unsigned>> producers_of_rings(const Layout& layout) {
  std::vector<std::vector<unsigned>> producers(layout.rings);
  for (unsigned cpu = 0; cpu < layout.ring_of_cpu.size(); ++cpu)
    producers[layout.ring_of_cpu[cpu]].push_back(cpu);
  return producers;
}

double lock_records_per_s(const Latencies& latencies, const std::vector<unsigned>& producers,
                          const Inputs& inputs) {
  return 1e9 / saturated_record_ns(inputs.moves, latencies.mean(producers), inputs.alone_ns,
                                   inputs.outside_lock_ns, static_cast<double>(producers.size()));
}

LockLoad lock_load(const Plan& plan, const Inputs& inputs, const Latencies& latencies,
                   const std::vector<std::vector<unsigned>>& producers) {
  LockLoad load;
  double all = 0, beyond = 0;
  for (std::size_t ring = 0; ring < producers.size(); ++ring) {
    const auto offered = offered_by(plan, inputs, producers[ring]);
    const auto takes = lock_records_per_s(latencies, producers[ring], inputs);
    all += offered;
    beyond += std::max(0.0, offered - takes);
    if (ring > 0 && offered * load.takes <= load.offered * takes) continue;
    load.busiest = ring;
    load.offered = offered;
    load.takes = takes;
  }
  load.never_sent = all > 0 ? beyond / all : 0;
  return load;
}

std::vector<Crowd> crowds_at(const Plan& plan, const Inputs& inputs,
                             const std::vector<unsigned>& producers) {
  std::vector<Crowd> crowds;
  if (!plan.trace.rates.empty()) {
    crowds = {crowd_of_bin(plan.trace, producers, 0.5), crowd_of_bin(plan.trace, producers, 0.99)};
    crowds[0].share = 0.98, crowds[1].share = 0.02;
  } else {
    const auto on = -std::expm1(-inputs.bursts_per_cpu_s * inputs.burst_on_us * 1e-6);
    const auto steady = inputs.rate_per_cpu * (1 - on);
    const auto bursts = inputs.burst_rate * on;
    if (steady > 0) {
      crowds.push_back({producers, inputs.rate_per_cpu, steady / (steady + bursts), true});
    }
    if (bursts > 0) {
      crowds.push_back(burst_crowd(plan, inputs, producers));
      crowds.back().share = bursts / (steady + bursts);
    }
  }
  std::erase_if(crowds, [](const Crowd& crowd) { return crowd.producers.empty(); });
  return crowds;
}

ReserveCost reserve_cost(const Plan& plan, Kind kind, const Inputs& inputs,
                         const Latencies& latencies, const std::vector<Crowd>& crowds,
                         std::uint64_t seed) {
  ReserveCost cost;
  double most = 0;
  for (const auto& crowd : crowds) {
    const auto result = simulate_crowd(plan, kind, inputs, latencies, crowd, seed);
    cost.event_mean_ns +=
        crowd.share *
        (result.event_mean + notifying_share(plan, kind, inputs, crowd) * inputs.notify_ns);
    if (crowd.share > kRareShare) cost.p99_ns = std::max(cost.p99_ns, result.reserve_p99);
    if (crowd.share <= most) continue;
    most = crowd.share;
    cost.p50_ns = result.reserve_p50;
    // Where it always has something to do, a record is read when its line has come.
    cost.seen_ns = result.seen_p50 > 0
                       ? result.seen_p50
                       : result.event_mean +
                             consumer_latency(plan, inputs, latencies, crowd.producers.front());
    cost.consumer_busy_ns = result.consumer_busy_ns;
  }
  return cost;
}

}  // namespace ringbench::planner
