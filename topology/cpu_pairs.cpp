#include "topology/cpu_pairs.hpp"

#include <algorithm>
#include <map>

namespace ringbench {
namespace {

constexpr std::size_t kMostCpusInAllPairs = 16;
constexpr std::size_t kPairsOfEachNearness = 4;

std::vector<const Cpu*> distinct(const Machine& machine, std::vector<unsigned> os_cpus) {
  std::ranges::sort(os_cpus);
  const auto repeated = std::ranges::unique(os_cpus);
  os_cpus.erase(repeated.begin(), repeated.end());
  std::vector<const Cpu*> found;
  for (const unsigned os : os_cpus) {
    if (const Cpu* cpu = machine.find(os)) found.push_back(cpu);
  }
  return found;
}

void thin_out(std::vector<CpuPair>& pairs) {
  if (pairs.size() <= kPairsOfEachNearness) return;
  std::vector<CpuPair> kept;
  for (std::size_t i = 0; i < kPairsOfEachNearness; ++i) {
    kept.push_back(pairs[i * (pairs.size() - 1) / (kPairsOfEachNearness - 1)]);
  }
  pairs = std::move(kept);
}

}  // namespace

Nearness nearness(const Cpu& a, const Cpu& b) {
  if (a.core == b.core) return Nearness::core;
  if (a.l3 == b.l3) return Nearness::l3;
  if (a.node == b.node) return Nearness::node;
  return a.package == b.package ? Nearness::package : Nearness::machine;
}

std::vector<CpuPair> representative_pairs(const Machine& machine,
                                          const std::vector<unsigned>& os_cpus) {
  const auto cpus = distinct(machine, os_cpus);
  std::map<Nearness, std::vector<CpuPair>> by_nearness;
  for (std::size_t a = 0; a < cpus.size(); ++a) {
    for (std::size_t b = a + 1; b < cpus.size(); ++b) {
      by_nearness[nearness(*cpus[a], *cpus[b])].emplace_back(cpus[a]->os, cpus[b]->os);
    }
  }
  std::vector<CpuPair> all;
  for (auto& [nearness, pairs] : by_nearness) {
    if (cpus.size() > kMostCpusInAllPairs) thin_out(pairs);
    all.insert(all.end(), pairs.begin(), pairs.end());
  }
  std::ranges::sort(all);
  return all;
}

}  // namespace ringbench
