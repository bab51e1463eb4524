#include "planner/flow.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "planner/flow_run.hpp"

namespace ringbench::planner {
namespace {

template <class... Args>
[[noreturn]] void refuse(fmt::format_string<Args...> text, Args&&... args) {
  throw std::invalid_argument("The flow simulation refuses its plan: " +
                              fmt::format(text, std::forward<Args>(args)...));
}

void check_number(const char* what, double value) {
  if (!std::isfinite(value) || value < 0)
    refuse("{} is {}; it must be a number of at least 0.", what, value);
}

void check_trace(const FlowSources& sources) {
  if (!(sources.bin_s > 0) || !std::isfinite(sources.bin_s))
    refuse("a bin of its trace lasts {} s; state a time above 0.", sources.bin_s);
  for (std::size_t bin = 0; bin < sources.trace.size(); ++bin) {
    if (sources.trace[bin].size() != sources.cpus)
      refuse("bin {} of its trace has rates of {} CPUs, but there are {} CPUs; give each CPU one.",
             bin, sources.trace[bin].size(), sources.cpus);
    for (const auto rate : sources.trace[bin]) check_number("a rate of its trace", rate);
  }
}

void check_sources(const FlowSources& sources) {
  if (sources.cpus == 0) refuse("there are no CPUs; give it at least one.");
  if (!sources.trace.empty()) return check_trace(sources);
  check_number("the steady rate of a CPU", sources.rate);
  check_number("the rate of a CPU in a burst", sources.burst_rate);
  check_number("the number of bursts a second", sources.bursts_per_s);
  if (sources.bursts_per_s == 0) return;
  if (!(sources.on_s > 0) || !std::isfinite(sources.on_s))
    refuse("a burst lasts {} s; state a time above 0, or no bursts a second.", sources.on_s);
  if (sources.width == 0 || sources.width > sources.cpus)
    refuse("a burst hits {} CPUs; state a number from 1 to {}, the number of CPUs.", sources.width,
           sources.cpus);
}

void check_buffers(const FlowBuffers& buffers, unsigned cpus) {
  if (buffers.ring_of_cpu.size() != cpus)
    refuse("it names rings for {} CPUs, but there are {} CPUs; give each CPU a ring.",
           buffers.ring_of_cpu.size(), cpus);
  const auto most = std::ranges::max(buffers.ring_of_cpu);
  if (most >= cpus)
    refuse("it has a ring {} but only {} CPUs; number the rings from 0 on, without a gap.", most,
           cpus);
  std::vector<bool> named(most + 1);
  for (const auto ring : buffers.ring_of_cpu) named[ring] = true;
  const auto gap = std::ranges::find(named, false);
  if (gap != named.end())
    refuse("no CPU has ring {}, but one has ring {}; number the rings from 0 on, without a gap.",
           gap - named.begin(), most);
  if (!(buffers.records >= 1) || !std::isfinite(buffers.records))
    refuse("a ring holds {} records; make it large enough for at least one.", buffers.records);
}

void check_shared_cpu(const FlowConsumers& consumers) {
  if (consumers.threads > 1 || consumers.frees_together || consumers.poll_interval_s > 0)
    refuse(
        "a thread shares a source's CPU, and there are {} threads, pauses of {} s, and space {}; "
        "one thread may share it that reads as records come and frees each as it is read.",
        consumers.threads, consumers.poll_interval_s,
        consumers.frees_together ? "that is freed together" : "that is freed by record");
  if (!(consumers.late_rate > 0) || !std::isfinite(consumers.late_rate))
    refuse("a source that is late sends {} records a second; state a number above 0.",
           consumers.late_rate);
  if (!(consumers.slice_s > 0))
    refuse("a slice lasts {} s; state a time above 0.", consumers.slice_s);
}

void check_consumers(const FlowConsumers& consumers) {
  if (consumers.threads == 0) refuse("no thread reads; give it at least one.");
  if (!(consumers.rate > 0) || !std::isfinite(consumers.rate))
    refuse("a thread reads {} records a second; state a number above 0.", consumers.rate);
  if (!(consumers.turn > 0) || !std::isfinite(consumers.turn))
    refuse("a turn takes {} records of a ring; state a number above 0.", consumers.turn);
  check_number("the time for a look at a ring", consumers.look_s);
  check_number("the rate of the shared stage", consumers.stage_rate);
  check_number("the time of a wake-up", consumers.wakeup_s);
  check_number("what a turn takes before its first record", consumers.turn_s);
  check_number("the time between two polls", consumers.poll_interval_s);
  check_number("the length of a stall", consumers.stall_s);
  check_number("the time between two stalls", consumers.stall_every_s);
  if (consumers.shares_cpu) check_shared_cpu(consumers);
  if (!std::isfinite(consumers.merge_wait_s))
    refuse("the merge waits {} s; state a number, negative for no merge.", consumers.merge_wait_s);
  if (consumers.stall_every_s > 0 && consumers.stall_s >= consumers.stall_every_s)
    refuse("a thread stalls for {} s every {} s and so never reads; make stalls shorter or rarer.",
           consumers.stall_s, consumers.stall_every_s);
}

}  // namespace

FlowResult simulate_flow(const FlowPlan& plan, std::uint64_t seed) {
  check_sources(plan.sources);
  check_buffers(plan.buffers, plan.sources.cpus);
  check_consumers(plan.consumers);
  if (!(plan.seconds > 0) || !std::isfinite(plan.seconds))
    refuse("it lasts {} s; state a time above 0.", plan.seconds);
  return FlowRun(plan, seed).run();
}

}  // namespace ringbench::planner
