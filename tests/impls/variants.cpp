#include "tests/impls/variants.hpp"

#include <algorithm>
#include <cctype>
#include <numeric>

#include "impls/grouping.hpp"
#include "impls/list.hpp"
#include "tests/impls/subject.hpp"

namespace ringbench::conformance {
namespace {

constexpr std::uint64_t kSmallNumber = 3;

// The harness turns these into a geometry; no transport reads them.
bool is_grouping(const OptionSpec& spec) {
  return spec.key == kCpusPerRing.key || spec.key == kMapping.key;
}

// False where another option makes this one idle (OptionSpec::when).
bool counts(const OptionSpec& spec, const Options& options) {
  return std::ranges::all_of(spec.when, [&](const Condition& condition) {
    const auto other = options.find(condition.option);
    return other == options.end() || std::ranges::count(condition.values, other->second) != 0;
  });
}

bool is_number(const OptionSpec& spec) {
  return spec.allowed.empty() && !is_grouping(spec);
}

std::vector<std::string> values_of(const OptionSpec& spec) {
  if (!spec.allowed.empty() && !is_grouping(spec)) {
    return {spec.allowed.begin(), spec.allowed.end()};
  }
  std::vector<std::string> values{std::string(spec.fallback)};
  if (is_number(spec)) {
    values.push_back(std::to_string(std::clamp(kSmallNumber, spec.min, spec.max)));
  }
  return values;
}

std::vector<Options> combinations(const Row& row) {
  std::vector<Options> found{{}};
  for (const auto& spec : row.options) {
    std::vector<Options> extended;
    for (const auto& options : found) {
      for (const auto& value : values_of(spec)) {
        extended.push_back(options);
        extended.back()[std::string(spec.key)] = value;
      }
    }
    found = std::move(extended);
  }
  return found;
}

// A departure from what the kernel does is tried with everything else as it is, and none of those
// that matter only to who interrupts a producer.
bool departs_alone(const Variant& variant) {
  constexpr std::array<std::string_view, 5> kDepartures{"commit", "consumer_fence", "position_load",
                                                        "accounting", "interrupted"};
  const auto departs = std::ranges::count_if(variant.row->options, [&](const OptionSpec& spec) {
    return std::ranges::count(kDepartures, spec.key) != 0 &&
           variant.options.find(spec.key)->second != spec.fallback;
  });
  if (has(variant, "interrupted", "bounded")) return false;
  return departs == 0 || (departs == 1 && changed_options(variant) == 1);
}

// What differs from its fallback must count.
bool is_worth_a_run(const Variant& variant) {
  const auto& [row, options] = variant;
  const bool idle = std::ranges::any_of(row->options, [&](const OptionSpec& spec) {
    return options.find(spec.key)->second != spec.fallback && !counts(spec, options);
  });
  return !idle && row->refuse(options).empty() && departs_alone(variant);
}

std::vector<Variant> variants_of(const std::function<bool(const Row&)>& wanted) {
  std::vector<Variant> variants;
  for (const Row* row : transports()) {
    if (!wanted(*row)) continue;
    for (auto& options : combinations(*row)) variants.push_back({row, std::move(options)});
  }
  std::erase_if(variants, [](const Variant& variant) { return !is_worth_a_run(variant); });
  return variants;
}

// Drivers whose events are those of the call, no more and no fewer.
bool sends_what_it_is_told(const Variant& variant) {
  return has(variant, "driver", "test_run") || has(variant, "driver", "syscall");
}

}  // namespace

std::string name_of(const Variant& variant) {
  std::string text(variant.row->name);
  for (const auto& spec : variant.row->options) {
    const auto& value = variant.options.find(spec.key)->second;
    if (spec.allowed.empty() && value == spec.fallback) continue;
    if (is_grouping(spec)) continue;
    const bool needs_its_key = spec.allowed.size() <= 2;
    text += "_" + (needs_its_key ? std::string(spec.key) + "_" : std::string()) + value;
  }
  std::ranges::replace_if(
      text, [](unsigned char c) { return std::isalnum(c) == 0; }, '_');
  return text;
}

std::string name(const testing::TestParamInfo<Variant>& info) {
  return name_of(info.param);
}

std::ostream& operator<<(std::ostream& out, const Variant& variant) {
  return out << name_of(variant);
}

std::vector<Variant> all_variants() {
  return variants_of([](const Row& row) { return is_written_by_threads(row); });
}

std::vector<Variant> emitted_variants_where(const std::function<bool(const Variant&)>& predicate) {
  auto variants = variants_of([](const Row& row) { return !is_written_by_threads(row); });
  std::erase_if(variants, [&](const Variant& variant) {
    return !sends_what_it_is_told(variant) || !predicate(variant);
  });
  return variants;
}

std::vector<Variant> variants_where(const std::function<bool(const Variant&)>& predicate) {
  auto variants = all_variants();
  std::erase_if(variants, [&](const Variant& variant) { return !predicate(variant); });
  return variants;
}

bool delivers(const Variant& variant) {
  return variant.row->layout != Layout::none;
}

bool has_several_rings(const Variant& variant) {
  return geometry_for(*variant.row, 4096, 4).rings > 1;
}

bool has_fallback_numbers(const Variant& variant) {
  return std::ranges::all_of(variant.row->options, [&](const OptionSpec& spec) {
    return !is_number(spec) || variant.options.find(spec.key)->second == spec.fallback;
  });
}

bool has(const Variant& variant, std::string_view key, std::string_view value) {
  const auto found = variant.options.find(key);
  return found != variant.options.end() && found->second == value;
}

bool notifies(const Variant& variant, std::string_view word) {
  return has(variant, "notify", word);
}

std::size_t changed_options(const Variant& variant) {
  return static_cast<std::size_t>(std::ranges::count_if(
      variant.row->options,
      [&](const OptionSpec& spec) { return !has(variant, spec.key, spec.fallback); }));
}

bool wakes_every_sleeper(const Variant& variant) {
  const auto base = variant.options.find("base");
  const bool over_ringbuf = base != variant.options.end() && base->second == "ringbuf";
  if (has(variant, "commit", "release") || has(variant, "consumer_fence", "off")) return false;
  return has_fallback_numbers(variant) &&
         (notifies(variant, "always") || notifies(variant, "adaptive") ||
          (notifies(variant, "native") && over_ringbuf));
}

Options options_of(const Row& row,
                   std::initializer_list<std::pair<std::string_view, std::string_view>> given) {
  Options options;
  for (const auto& spec : row.options) options[std::string(spec.key)] = spec.fallback;
  for (const auto& [key, value] : given) options.at(std::string(key)) = value;
  return options;
}

Geometry geometry_for(const Row& row, std::size_t ring_bytes, unsigned producers) {
  Geometry geometry;
  geometry.ring_bytes = ring_bytes;
  geometry.ring_of.resize(producers);
  switch (row.layout) {
    case Layout::none:
      geometry.rings = 0;
      break;
    case Layout::shared:
      geometry.rings = 1;
      break;
    case Layout::per_producer:
      geometry.rings = producers;
      std::iota(geometry.ring_of.begin(), geometry.ring_of.end(), 0U);
      break;
    case Layout::grouped:
      geometry.rings = (producers + 1) / 2;
      for (unsigned p = 0; p < producers; ++p) geometry.ring_of[p] = p / 2;
      break;
  }
  return geometry;
}

}  // namespace ringbench::conformance
