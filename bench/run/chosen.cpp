#include "bench/run/chosen.hpp"

#include <fmt/format.h>

#include <charconv>

#include "bench/config/config.hpp"
#include "bench/config/config_errors.hpp"
#include "bench/config/noise_limits.hpp"
#include "topology/noise.hpp"

namespace ringbench {
namespace {

constexpr const char* kWindow = "chosen_duration_ms";
constexpr const char* kRepetitions = "chosen_repetitions";
constexpr const char* kHiccups = "hiccups_per_s";
constexpr double kMostHiccups = 1e9;
static_assert(kMostAdvised <= kMostRepetitions);

template <class T>
T stored_number(const Store& store, const Provenance& facts, const char* key, T low, T high) {
  const auto found = facts.find(key);
  const std::string text = found == facts.end() ? std::string() : found->second;
  T number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error == std::errc() && end == text.data() + text.size() && number >= low && number <= high)
    return number;
  throw StoreError(fmt::format(
      "{}: {} is {}, which is no number from {} to {}: the store is damaged; restore a copy, or "
      "begin a run of its own",
      store.file().string(), key, ringbench::quoted(text), low, high));
}

}  // namespace

Provenance describe_choice(const Chosen& chosen) {
  if (chosen.window_ms == 0) return {};
  return {{kHiccups, fmt::format("{:.1f}", chosen.hiccups_per_s)},
          {kWindow, fmt::format("{}", chosen.window_ms)},
          {kRepetitions, std::to_string(chosen.repetitions)}};
}

Chosen stored_choice(const Store& store) {
  const auto facts = store.provenance();
  if (!facts.contains(kWindow)) return {};
  return {stored_number<double>(store, facts, kWindow, kShortestWindowMs, kLongestChosenMs),
          stored_number<std::uint64_t>(store, facts, kRepetitions, 1, kMostRepetitions),
          stored_number<double>(store, facts, kHiccups, 0, kMostHiccups)};
}

}  // namespace ringbench
