#include "bench/trial/surroundings.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <fstream>
#include <sstream>
#include <string>

namespace ringbench {

std::vector<unsigned> cpus_of(const Placement& placement) {
  std::vector<unsigned> cpus = placement.producer_cpus;
  cpus.insert(cpus.end(), placement.consumer_cpus.begin(), placement.consumer_cpus.end());
  std::ranges::sort(cpus);
  const auto repeated = std::ranges::unique(cpus);
  cpus.erase(repeated.begin(), repeated.end());
  return cpus;
}

double steal_ms(const std::vector<unsigned>& cpus) {
  std::ifstream stat("/proc/stat");
  double sum = 0;
  for (std::string line; std::getline(stat, line);) {
    std::istringstream fields(line);
    std::string name;
    std::uint64_t user = 0, nice = 0, system = 0, idle = 0, iowait = 0, irq = 0, softirq = 0,
                  steal = 0;
    fields >> name >> user >> nice >> system >> idle >> iowait >> irq >> softirq >> steal;
    const auto is_this = [&](unsigned cpu) { return name == "cpu" + std::to_string(cpu); };
    if (std::ranges::any_of(cpus, is_this)) sum += static_cast<double>(steal) * 10;
  }
  return sum;
}

std::vector<double> frequencies_khz(const std::vector<unsigned>& cpus,
                                    const std::filesystem::path& root) {
  std::vector<double> found;
  for (const auto cpu : cpus) {
    std::ifstream file(root / fmt::format("cpu{}/cpufreq/scaling_cur_freq", cpu));
    double khz = 0;
    if (!(file >> khz) || khz <= 0) return {};
    found.push_back(khz);
  }
  return found;
}

std::optional<double> largest_change(const std::vector<double>& before,
                                     const std::vector<double>& after) {
  if (before.empty() || before.size() != after.size()) return std::nullopt;
  double largest = 0;
  for (std::size_t i = 0; i < before.size(); ++i) {
    largest = std::max(largest, std::abs(after[i] - before[i]) / before[i]);
  }
  return largest;
}

}  // namespace ringbench
