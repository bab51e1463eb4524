#include "planner/plan_size.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace ringbench::planner {
namespace {

constexpr double kMostEvents = 1e8;  // of one draw: some ten seconds

double most_threads(const Plan& plan) {
  unsigned most = 1;
  for (const auto& layout : plan.layouts)
    most = std::max(most, std::min(layout.consumers, layout.rings));
  return most;
}

}  // namespace

std::optional<TooLong> too_long(const Plan& plan) {
  const auto &low = plan.inputs.low, &high = plan.inputs.high;
  const auto cpus = static_cast<double>(plan.cpus.size());
  const auto every = [](double us) { return us > 0 ? 1e6 / us : 0; };
  struct Source {
    std::string key;
    double events_per_s;
  };
  const std::array sources{
      Source{"source.bursts_per_cpu_s", 2 * high.bursts_per_cpu_s * cpus},
      Source{"consumer.poll_interval_us", 2 * most_threads(plan) * every(low.poll_interval_us)},
      Source{"consumer.stall_every_us", 2 * most_threads(plan) * every(low.stall_every_us)},
      Source{"source.trace", plan.trace.bin_s > 0 ? cpus / plan.trace.bin_s : 0}};
  const auto& most = *std::ranges::max_element(sources, {}, &Source::events_per_s);
  const auto events = most.events_per_s * plan.seconds;
  if (events <= kMostEvents) return {};
  return TooLong{
      most.key,
      fmt::format("makes {:.1e} events in the {:g} s of run.seconds, more than {:.0e} "
                  "that can be simulated; state run.seconds = {:.2g} or less, or let it "
                  "happen less often",
                  events, plan.seconds, kMostEvents, plan.seconds * kMostEvents / events)};
}

}  // namespace ringbench::planner
