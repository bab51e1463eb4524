// What a layout would do under a plan, and how sure that is.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "planner/plan.hpp"

namespace ringbench::planner {

// Of one layout under one draw of the inputs.
struct Figures {
  double drop_fraction = 0;
  double reserve_p50_ns = 0, reserve_p99_ns = 0;
  double delay_p50_us = 0, delay_p99_us = 0;
  double reordered_ratio = 0;
  double reorder_extent = 0;  // mean over the reordered, records (RFC 4737)
  double merge_held = 0;      // records, mean
  double merge_delay_us = 0;
  double lock_records_per_s = 0;      // what the busiest ring's lock could take
  double consumer_records_per_s = 0;  // what the threads could read, all together
  double delivered_per_s = 0;
};

struct FigureKey {
  std::string_view key, words, unit;
  double Figures::*member;
  bool targeted;  // a target of the same name may bound it
};
std::span<const FigureKey> figure_keys();

enum class Limit : std::uint8_t { nothing, lock, ring_space, consumer, shared_stage };
std::string_view words_of(Limit limit);

// measured: everything that its figures rest on was measured on this machine, at as many producers
// a ring. interpolated: measured on this machine, the number of producers lies within what was.
// extrapolated: something is stated, assumed or of another machine.
enum class Basis : std::uint8_t { measured, interpolated, extrapolated };
std::string_view words_of(Basis basis);

struct Assessment {
  Layout layout;
  Figures value, low, high;  // of the inputs' values; 5 % and 95 % of the draws
  Memory memory;
  Limit limit = Limit::nothing;
  std::string limit_words;  // a sentence, with the number
  Basis basis = Basis::extrapolated;
  std::string basis_words;          // a sentence: what is missing
  std::vector<std::string> missed;  // keys of targets that `value` exceeds; empty: feasible
  std::vector<std::string> unsure;  // keys of targets that only `high` exceeds
};

// One draw; deterministic in (plan, layout, inputs, seed).
Figures figures_of(const Plan& plan, const Layout& layout, const Inputs& inputs,
                   std::uint64_t seed);

// All layouts of the plan, on all cores. `progress(done, all)` is called from the calling thread.
std::vector<Assessment> assess(const Plan& plan);

}  // namespace ringbench::planner
