#include <fmt/format.h>

#include "planner/number_words.hpp"
#include "planner/plan_output.hpp"
#include "planner/workload.hpp"

namespace ringbench::planner {

std::string_view words_of(Origin origin) {
  switch (origin) {
    case Origin::stated:
      return "stated";
    case Origin::calibrated:
      return "calibrated";
    case Origin::assumed:
      return "assumed";
  }
  return "";
}

std::string_view words_of(Kind kind) {
  switch (kind) {
    case Kind::shared:
      return "shared";
    case Kind::rings:
      return "rings";
    case Kind::perf:
      return "perf";
  }
  return "";
}

std::string_view words_of(LockKind lock) {
  switch (lock) {
    case LockKind::queued:
      return "queued";
    case LockKind::ticket:
      return "ticket";
    case LockKind::test_and_set:
      return "test_and_set";
  }
  return "";
}

std::string workload_words(const Plan& plan) {
  const auto& inputs = plan.inputs.value;
  const auto offered = offered_records_per_s(plan, inputs);
  const auto size = in_bytes(inputs.record_size);
  if (!plan.trace.rates.empty())
    return fmt::format("a trace of {:g} s, played over and over: {} records/s on average, of {}",
                       plan.trace.bin_s * static_cast<double>(plan.trace.rates.size()),
                       in_count(offered), size);
  auto words = fmt::format("{} CPUs, {} records/s on average, of {}", plan.cpus.size(),
                           in_count(offered), size);
  if (inputs.bursts_per_cpu_s > 0 && inputs.burst_rate > 0)
    words += fmt::format(
        "; {} bursts a second hit each CPU, {} {} together, for {}, in which each sends {} "
        "records/s",
        in_count(inputs.bursts_per_cpu_s), in_count(inputs.burst_width),
        plan.scattered ? "scattered CPUs" : "neighbours", in_ns(inputs.burst_on_us * 1e3),
        in_count(inputs.burst_rate));
  return words;
}

}  // namespace ringbench::planner
