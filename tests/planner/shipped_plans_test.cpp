// The plans in configs/plans.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <set>

#include "bench/config/config.hpp"
#include "planner/plan_file.hpp"
#include "planner/statements.hpp"
#include "tests/source_dir.hpp"

namespace ringbench::planner {
namespace {

using ::testing::HasSubstr;

const std::filesystem::path kPlans = std::filesystem::path(source_dir()) / "configs/plans";

Plan shipped(const std::string& name, std::vector<std::string> what_if = {}) {
  PlanRequest request;
  request.file = (kPlans / (name + ".toml")).string();
  request.what_if = std::move(what_if);
  return read_plan(request);
}

std::string text_of(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

bool has(const Plan& plan, std::string_view name) {
  return std::ranges::find(plan.layouts, name, &Layout::name) != plan.layouts.end();
}

double offered(const Plan& plan) {
  return plan.inputs.value.rate_per_cpu * static_cast<double>(plan.cpus.size());
}

TEST(ShippedPlans, NeedNoCalibration) {
  std::set<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(kPlans)) {
    const auto name = entry.path().stem().string();
    names.insert(name);
    const auto plan = shipped(name);
    EXPECT_FALSE(plan.layouts.empty()) << name;
    EXPECT_NE(plan.title, name);
    EXPECT_TRUE(text_of(entry.path()).starts_with("# ")) << name;
  }
  EXPECT_GE(names.size(), 6U);
}

TEST(ShippedPlans, TheKnownCasesSayWhereTheyComeFrom) {
  for (const auto* name : {"sharded_192", "oversized_176", "per_cpu_80", "quiet_80"}) {
    const auto text = text_of(kPlans / (std::string(name) + ".toml"));
    for (const auto* word : {"# Source:", "# Stated", "# Assumed:"})
      EXPECT_THAT(text, HasSubstr(word)) << name;
  }
}

TEST(ShippedPlans, Sharded192) {
  const auto plan = shipped("sharded_192");
  EXPECT_EQ(plan.cpus.size(), 192U);
  EXPECT_NEAR(offered(plan), 6.78e6, 1);
  EXPECT_NEAR(8e9 / plan.inputs.value.ns_per_record, 1.02e6, 1e3);
  EXPECT_EQ(plan.seconds, 60);
  EXPECT_TRUE(has(plan, "rings of 24 CPUs (modulo) 8 x 32 MiB, 8 consumers"));
  EXPECT_TRUE(has(plan, "rings of 3 CPUs (modulo) 64 x 4 MiB, 64 consumers"));
  EXPECT_TRUE(has(plan, "rings of 3 CPUs (modulo) 64 x 4 MiB, 8 consumers"));
  for (unsigned place = 0; place < 192; ++place)
    EXPECT_EQ(plan.layouts.front().ring_of_cpu[place], plan.cpus[place] % 8);
}

TEST(ShippedPlans, Oversized176) {
  const auto plan = shipped("oversized_176");
  EXPECT_EQ(plan.cpus.size(), 176U);
  EXPECT_EQ(plan.inputs.value.record_size, 2048);
  EXPECT_EQ(plan.inputs.value.record_used, 168);
}

TEST(ShippedPlans, PerCpu80IsTheReferenceWorkload) {
  const auto plan = shipped("per_cpu_80");
  EXPECT_EQ(plan.cpus.size(), 80U);
  EXPECT_TRUE(has(plan, "rings of 1 CPU 80 x 64 KiB, 1 consumer"));
  EXPECT_TRUE(has(plan, "rings of 1 CPU 80 x 256 KiB, 1 consumer"));
  EXPECT_TRUE(has(plan, "shared 5 MiB"));
  EXPECT_EQ(records_held(plan.layouts[0], plan.inputs.value.record_size), 327);
  EXPECT_EQ(plan.inputs.value.burst_width, 20);
  EXPECT_EQ(shipped("per_cpu_80", {"source.burst_width=4"}).inputs.value.burst_width, 4);
}

TEST(ShippedPlans, Quiet80SendsThousands) {
  EXPECT_EQ(shipped("quiet_80").cpus.size(), 80U);
  EXPECT_EQ(offered(shipped("quiet_80")), 4000);
}

TEST(ShippedPlans, ExampleIsTheQuestionThatPeopleAsk) {
  const auto plan = shipped("example");
  EXPECT_EQ(plan.cpus.size(), 192U);
  EXPECT_EQ(plan.targets.memory_bytes, 256 << 20);
  const auto& in = plan.inputs.value;
  const double on = in.bursts_per_cpu_s * in.burst_on_us * 1e-6;  // of the time
  EXPECT_NEAR(192 * (in.rate_per_cpu * (1 - on) + in.burst_rate * on), 2e6, 0.05e6);
}

TEST(ShippedPlans, ExampleShowsEveryKey) {
  const auto text = text_of(kPlans / "example.toml");
  for (const auto key : plan_keys()) {
    if (key.starts_with("target.reorder") || key == "latency.factor" || key == "source.trace" ||
        key == "latency.core_ns" || key == "latency.package_ns")
      continue;  // it has other ways
    EXPECT_THAT(text, HasSubstr(std::string(key.substr(key.find('.') + 1)) + " = ")) << key;
  }
}

TEST(ShippedPlans, ThisMachineFitsAnyNumberOfCpus) {
  for (const auto* cpus : {"core:1 pu:1", "core:2 pu:1", "package:2 core:96 pu:2"}) {
    PlanRequest request;
    request.file = (kPlans / "this_machine.toml").string();
    request.machine = cpus;
    EXPECT_FALSE(read_plan(request).layouts.empty());
  }
}

// Every number, word and key of a shipped plan in turn is replaced by what does not belong there.
TEST(ShippedPlans, DamagedOnesAreRefusedWithAPosition) {
  const auto folder =
      std::filesystem::temp_directory_path() / ("damaged_plans." + std::to_string(::getpid()));
  std::filesystem::create_directories(folder);
  PlanRequest request;
  request.file = (folder / "p.toml").string();
  std::size_t refused = 0;
  for (const auto& entry : std::filesystem::directory_iterator(kPlans)) {
    const auto text = text_of(entry.path());
    const std::regex value("(^|\n)([a-z_0-9]+) = ([^\n#]+)");
    for (std::sregex_iterator at(text.begin(), text.end(), value), end; at != end; ++at) {
      for (const std::string_view with :
           {"-1e300", "[[]]", "\"\\u0000\"", "{low = 1}", "nan", "="}) {
        const auto place = static_cast<std::size_t>(at->position(3));
        std::ofstream(request.file, std::ios::binary)
            << std::string(text).replace(place, static_cast<std::size_t>(at->length(3)), with);
        try {
          read_plan(request);
        } catch (const ConfigError& error) {
          ++refused;
          for (const auto& sentence : error.errors())
            EXPECT_THAT(sentence, ::testing::MatchesRegex(".*/p.toml:[0-9]+:[0-9]+: .+: .+"));
        }
      }
    }
  }
  std::filesystem::remove_all(folder);
  EXPECT_GE(refused, 300U);
}

}  // namespace
}  // namespace ringbench::planner
