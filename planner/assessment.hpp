// What a layout would do under a plan, and how sure that is.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "planner/plan.hpp"

namespace ringbench::planner {

// Of one layout under one draw of the inputs.
struct Figures {
  double drop_fraction = 0;  // dropped, or never sent because the lock cannot take it
  double reserve_p50_ns = 0, reserve_p99_ns = 0;
  double event_mean_ns = 0;  // reserve, commit and notification
  double delay_p50_us = 0, delay_p99_us = 0;
  double reordered_ratio =
      0;                      // of the delivered records (RFC 4737); behind a merge if there is one
  double reorder_extent = 0;  // mean over the reordered, records (RFC 4737)
  double merge_held = 0;      // records, mean
  double merge_delay_us = 0;
  double lock_records_per_s = 0;      // what the busiest ring's lock could take
  double consumer_records_per_s = 0;  // what the threads could read, all together
  double delivered_per_s = 0;
};

struct FigureKey {
  std::string_view key, words, unit;  // unit: "ratio", "ns", "us", "records", "records/s"
  double Figures::*member;
  std::optional<double> Targets::*target = nullptr;  // what may bound it
};
std::span<const FigureKey> figure_keys();

enum class Limit : std::uint8_t { nothing, lock, ring_space, consumer, shared_stage };
std::string_view words_of(Limit limit);

// measured: everything of the machine that the figures rest on was measured on this machine.
// interpolated: likewise, but the latency of some pairs of CPUs is that of pairs that are as near.
// extrapolated: something is stated, assumed or of another machine, or more than two producers
// share a ring, which no calibration measures.
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
  bool pareto = false;  // no other has less of one of memory, losses and p99 of reserve, and no
                        // more of the others
};

// One draw; deterministic in (plan, layout, inputs, seed).
Figures figures_of(const Plan& plan, const Layout& layout, const Inputs& inputs,
                   std::uint64_t seed);
// With the inputs' values: mean of several draws of the workload.
Figures expected_figures(const Plan& plan, const Layout& layout, const Inputs& inputs);
// Of both the drop_fraction alone, which takes less time.
double loss_of(const Plan& plan, const Layout& layout, const Inputs& inputs, std::uint64_t seed);
double expected_loss(const Plan& plan, const Layout& layout, const Inputs& inputs);

// What the heaviest crowd that is no rarity (contention.hpp) asks of a ring's lock, of what it can
// take: above 1, producers wait and bursts last longer than stated.
double heaviest_lock_use(const Plan& plan, const Layout& layout);

// What limits it, of `figures` of the inputs' values, and the sentence with the numbers.
struct Limitation {
  Limit limit = Limit::nothing;
  std::string words;
};
Limitation limitation_of(const Plan& plan, const Layout& layout, const Figures& figures);

struct Grounds {
  Basis basis = Basis::extrapolated;
  std::string words;
};
Grounds grounds_of(const Plan& plan, const Layout& layout);

// Keys of the targets that these figures and this memory exceed.
std::vector<std::string> missed_targets(const Targets& targets, const Figures& figures,
                                        const Memory& memory);

// All layouts of the plan, on all cores. `progress` is called with what is done and what there is
// to do, from one thread at a time.
using Report = std::function<void(std::size_t done, std::size_t all)>;
std::vector<Assessment> assess(const Plan& plan, const Report& progress);

}  // namespace ringbench::planner
