// The configs in configs/ and the page that explains them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "bench/config/config.hpp"
#include "bench/config/parameters.hpp"
#include "impls/list.hpp"
#include "tests/source_dir.hpp"

namespace ringbench {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

const std::filesystem::path kConfigs = std::filesystem::path(source_dir()) / "configs";
// Every config there is, as configs/NAME.toml; the planner's files are none.
std::vector<std::string> all_shipped() {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(kConfigs)) {
    if (entry.path().extension() != ".toml" || entry.path().parent_path() == kConfigs / "plans")
      continue;
    names.push_back(
        std::filesystem::relative(entry.path(), kConfigs).replace_extension("").string());
  }
  return names;
}

std::string shipped(std::string_view name) {
  return (kConfigs / std::string(name)).string() + ".toml";
}

std::string read(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

TEST(ShippedConfigs, LoadOnEveryMachine) {
  EXPECT_GT(all_shipped().size(), 18U) << "the questions alone are as many";
  for (const auto& name : all_shipped()) {
    for (const std::uint64_t cpus : {1, 2, 80}) {
      const Config config = load_config(shipped(name), cpus);
      EXPECT_EQ(config.name, std::filesystem::path(name).stem().string());
      EXPECT_THAT(config.question, HasSubstr("?")) << name;
      EXPECT_FALSE(config.cells.empty()) << name;
      std::set<std::string> ids;
      std::set<std::string> different;
      for (const auto& cell : config.cells) {
        ids.insert(id_of(cell));
        different.insert(name_of(cell));
      }
      EXPECT_EQ(ids.size(), config.cells.size()) << name;
      EXPECT_EQ(different.size(), config.cells.size()) << name;
    }
  }
}

TEST(ShippedConfigs, SayWhatTwoCpusShow) {
  for (const auto& name : all_shipped()) {
    const std::string text = read(shipped(name));
    EXPECT_TRUE(text.starts_with("# ")) << name;
    EXPECT_THAT(text, HasSubstr("What 2 CPUs can show")) << name;
    EXPECT_THAT(text, HasSubstr("they cannot")) << name;
  }
}

TEST(ShippedConfigs, QuickHasEveryTransportAndIsQuick) {
  const Config config = load_config(shipped("quick"), 2);
  std::set<std::string> found;
  double seconds = 0;
  constexpr double kSetUpAndAccount = 0.07;
  for (const auto& cell : config.cells) {
    found.insert(cell.transport);
    EXPECT_EQ(cell.duration_ms, 0);
    seconds += static_cast<double>(config.run.repetitions) *
               (kSetUpAndAccount + (cell.warmup_ms + config.noise.longest_window_ms) / 1e3);
    EXPECT_LE(cell.producers, 2U);
    const bool consumer_needs_a_cpu = find_transport(cell.transport)->layout != Layout::none &&
                                      cell.consumer != "shares_producer_core";
    EXPECT_FALSE(cell.producers == 2 && consumer_needs_a_cpu) << name_of(cell);
  }
  EXPECT_EQ(found.size(), transports().size());
  EXPECT_GE(config.run.repetitions, 5U);
  EXPECT_LE(seconds, 75);
}

TEST(ShippedConfigs, FullSpansTheIssuesAxes) {
  std::set<std::uint64_t> producers;
  std::set<std::uint64_t> sizes;
  std::set<std::uint64_t> bytes;
  std::set<double> rates;
  std::set<std::string> found;
  for (const auto& cell : load_config(shipped("full"), 80).cells) {
    producers.insert(cell.producers);
    sizes.insert(cell.record_size);
    bytes.insert(cell.bytes);
    found.insert(cell.transport);
    if (cell.paced()) rates.insert(cell.rate);
  }
  EXPECT_EQ(producers.size(), 80U);
  EXPECT_THAT(sizes, ElementsAre(8, 64, 256, 1024));
  EXPECT_GE(bytes.size(), 3U);
  EXPECT_GE(rates.size(), 4U);
  EXPECT_EQ(found.size(), transports().size());
}

TEST(ConfigPage, NamesEveryKey) {
  const std::string page = read(std::filesystem::path(source_dir()) / "docs/config.md");
  for (const auto& parameter : parameters()) {
    const auto row = "| `" + std::string(parameter.key) + "` |";
    EXPECT_THAT(page, HasSubstr(row));
    for (const auto word : parameter.allowed)
      EXPECT_THAT(page, HasSubstr("`" + std::string(word) + "`"));
  }
  for (const auto* key :
       {"seed", "repetitions", "max_repetitions", "interval", "max_cells", "watchdog_s",
        "transport", "attempts", "lag_p99_us", "hiccup_share", "steal_share", "switches_per_s",
        "page_faults", "frequency_change", "longest_window_ms"}) {
    EXPECT_THAT(page, HasSubstr("| `" + std::string(key) + "` |"));
  }
}

TEST(ConfigPage, ExampleIsAConfig) {
  const std::string page = read(std::filesystem::path(source_dir()) / "docs/config.md");
  const std::string fence = "```toml\n";
  std::size_t examples = 0;
  for (auto at = page.find(fence); at != std::string::npos; at = page.find(fence, at)) {
    at += fence.size();
    const auto end = page.find("```", at);
    EXPECT_NO_THROW(parse_config(page.substr(at, end - at), "page.toml", 8))
        << page.substr(at, end - at);
    ++examples;
  }
  EXPECT_GE(examples, 1U);
}

}  // namespace
}  // namespace ringbench
