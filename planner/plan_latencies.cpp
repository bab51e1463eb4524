#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <stdexcept>

#include "planner/plan_inputs.hpp"
#include "planner/plan_keys.hpp"
#include "planner/plan_machine.hpp"
#include "planner/store_latencies.hpp"
#include "topology/cpu_pairs.hpp"

namespace ringbench::planner {
namespace {

struct NearnessKey {
  Nearness nearness;
  std::string_view key;
};
constexpr std::array kNearnessKeys{NearnessKey{Nearness::core, "latency.core_ns"},
                                   NearnessKey{Nearness::l3, "latency.l3_ns"},
                                   NearnessKey{Nearness::node, "latency.node_ns"},
                                   NearnessKey{Nearness::package, "latency.package_ns"},
                                   NearnessKey{Nearness::machine, "latency.machine_ns"}};

// The CPUs of the plan out of a file's, whose n-th line is the CPU with OS index n.
Latencies latencies_of_plan(const Latencies& all, const std::vector<unsigned>& cpus) {
  if (!cpus.empty() && cpus.back() >= all.cpus()) {
    throw std::runtime_error(fmt::format(
        "it has {} CPUs, but the plan's go up to CPU {}; give the matrix of the machine of the "
        "plan, or fewer CPUs in machine.cpus",
        all.cpus(), cpus.back()));
  }
  std::vector<double> ns;
  for (const unsigned from : cpus)
    for (const unsigned to : cpus) ns.push_back(from == to ? 0 : all(from, to));
  return {static_cast<unsigned>(cpus.size()), std::move(ns)};
}

// What the latency inputs are once each pair is known: its mean over the pairs of that nearness.
void set_classes(Plan& plan, Origin origin) {
  std::map<Nearness, std::pair<double, double>> sums;  // of ns, of pairs
  std::vector<Cpu> cpus;
  for (const unsigned os : plan.cpus) cpus.push_back(*plan.machine.find(os));
  for (unsigned a = 0; a < cpus.size(); ++a) {
    for (unsigned b = 0; b < cpus.size(); ++b) {
      if (a == b) continue;
      auto& [ns, pairs] = sums[nearness(cpus[a], cpus[b])];
      ns += (*plan.latencies)(a, b);
      pairs += 1;
    }
  }
  for (const auto& [nearness, key] : kNearnessKeys) {
    const auto at = sums.find(nearness);
    if (at == sums.end()) continue;
    const double mean = at->second.first / at->second.second;
    set_input(plan, key, {mean, mean, mean}, origin);
  }
}

// Each pair of the plan's CPUs as it was measured here; nothing: one of them was not.
std::optional<std::vector<const CalibratedPair*>> measured_pairs(
    const Calibration& calibration, const std::vector<unsigned>& cpus) {
  std::map<std::pair<unsigned, unsigned>, const CalibratedPair*> measured;
  for (const auto& pair : calibration.pairs) measured[std::minmax(pair.cpu_a, pair.cpu_b)] = &pair;
  std::vector<const CalibratedPair*> pairs;  // row by row; nullptr on the diagonal
  for (const unsigned from : cpus) {
    for (const unsigned to : cpus) {
      const auto at = measured.find(std::minmax(from, to));
      if (from != to && at == measured.end()) return std::nullopt;
      pairs.push_back(from == to ? nullptr : at->second);
    }
  }
  return pairs;
}

void take_measured(const std::vector<const CalibratedPair*>& pairs, bool factor_is_stated,
                   Plan& plan) {
  std::vector<double> ns;
  Uncertain sum;
  for (const auto* pair : pairs) {
    const Uncertain latency = pair != nullptr ? pair->latency_ns : Uncertain{};
    ns.push_back(latency.value);
    sum = {sum.value + latency.value, sum.low + latency.low, sum.high + latency.high};
  }
  plan.latencies = Latencies(static_cast<unsigned>(plan.cpus.size()), std::move(ns));
  plan.all_pairs_measured = true;
  set_classes(plan, Origin::calibrated);
  // All pairs are taken to be off together: no narrower than the truth.
  if (!factor_is_stated && sum.value > 0) {
    set_input(plan, "latency.factor", {1, sum.low / sum.value, sum.high / sum.value},
              Origin::calibrated);
  }
}

class LatencyReader {
 public:
  LatencyReader(Statements& statements, const Calibration* calibration, Plan& plan)
      : statements_(statements), calibration_(calibration), plan_(plan) {}

  void read() {
    const bool matrix = statements_.find("latency.matrix") != nullptr;
    const bool store = statements_.find("latency.store") != nullptr;
    if (matrix || store) {
      const std::string_view key = matrix ? "latency.matrix" : "latency.store";
      if (matrix && store) {
        statements_.reject("latency.store",
                           "contradicts latency.matrix: both tell every pair; state one of them");
      }
      reject_classes(key);
      read_file(key);
    } else if (plan_.calibrated_here && !states_a_class() && plan_.cpus.size() > 1) {
      const auto pairs = measured_pairs(*calibration_, plan_.cpus);
      if (pairs) take_measured(*pairs, statements_.find("latency.factor") != nullptr, plan_);
    }
  }

 private:
  bool states_a_class() const {
    return std::ranges::any_of(kNearnessKeys, [&](const NearnessKey& row) {
      return statements_.find(row.key) != nullptr;
    });
  }

  void reject_classes(std::string_view matrix) {
    for (const auto& row : kNearnessKeys) {
      if (statements_.find(row.key) == nullptr) continue;
      statements_.reject(row.key, fmt::format("contradicts {}, which tells the latency of every "
                                              "pair; state one of them, or latency.factor for what "
                                              "the matrix does not tell",
                                              matrix));
    }
  }

  void read_file(std::string_view key) {
    const auto path = statements_.path(key);
    if (!path || plan_.cpus.empty()) return;
    try {
      plan_.latencies = key == "latency.matrix"
                            ? latencies_of_plan(latencies_from_file(*path), plan_.cpus)
                            : latencies_from_store(*path, plan_.machine, plan_.cpus);
      set_classes(plan_, Origin::stated);
    } catch (const std::runtime_error& error) {
      statements_.reject(key, error.what());
    }
  }

  Statements& statements_;
  const Calibration* calibration_;
  Plan& plan_;
};

}  // namespace

void read_latencies(Statements& statements, const Calibration* calibration, Plan& plan) {
  LatencyReader(statements, calibration, plan).read();
}

}  // namespace ringbench::planner
