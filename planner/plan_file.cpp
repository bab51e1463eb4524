#include "planner/plan_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <stdexcept>

#include "bench/config/input_files.hpp"
#include "bench/config/parameters.hpp"
#include "bench/config/suggest.hpp"
#include "planner/plan_inputs.hpp"
#include "planner/plan_layouts.hpp"
#include "planner/plan_machine.hpp"
#include "planner/plan_size.hpp"
#include "planner/plan_trace.hpp"
#include "planner/sizes.hpp"
#include "planner/statements.hpp"

namespace ringbench::planner {
namespace {

constexpr std::size_t kLargestPlan = 1 << 20;

constexpr std::array<std::string_view, 3> kLocks{"queued", "ticket", "test_and_set"};
constexpr std::array<std::string_view, 3> kNotify{"adaptive", "always", "never"};
constexpr std::array<std::string_view, 2> kBurstCpus{"scattered", "neighbouring"};
constexpr std::array<std::string_view, 2> kConsumerCpus{"own", "first"};
constexpr double kMostTurn = 1e6;

struct TargetKey {
  std::string_view key;
  std::optional<double> Targets::*member;
  double min, max;
  std::string_view unit;
};
constexpr std::array kTargetKeys{
    TargetKey{"target.drop_fraction", &Targets::drop_fraction, 0, 1, ""},
    TargetKey{"target.reserve_p99_ns", &Targets::reserve_p99_ns, 0.1, 1e9, "ns"},
    TargetKey{"target.delay_p99_us", &Targets::delay_p99_us, 0, 3.6e9, "us"},
    TargetKey{"target.reordered_ratio", &Targets::reordered_ratio, 0, 1, ""},
    TargetKey{"target.reorder_extent", &Targets::reorder_extent, 0, 1e12, "records"},
    TargetKey{"target.memory", &Targets::memory_bytes, 1, 0x1p50, "bytes"},
};

std::string text_of_plan(const std::string& path) {
  try {
    return read_file(path, kLargestPlan);
  } catch (const std::runtime_error& error) {
    throw std::runtime_error(
        fmt::format("{}: the plan cannot be read: {}; allowed: the path of a TOML file, such as "
                    "configs/plans/example.toml",
                    path, error.what()));
  }
}

void read_run(Statements& statements, Plan& plan) {
  if (const auto title = statements.text("title")) plan.title = *title;
  if (const auto seed = statements.integer("run.seed", 0, 0x1p63)) plan.seed = *seed;
  if (const auto seconds = statements.number("run.seconds", 0.01, 3600, "s"))
    plan.seconds = *seconds;
  if (const auto draws = statements.integer("run.draws", 10, 1000))
    plan.draws = static_cast<unsigned>(*draws);
}

void read_code_path(Statements& statements, Plan& plan) {
  std::vector<std::string_view> names;
  for (const auto& path : code_paths()) names.push_back(path.name);
  if (statements.find("machine.code_path") == nullptr) {
    statements.reject(
        "machine.code_path",
        fmt::format("missing, and what a contended reserve costs hangs on it; allowed: "
                    "{}",
                    choices(names)));
  } else if (const auto name = statements.word("machine.code_path", names)) {
    plan.code_path = find_code_path(*name);
  }
}

void read_modes(Statements& statements, Plan& plan) {
  if (const auto lock = statements.word("machine.lock", kLocks))
    plan.lock = static_cast<LockKind>(std::ranges::find(kLocks, *lock) - kLocks.begin());
  if (const auto notify = statements.word("machine.notify", kNotify)) plan.notify = *notify;
  if (const auto cpus = statements.word("source.burst_cpus", kBurstCpus))
    plan.scattered = *cpus == kBurstCpus.front();
  if (const auto turn = statements.integer("consumer.turn", 1, kMostTurn))
    plan.turn = static_cast<unsigned>(*turn);
  if (const auto cpu = statements.word("consumer.cpu", kConsumerCpus))
    plan.shares_cpu = *cpu != kConsumerCpus.front();
  plan.merges = statements.find("consumer.merge_wait_us") != nullptr;
}

// Only so is it modelled (FlowConsumers::shares_cpu).
void check_shared_cpu(Statements& statements, const Plan& plan) {
  if (!plan.shares_cpu) return;
  const auto other = std::ranges::find_if(plan.layouts, [](const Layout& layout) {
    return layout.consumers > 1 || layout.kind == Kind::perf;
  });
  if (other == plan.layouts.end() && plan.inputs.high.poll_interval_us == 0) return;
  statements.reject(
      "consumer.cpu",
      fmt::format(
          "found \"first\"; allowed: \"own\", for {}; state \"first\" where one thread reads "
          "rings without pauses",
          other == plan.layouts.end() ? "the consumer pauses between polls"
                                      : fmt::format("there is the layout {}", other->name)));
}

// A size that no layout can keep to contradicts the layouts of the same file.
void check_memory(Statements& statements, const Plan& plan) {
  if (!plan.targets.memory_bytes || plan.layouts.empty()) return;
  const auto held = [](const Layout& layout) { return memory_of(layout).held; };
  const auto& smallest = *std::ranges::min_element(plan.layouts, {}, held);
  if (static_cast<double>(held(smallest)) <= *plan.targets.memory_bytes) return;
  statements.reject(
      "target.memory",
      fmt::format(
          "found {:.0f} bytes, which contradicts the layouts, for the smallest of them, {}, "
          "holds {} bytes with its control pages; allow at least those, or add a smaller "
          "layout",
          *plan.targets.memory_bytes, smallest.name, held(smallest)));
}

// Nobody's reserve takes less than one that meets nobody.
void check_reserve(Statements& statements, const Plan& plan) {
  const auto& low = plan.inputs.low;
  const double least = low.alone_ns - plan.inputs.high.outside_lock_ns;
  if (!plan.targets.reserve_p99_ns || *plan.targets.reserve_p99_ns >= least) return;
  statements.reject(
      "target.reserve_p99_ns",
      fmt::format(
          "found {} ns, which contradicts producer.alone_ns: less its part outside the lock "
          "a reserve takes {} ns at least, even where it meets nobody; allow that much",
          *plan.targets.reserve_p99_ns, least));
}

void read_targets(Statements& statements, Plan& plan) {
  for (const auto& target : kTargetKeys)
    plan.targets.*target.member =
        statements.number(target.key, target.min, target.max, target.unit);
  check_memory(statements, plan);
  check_reserve(statements, plan);
}

}  // namespace

Plan read_plan(const PlanRequest& request) {
  const auto text = text_of_plan(request.file);
  const auto calibration =
      request.calibration ? std::optional(read_calibration(*request.calibration)) : std::nullopt;
  const auto* known = calibration ? &*calibration : nullptr;
  Statements statements(text, request);
  Plan plan;
  plan.path = request.file;
  plan.title = std::filesystem::path(request.file).stem().string();
  read_run(statements, plan);
  read_machine(statements, known, plan);
  read_code_path(statements, plan);
  read_modes(statements, plan);
  read_trace(statements, plan);
  read_inputs(statements, known, plan);
  read_latencies(statements, known, plan);
  read_layouts(statements, plan);
  check_shared_cpu(statements, plan);
  read_targets(statements, plan);
  if (const auto found = too_long(plan)) statements.reject(found->key, found->why);
  statements.throw_if_any();
  return plan;
}

}  // namespace ringbench::planner
