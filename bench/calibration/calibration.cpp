#include "bench/calibration/calibration.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "bench/limits/slices.hpp"
#include "topology/noise.hpp"

namespace ringbench {
namespace {

constexpr std::array kKeys{
    CalibratedKey{
        "producer.alone_ns", "ns",
        "Reserve and commit of a 64-byte record, its payload left as it is, by one thread "
        "in batches of 128 that it drains itself: every line is in its own cache."},
    CalibratedKey{"producer.outside_lock_ns", "ns",
                  "The commits of 128 records that were all reserved before."},
    CalibratedKey{"producer.remote_cold_ns", "ns",
                  "Reserve and commit as alone, but a consumer on another CPU has read the records "
                  "that lay in the same place just before; the pairs of CPUs take turns.",
                  true},
    CalibratedKey{"producer.watched_ns", "ns",
                  "Reserve and commit of one record while a consumer on another CPU, with nothing "
                  "else to do, looks for it all the time.",
                  true},
    CalibratedKey{"producer.notify_ns", "ns",
                  "A commit that wakes a sleeping consumer on another CPU (eventfd), less a commit "
                  "that wakes nobody.",
                  true},
    CalibratedKey{
        "producer.moves", "",
        "Two CPUs take turns to reserve and commit a record, handing on a token; the time "
        "of a turn less that of the token alone, over that of the token. Of each round "
        "the median pair.",
        true},
    CalibratedKey{"consumer.ns_per_record", "ns",
                  "The drain of a full ring of 256 KiB by the receiver of a trial, which reads and "
                  "verifies each payload and logs its delay; filled by another CPU where there is "
                  "one."},
    CalibratedKey{"consumer.ns_per_poll", "ns",
                  "A look at an empty ring as a consumer of a trial has it: its fill, its "
                  "records, and two readings of the clock."},
    CalibratedKey{"consumer.wakeup_ns", "ns",
                  "From just before the commit that wakes it to the consumer's first step; it has "
                  "slept for 200 us in epoll_wait.",
                  true},
    CalibratedKey{"latency.core_ns", "ns",
                  "A cache line from one CPU to another of the same core, one way: the median pair "
                  "of each round.",
                  true},
    CalibratedKey{"latency.l3_ns", "ns", "The same between cores that share an L3 cache.", true},
    CalibratedKey{"latency.node_ns", "ns", "The same between L3 caches of a NUMA node.", true},
    CalibratedKey{"latency.package_ns", "ns", "The same between NUMA nodes of a package.", true},
    CalibratedKey{"latency.machine_ns", "ns", "The same between packages.", true},
};

constexpr std::array<std::string_view, 5> kClasses{
    "are hardware threads of one core", "are cores that share an L3 cache",
    "are in one NUMA node without sharing an L3 cache",
    "are in one package but in different NUMA nodes", "are in different packages"};
constexpr std::array<std::string_view, 5> kMachines{
    "cores of two hardware threads", "two cores to an L3 cache", "two L3 caches in a NUMA node",
    "two NUMA nodes in a package", "two packages"};

std::string latency_key(Nearness near) {
  return fmt::format("latency.{}_ns", kNearnessNames[static_cast<std::size_t>(near)]);
}

Nearness nearness_of(const Machine& machine, const CpuPair& pair) {
  return nearness(*machine.find(pair.first), *machine.find(pair.second));
}

double median_of(std::vector<double> values) {
  std::ranges::sort(values);
  const auto middle = values.size() / 2;
  return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

using Series = std::map<std::string, std::vector<double>, std::less<>>;  // by key, of the rounds

// What a round says of the pairs, as numbers of the whole: of each class, and of all, the median.
void add_pairs(const Machine& machine, const CalibrationPlan& plan, const CalibrationRound& round,
               Series& series) {
  std::map<std::string, std::vector<double>> of_round;
  for (std::size_t i = 0; i < round.latency_ns.size(); ++i) {
    const auto key = latency_key(nearness_of(machine, plan.pairs[i]));
    if (round.latency_ns[i]) of_round[key].push_back(*round.latency_ns[i]);
    if (round.moves[i]) of_round["producer.moves"].push_back(*round.moves[i]);
  }
  for (auto& [key, values] : of_round) series[key].push_back(median_of(std::move(values)));
}

Series series_of(const Machine& machine, const CalibrationPlan& plan,
                 const std::vector<CalibrationRound>& rounds) {
  Series series;
  for (const CalibrationRound& round : rounds) {
    for (const auto& [key, value] : round.values) series[key].push_back(value);
    add_pairs(machine, plan, round, series);
  }
  return series;
}

std::optional<Estimate> estimate_of(const std::vector<CalibrationRound>& rounds,
                                    std::vector<std::optional<double>> CalibrationRound::*member,
                                    std::size_t pair) {
  std::vector<double> values;
  for (const CalibrationRound& round : rounds) {
    const auto& of_pairs = round.*member;
    if (pair < of_pairs.size() && of_pairs[pair]) values.push_back(*of_pairs[pair]);
  }
  return estimate(std::move(values));
}

std::string busy(std::size_t got, std::size_t rounds) {
  return fmt::format(
      "the CPUs were too busy with something else: {} of {} rounds gave a number, "
      "and {} are needed",
      got, rounds, kEnoughRounds);
}
constexpr std::string_view kMendBusy =
    "stop what else runs (ringbench doctor shows it) and calibrate again";

void summarise_pairs(const Machine& machine, const CalibrationPlan& plan,
                     const std::vector<CalibrationRound>& rounds, Calibration& found) {
  const double ns_per_tick = 1e9 / plan.clock.hz;
  for (std::size_t i = 0; i < plan.pairs.size(); ++i) {
    const auto& [a, b] = plan.pairs[i];
    const auto latency = estimate_of(rounds, &CalibrationRound::latency_ns, i);
    if (!latency) {
      found.remarks.push_back(fmt::format(
          "CPUs {} and {} ran together in too few rounds: their latency is left out.", a, b));
      continue;
    }
    found.pairs.push_back({plan.pairs[i], nearness_of(machine, plan.pairs[i]), *latency,
                           estimate_of(rounds, &CalibrationRound::moves, i),
                           static_cast<double>(plan.offsets[i].ticks) * ns_per_tick,
                           static_cast<double>(plan.offsets[i].bound) * ns_per_tick});
  }
}

class Missed {
 public:
  Missed(const Machine& machine, const CalibrationPlan& plan, std::size_t rounds)
      : plan_(plan), rounds_(rounds) {
    for (const CpuPair& pair : plan.pairs) classes_.insert(nearness_of(machine, pair));
  }

  Missing operator()(const CalibratedKey& key, std::size_t got) const {
    const std::string name(key.key);
    for (std::size_t i = 0; i < kNearnessNames.size(); ++i) {
      if (name == latency_key(static_cast<Nearness>(i)) &&
          !classes_.contains(static_cast<Nearness>(i)) && plan_.cpus.size() > 1) {
        return {name,
                fmt::format("no two of the CPUs that were measured ({}) {}", cpu_list(plan_.cpus),
                            kClasses[i]),
                fmt::format("calibrate on a machine with {}, or state {} in the plan", kMachines[i],
                            name)};
      }
    }
    if (key.needs_pair && plan_.cpus.size() < 2) {
      return {
          name,
          fmt::format("it takes two CPUs, and one alone was measured (CPU {})", plan_.cpus.front()),
          fmt::format("calibrate on two CPUs or more (--cpus, taskset), or state {} in the plan",
                      name)};
    }
    return {name, busy(got, rounds_), std::string(kMendBusy)};
  }

 private:
  const CalibrationPlan& plan_;
  std::size_t rounds_;
  std::set<Nearness> classes_;
};

std::string levels(const CalibratedInput& input) {
  std::string text;
  for (const Regime& regime : input.estimate.regimes) {
    text += fmt::format("{}{:.3g}{}{} in {:.0f} % of the rounds", text.empty() ? "" : ", ",
                        regime.value, input.key.unit.empty() ? "" : " ", input.key.unit,
                        100 * regime.share);
  }
  return text;
}

void remark(const CalibrationPlan& plan, Calibration& found) {
  if (found.stalls.share_lost() > kSpoilingShare) {
    found.remarks.push_back(fmt::format(
        "The machine was busy: {:.2g} % of the CPUs' time was lost in gaps of more than {:g} us, "
        "the longest of {:.0f} us; above {:g} % the numbers say something about what else ran. "
        "Stop it (ringbench doctor shows it) and calibrate again.",
        100 * found.stalls.share_lost(), kHiccupUs, found.stalls.longest_us, 100 * kSpoilingShare));
  }
  if (!plan.clock.invariant) {
    found.remarks.push_back(
        "The time-stamp counter is not said to be invariant: its rate may change, and times with "
        "it.");
  }
  for (const CalibratedInput& input : found.inputs) {
    if (input.estimate.regimes.size() < 2) continue;
    found.remarks.push_back(
        fmt::format("{} has levels: {}. The median and its interval are of all rounds; plan with "
                    "each of them.",
                    input.key.key, levels(input)));
  }
}

}  // namespace

std::span<const CalibratedKey> calibrated_keys() {
  return kKeys;
}

Calibration summarise(const Machine& machine, const CalibrationPlan& plan,
                      const std::vector<CalibrationRound>& rounds) {
  Calibration found;
  found.tsc_hz = plan.clock.hz;
  found.rounds = rounds.size();
  found.topology = machine.xml;
  found.cpus = plan.cpus;
  for (const CalibrationRound& round : rounds) found.stalls.add(round.stalls);
  const Series series = series_of(machine, plan, rounds);
  const Missed missed(machine, plan, rounds.size());
  for (const CalibratedKey& key : kKeys) {
    const auto values = series.find(key.key);
    const auto got = values == series.end() ? std::vector<double>{} : values->second;
    if (auto estimated = estimate(got)) {
      found.inputs.push_back({key, std::move(*estimated)});
    } else {
      found.missing.push_back(missed(key, got.size()));
    }
  }
  summarise_pairs(machine, plan, rounds, found);
  remark(plan, found);
  return found;
}

}  // namespace ringbench
