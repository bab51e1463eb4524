#include "planner/workload.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <numeric>

namespace ringbench::planner {
namespace {

// Of a cache line, for a record whose producer is watched: of the consumer position, the record's
// header and the producer position.
constexpr double kWatchedMoves = 3;

// How long Linux lets a thread run while another one waits: kernel/sched/fair.c from 6.6 on,
// base_slice_ns of 0.7 ms times 1 + log2 of the CPUs, of which it counts 8 at most.
double slice_s(const Machine& machine) {
  const auto cpus = std::clamp<std::size_t>(machine.cpus.size(), 1, 8);
  return 0.7e-3 * static_cast<double>(std::bit_width(cpus));
}

}  // namespace

double offered_by(const Plan& plan, const Inputs& inputs, const std::vector<unsigned>& cpus) {
  const auto& bins = plan.trace.rates;
  if (!bins.empty()) {
    double sum = 0;
    for (const auto& bin : bins)
      for (const auto cpu : cpus) sum += bin[cpu];
    return sum / static_cast<double>(bins.size());
  }
  const auto on = -std::expm1(-inputs.bursts_per_cpu_s * inputs.burst_on_us * 1e-6);
  const auto each = inputs.rate_per_cpu * (1 - on) + inputs.burst_rate * on;
  return each * static_cast<double>(cpus.size());
}

double offered_records_per_s(const Plan& plan, const Inputs& inputs) {
  std::vector<unsigned> all(plan.cpus.size());
  std::iota(all.begin(), all.end(), 0U);
  return offered_by(plan, inputs, all);
}

double heaviest_thread_offered(const Plan& plan, const Layout& layout, const Inputs& inputs) {
  std::vector<std::vector<unsigned>> cpus(busy_threads(layout));
  for (unsigned cpu = 0; cpu < layout.ring_of_cpu.size(); ++cpu)
    cpus[layout.ring_of_cpu[cpu] % cpus.size()].push_back(cpu);
  double most = 0;
  for (const auto& of_thread : cpus) most = std::max(most, offered_by(plan, inputs, of_thread));
  return most;
}

double burst_records_per_s(const Plan& plan, const Inputs& inputs) {
  double most = 0;
  for (const auto& bin : plan.trace.rates)
    most = std::max(most, std::accumulate(bin.begin(), bin.end(), 0.0));
  if (!plan.trace.rates.empty()) return most;
  const auto cpus = static_cast<double>(plan.cpus.size());
  if (inputs.bursts_per_cpu_s <= 0) return inputs.rate_per_cpu * cpus;
  const auto hit = std::min(inputs.burst_width, cpus);
  return inputs.burst_rate * hit + inputs.rate_per_cpu * (cpus - hit);
}

double thread_records_per_s(const Plan& plan, const Inputs& inputs) {
  return 1e9 / (inputs.ns_per_record + inputs.ns_per_poll / plan.turn);
}

unsigned busy_threads(const Layout& layout) {
  return std::min(layout.consumers, layout.rings);
}

double awake_share(const Inputs& inputs) {
  if (inputs.stall_every_us <= 0) return 1;
  return 1 - std::min(1.0, inputs.stall_us / inputs.stall_every_us);
}

double consumer_records_per_s(const Plan& plan, const Layout& layout, const Inputs& inputs) {
  return busy_threads(layout) * thread_records_per_s(plan, inputs) * awake_share(inputs);
}

double stage_records_per_s(const Inputs& inputs) {
  return inputs.stage_ns > 0 ? 1e9 / inputs.stage_ns : 0;
}

FlowPlan flow_plan(const Plan& plan, const Layout& layout, const Inputs& inputs) {
  FlowPlan flow;
  const auto period = plan.trace.bin_s * static_cast<double>(plan.trace.rates.size());
  flow.seconds = period > 0 ? std::ceil(plan.seconds / period) * period : plan.seconds;
  auto& sources = flow.sources;
  sources.cpus = static_cast<unsigned>(plan.cpus.size());
  sources.rate = inputs.rate_per_cpu;
  sources.burst_rate = inputs.burst_rate;
  sources.width = static_cast<unsigned>(
      std::clamp(std::round(inputs.burst_width), 1.0, static_cast<double>(sources.cpus)));
  sources.bursts_per_s = inputs.bursts_per_cpu_s * sources.cpus / sources.width;
  sources.on_s = inputs.burst_on_us * 1e-6;
  sources.scattered = plan.scattered;
  sources.trace = plan.trace.rates;
  sources.bin_s = plan.trace.bin_s;
  sources.from_any_bin = true;

  flow.buffers.ring_of_cpu = layout.ring_of_cpu;
  flow.buffers.records = std::max(1.0, records_held(layout, inputs.record_size));

  auto& consumers = flow.consumers;
  consumers.threads = busy_threads(layout);
  consumers.rate = thread_records_per_s(plan, inputs);
  consumers.turn = plan.turn;
  consumers.look_s = inputs.ns_per_poll * 1e-9;
  consumers.stage_rate = stage_records_per_s(inputs);
  if (plan.notify != "never" && inputs.poll_interval_us <= 0)
    consumers.wakeup_s = inputs.wakeup_ns * 1e-9;
  // The lines of the position and of the first record come from the producer.
  if (inputs.watched_ns > 0)
    consumers.turn_s =
        2 * std::max(0.0, inputs.watched_ns - inputs.alone_ns) / kWatchedMoves * 1e-9;
  consumers.poll_interval_s = inputs.poll_interval_us * 1e-6;
  consumers.stall_s = inputs.stall_us * 1e-6;
  consumers.stall_every_s = inputs.stall_every_us * 1e-6;
  consumers.shares_cpu = plan.shares_cpu;
  consumers.late_rate = 1e9 / inputs.alone_ns;
  consumers.slice_s = slice_s(plan.machine);
  consumers.frees_together = layout.kind == Kind::perf;
  if (plan.merges) consumers.merge_wait_s = inputs.merge_wait_us * 1e-6;
  return flow;
}

}  // namespace ringbench::planner
