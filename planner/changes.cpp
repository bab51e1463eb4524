// What to change first, and what to measure first: each input alone, all others as they are.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "planner/number_words.hpp"
#include "planner/on_all_cores.hpp"
#include "planner/plan_keys.hpp"
#include "planner/recommendation.hpp"
#include "planner/sizes.hpp"
#include "topology/placement.hpp"

namespace ringbench::planner {
namespace {

// What people decide by; each with a value that is as good as none.
struct Weighed {
  double Figures::*member;
  double floor;
};
constexpr std::array<Weighed, 5> kWeighed{{{&Figures::drop_fraction, 1e-3},
                                           {&Figures::event_mean_ns, 50},
                                           {&Figures::reserve_p99_ns, 50},
                                           {&Figures::delay_p99_us, 10},
                                           {&Figures::reordered_ratio, 1e-2}}};
constexpr double kWorthSaying = 0.05;  // of a logarithm: 5 % better

// How much better, as the sum of the logarithms of how many times.
double gain(const Figures& before, const Figures& after) {
  double sum = 0;
  for (const auto& [member, floor] : kWeighed)
    sum += std::log((before.*member + floor) / (after.*member + floor));
  return sum;
}

// What can be tried: another layout or other inputs, and how it is called.
struct Trial {
  std::string words, key;
  double from = 0, to = 0;
  Layout layout;
  Inputs inputs;
  bool first = false;  // costs nothing but a change of the program: told before all others
};

// Of all layouts with records of that size; nothing: `sized` is still the one to take.
std::optional<Trial> right_sized_choice(const Plan& plan, const Trial& sized) {
  std::vector<Assessment> all(plan.layouts.size());
  on_all_cores(
      all.size(),
      [&](std::size_t i) {
        all[i].layout = plan.layouts[i];
        all[i].value = expected_figures(plan, all[i].layout, sized.inputs);
        all[i].memory = memory_of(all[i].layout);
        all[i].missed = missed_targets(plan.targets, all[i].value, all[i].memory);
      },
      [](std::size_t, std::size_t) {});
  const auto& best = all[choice_of(plan, all)];
  if (best.layout.name == sized.layout.name) return {};
  auto trial = sized;
  trial.layout = best.layout;
  const auto held = [](const Layout& layout) {
    return in_bytes(static_cast<double>(memory_of(layout).held));
  };
  trial.words += fmt::format(
      ", and take {}, which holds {} and not {}{}", best.layout.name, held(best.layout),
      held(sized.layout),
      best.missed.empty() && has_targets(plan.targets) ? " and then meets every target" : "");
  return trial;
}

// More rings in as much memory; nothing: a ring is too small to be parted, or has one CPU.
std::optional<Trial> with_fewer_cpus_a_ring(const Plan& plan, const Layout& layout) {
  std::vector<unsigned> cpus(layout.rings, 0);
  for (const auto ring : layout.ring_of_cpu) ++cpus[ring];
  const auto most = *std::ranges::max_element(cpus), fewer = (most + 1) / 2;
  if (most == 1) return {};
  auto parted = layout;
  parted.kind = Kind::rings;
  parted.cpus_per_ring = fewer;
  if (parted.mapping != "modulo") parted.mapping = "contiguous";
  parted.ring_of_cpu = map_to_rings(plan.machine, plan.cpus, parted.mapping, fewer);
  parted.rings = 1 + *std::ranges::max_element(parted.ring_of_cpu);
  parted.ring_bytes = layout.total_bytes() / parted.rings;
  const auto record = bytes_of_record(parted.kind, plan.inputs.high.record_size);
  if (parted.ring_bytes < kPageBytes || static_cast<double>(parted.ring_bytes) < record) return {};
  return Trial{fmt::format("fewer CPUs a ring: {} rings of {} in place of {} of {}", parted.rings,
                           in_bytes(static_cast<double>(parted.ring_bytes)), layout.rings,
                           in_bytes(static_cast<double>(layout.ring_bytes))),
               "layout.cpus_per_ring",
               static_cast<double>(most),
               static_cast<double>(fewer),
               std::move(parted),
               plan.inputs.value};
}

std::vector<Trial> trials(const Plan& plan, const Layout& layout) {
  const auto& now = plan.inputs.value;
  std::vector<Trial> all;
  const auto with = [&](std::string words, std::string key, double Inputs::*member, double to) {
    Trial trial{std::move(words), std::move(key), now.*member, to, layout, now};
    trial.inputs.*member = to;
    all.push_back(std::move(trial));
  };
  if (now.record_used > 0 && now.record_used < now.record_size) {
    with(fmt::format("right-size: reserve the {} that a record uses, not {}",
                     in_bytes(now.record_used), in_bytes(now.record_size)),
         "source.record_size", &Inputs::record_size, now.record_used);
    all.back().first = true;
    if (auto other = right_sized_choice(plan, all.back())) all.push_back(*std::move(other));
  }
  Trial memory{"twice the memory",
               "layout.ring_bytes",
               static_cast<double>(layout.ring_bytes),
               static_cast<double>(layout.ring_bytes) * 2,
               layout,
               now};
  memory.layout.ring_bytes *= 2;
  const auto most = plan.targets.memory_bytes.value_or(INFINITY);
  if (static_cast<double>(memory_of(memory.layout).held) <= most &&
      memory.layout.ring_bytes <= kMostRing)
    all.push_back(std::move(memory));
  if (auto parted = with_fewer_cpus_a_ring(plan, layout);
      parted && static_cast<double>(memory_of(parted->layout).held) <= most)
    all.push_back(*std::move(parted));
  if (layout.consumers < layout.rings) {
    Trial threads{"twice the consumer threads",
                  "layout.consumers",
                  static_cast<double>(layout.consumers),
                  static_cast<double>(std::min(layout.consumers * 2, layout.rings)),
                  layout,
                  now};
    threads.layout.consumers = std::min(layout.consumers * 2, layout.rings);
    all.push_back(std::move(threads));
  }
  with("a consumer that needs half the time for a record", "consumer.ns_per_record",
       &Inputs::ns_per_record, now.ns_per_record / 2);
  if (now.stage_ns > 0)
    with("a shared stage that needs half the time for a record", "consumer.stage_ns",
         &Inputs::stage_ns, now.stage_ns / 2);
  if (now.stall_us > 0)
    with("stalls of half the length", "consumer.stall_us", &Inputs::stall_us, now.stall_us / 2);
  if (now.poll_interval_us > 0)
    with("polls twice as often", "consumer.poll_interval_us", &Inputs::poll_interval_us,
         now.poll_interval_us / 2);
  return all;
}

}  // namespace

std::vector<Change> changes_of(const Plan& plan, const Layout& layout, const Figures& before) {
  const auto tried = trials(plan, layout);
  std::vector<Figures> after(tried.size());
  on_all_cores(
      tried.size(),
      [&](std::size_t i) { after[i] = expected_figures(plan, tried[i].layout, tried[i].inputs); },
      [](std::size_t, std::size_t) {});
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < tried.size(); ++i)
    if (tried[i].first || gain(before, after[i]) >= kWorthSaying) order.push_back(i);
  std::ranges::stable_sort(order, {}, [&](std::size_t i) {
    return std::pair(!tried[i].first, -gain(before, after[i]));
  });
  std::vector<Change> changes;
  for (const auto i : order)
    changes.push_back({tried[i].words, tried[i].key, tried[i].from, tried[i].to, before, after[i]});
  return changes;
}

