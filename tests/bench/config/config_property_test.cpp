// Configs that nobody wrote: random sections against sets of points, and shipped configs with
// random damage.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>

#include "bench/config/config.hpp"
#include "tests/source_dir.hpp"

namespace ringbench {
namespace {

// A config over three axes with random values, cut and added to, against sets of points.
struct Point {
  std::uint64_t producers;
  std::uint64_t record_size;
  std::uint64_t budget;
  auto operator<=>(const Point&) const = default;
};
using Values = std::vector<std::uint64_t>;

struct Box {
  Values producers;
  Values record_size;
  Values budget;

  bool holds(const Point& p) const {
    const auto has = [](const Values& values, std::uint64_t value) {
      return values.empty() || std::ranges::count(values, value) > 0;
    };
    return has(producers, p.producers) && has(record_size, p.record_size) && has(budget, p.budget);
  }
  std::string toml() const {
    std::string text;
    const auto add = [&](std::string_view key, const Values& values) {
      if (values.empty()) return;
      text += std::string(key) + " = [";
      for (const auto value : values) text += std::to_string(value) + ", ";
      text += "]\n";
    };
    add("producers", producers);
    add("record_size", record_size);
    add("budget", budget);
    return text;
  }
};

Values values_from(std::uint64_t first) {
  const auto length = *rc::gen::inRange<std::size_t>(1, 4);
  return *rc::gen::container<Values>(length, rc::gen::inRange(first, first + 5));
}

Box box() {
  return {values_from(1), values_from(8), values_from(0)};
}

// States at least one key, and each with a value of the box, so that it cuts something.
Box cut_from(const Box& box) {
  const auto keys = *rc::gen::inRange(1, 8);
  const auto some = [&](int key, const Values& values) {
    if ((keys & key) == 0) return Values{};
    return Values{*rc::gen::elementOf(values), *rc::gen::inRange<std::uint64_t>(8, 12)};
  };
  return {some(1, box.producers), some(2, box.record_size), some(4, box.budget)};
}

std::set<Point> points_of(const Box& box) {
  std::set<Point> points;
  for (const auto p : box.producers) {
    for (const auto r : box.record_size) {
      for (const auto b : box.budget) points.insert({p, r, b});
    }
  }
  return points;
}

RC_GTEST_PROP(ConfigSets, CellsAreTheSetsThatTheSectionsDescribe, ()) {
  const Box matrix = box();
  const Box include = box();
  const std::vector<Box> cuts{cut_from(matrix), cut_from(matrix)};
  auto expected = points_of(matrix);
  for (const auto& cut : cuts) {
    std::erase_if(expected, [&](const Point& p) { return cut.holds(p); });
  }
  const bool nothing_left = expected.empty();
  expected.merge(points_of(include));

  std::string text = "defaults.transport = \"ringbuf\"\n[matrix]\n" + matrix.toml() +
                     "[[include]]\n" + include.toml();
  for (const auto& cut : cuts) text += "[[exclude]]\n" + cut.toml();
  if (nothing_left) {
    RC_ASSERT_THROWS_AS(parse_config(text, "c.toml", 4), ConfigError);
    return;
  }
  std::set<Point> found;
  const auto cells = parse_config(text, "c.toml", 4).cells;
  for (const auto& cell : cells) found.insert({cell.producers, cell.record_size, cell.budget});
  RC_ASSERT(found == expected);
  RC_ASSERT(cells.size() == expected.size());
}

std::string mutated(std::string text, std::mt19937_64& random) {
  constexpr std::string_view kPieces = "0129.-eE\"'[]{}=,#\n_xbo\\TZ:\x80\xff";
  const auto below = [&](std::size_t n) { return static_cast<std::size_t>(random() % n); };
  for (std::size_t edits = 1 + below(4); edits > 0 && !text.empty(); --edits) {
    const auto at = below(text.size());
    switch (below(4)) {
      case 0:
        text[at] = static_cast<char>(below(256));
        break;
      case 1:
        text[at] = kPieces[below(kPieces.size())];
        break;
      case 2:
        text.erase(at, 1 + below(12));
        break;
      default:
        text.insert(at, text.substr(below(text.size()), 1 + below(40)));
        break;
    }
  }
  return text;
}

TEST(ConfigProperty, MutatedConfigsAreReadOrRefusedWithAPosition) {
  std::vector<std::string> originals;
  for (const auto* name : {"quick", "full", "contention", "burst", "order", "search", "skew",
                           "questions/causal_order", "questions/stuck_producer", "kernel/notify"}) {
    originals.push_back(load_config(source_dir() + "/configs/" + name + ".toml", 2).text);
  }
  std::mt19937_64 random(20'250'101);
  std::map<bool, int> outcomes;
  for (int i = 0; i < 3000; ++i) {
    const std::string text =
        mutated(originals[static_cast<std::size_t>(i) % originals.size()], random);
    try {
      ++outcomes[parse_config(text, "m.toml", 2).cells.empty()];
    } catch (const ConfigError& error) {
      ASSERT_FALSE(error.errors().empty());
      for (const auto& line : error.errors())
        EXPECT_THAT(line, testing::MatchesRegex("m.toml:[0-9]+:[0-9]+: .+: .+"));
      ++outcomes[true];
    }
  }
  EXPECT_GT(outcomes[false], 300) << "too few mutants stay configs to test what follows the parser";
  EXPECT_GT(outcomes[true], 300);
}

// Each part of a key is a table in a table, which are let go by recursion.
TEST(ConfigProperty, KeysOfVeryManyPartsAreRefused) {
  std::string parts;
  for (int i = 0; i < 300'000; ++i) parts += "a.";
  std::string quoted_parts;
  for (int i = 0; i < 150'000; ++i) quoted_parts += "'[' . ";
  for (const auto& text : {parts + "a = 1", "\n[" + parts + "a]", quoted_parts + "a = 1"}) {
    try {
      parse_config(text, "deep.toml", 2);
      ADD_FAILURE();
    } catch (const ConfigError& error) {
      EXPECT_THAT(error.what(), testing::MatchesRegex("deep.toml:[12]:[0-9]+: document: found more "
                                                      "than 1000 keys inside keys.*"));
    }
  }
}

}  // namespace
}  // namespace ringbench
