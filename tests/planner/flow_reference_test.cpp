// tests/planner/data/drops_reference.csv: what others simulated; its head says of what.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <ctime>
#include <fstream>
#include <sstream>

#include "tests/planner/flow_plans.hpp"
#include "tests/source_dir.hpp"

namespace ringbench::planner {
namespace {

struct Row {
  std::string layout;
  double bytes, width, percent, error;
};

std::vector<Row> reference() {
  std::ifstream file(source_dir() + "/tests/planner/data/drops_reference.csv");
  std::vector<Row> rows;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with('#') || line.starts_with("layout,")) continue;
    std::ranges::replace(line, ',', ' ');
    std::istringstream fields(line);
    auto& row = rows.emplace_back();
    fields >> row.layout >> row.bytes >> row.width >> row.percent >> row.error;
    EXPECT_FALSE(fields.fail()) << line;
  }
  return rows;
}

FlowPlan plan_of(const Row& row) {
  const unsigned rings = row.layout == "percpu" ? 80 : row.layout == "shared" ? 1 : 8;
  auto plan = flow_plan(80, rings, std::floor(row.bytes / rings / 200), 1e6);
  add_bursts(plan, static_cast<unsigned>(row.width));
  plan.seconds = 300;
  if (row.layout.ends_with("_own")) plan.consumers.threads = rings;
  plan.consumers.rate /= plan.consumers.threads;
  return plan;
}

TEST(FlowReference, EachRowIsWithinItsTolerance) {
  // With 48 seeds the rows of width 4 with 8 rings lie 0.12 points below the file's, more than its
  // errors explain; simulate_records() gives the same as the flows do. Fewer seeds than these may
  // leave the tolerance by chance.
  constexpr int kSeeds = 24;
  const auto rows = reference();
  ASSERT_EQ(rows.size(), 16U);
  double offered = 0;
  const auto begin = std::clock();
  for (const auto& row : rows) {
    double sum = 0, squares = 0;
    for (int seed = 1; seed <= kSeeds; ++seed) {
      const auto result = simulate_flow(plan_of(row), static_cast<std::uint64_t>(seed));
      const auto percent = 100 * result.dropped / result.offered;
      sum += percent;
      squares += percent * percent;
      offered += result.offered;
    }
    const auto mean = sum / kSeeds;
    const auto error = std::sqrt((squares / kSeeds - mean * mean) / (kSeeds - 1));
    EXPECT_NEAR(mean, row.percent, std::max(0.15, 3 * std::hypot(error, row.error)))
        << row.layout << ' ' << row.bytes << " bytes, width " << row.width;
  }
  const auto seconds = static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
  RecordProperty("records_per_s", fmt::format("{:.3g}", offered / seconds));
#if defined(NDEBUG) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
  EXPECT_GE(offered / seconds, 100e6);  // of one core's time
#endif
}

}  // namespace
}  // namespace ringbench::planner