std::optional<Decisive> decisive_input(const Plan& plan, const Layout& layout) {
  const auto& [value, low, high, origins] = plan.inputs;
  std::vector<const InputKey*> uncertain;
  for (const auto& key : input_keys())
    if (low.*key.member < high.*key.member) uncertain.push_back(&key);
  std::vector<Figures> at(2 * uncertain.size());  // low and high end of one after the other
  on_all_cores(
      at.size(),
      [&](std::size_t i) {
        const auto member = uncertain[i / 2]->member;
        auto inputs = value;
        inputs.*member = (i % 2 == 0 ? low : high).*member;
        at[i] = expected_figures(plan, layout, inputs);
      },
      [](std::size_t, std::size_t) {});

  std::optional<Decisive> decisive;
  double most = kWorthSaying;
  for (std::size_t i = 0; i < uncertain.size(); ++i) {
    const auto &at_low = at[2 * i], &at_high = at[2 * i + 1];
    for (const auto& [member, floor] : kWeighed) {
      const auto moved = std::abs(std::log((at_low.*member + floor) / (at_high.*member + floor)));
      if (moved <= most) continue;
      most = moved;
      const auto& key = *uncertain[i];
      const auto& figure = *std::ranges::find(figure_keys(), member, &FigureKey::member);
      decisive = Decisive{
          std::string(key.key),
          fmt::format("{} ({}) lies between {} and {} with a probability of 90 %: from one end to "
                      "the other {} goes from {} to {}.",
                      key.key, key.summary, in_unit(low.*key.member, key.unit),
                      in_unit(high.*key.member, key.unit), figure.words,
                      in_unit(at_low.*member, figure.unit), in_unit(at_high.*member, figure.unit)),
          std::string(key.settled_by)};
    }
  }
  return decisive;
}

}  // namespace ringbench::planner
