#include "bench/doctor/activity.hpp"

#include <unistd.h>

#include <algorithm>

#include "bench/doctor/proc_files.hpp"

namespace ringbench {
namespace {

// cpu0 user nice system idle iowait irq softirq steal guest guest_nice; see proc(5).
void read_steal(const std::filesystem::path& root, double user_hz,
                std::map<unsigned, CpuCounters>& counters) {
  constexpr std::size_t kSteal = 8;
  for (const auto& line : lines_of(root / "proc/stat")) {
    const auto words = words_of(line);
    if (words.size() <= kSteal || !words[0].starts_with("cpu")) continue;
    const auto cpu = number_of(words[0].substr(3));  // none: the line of all CPUs
    if (cpu)
      counters[static_cast<unsigned>(*cpu)].steal_s =
          number_of(words[kSteal]).value_or(0) / user_hz;
  }
}

std::uint64_t& counter_of(CpuCounters& counters, const std::string& label) {
  if (label == "LOC:") return counters.timer;
  return label[0] >= '0' && label[0] <= '9' ? counters.devices : counters.other;
}

// The first line names the online CPUs, which need not be numbered without a hole.
void read_interrupts(const std::filesystem::path& root, std::map<unsigned, CpuCounters>& counters) {
  const auto lines = lines_of(root / "proc/interrupts");
  if (lines.empty()) return;
  std::vector<unsigned> cpus;
  for (const auto& word : words_of(lines.front()))
    cpus.push_back(static_cast<unsigned>(number_of(word.substr(3)).value_or(0)));
  for (const auto& line : lines) {
    const auto words = words_of(line);
    if (words.size() <= cpus.size() || !words[0].ends_with(':')) continue;
    if (words[0] == "ERR:" || words[0] == "MIS:") continue;  // sums over the machine
    for (std::size_t i = 0; i < cpus.size(); ++i)
      counter_of(counters[cpus[i]], words[0]) +=
          static_cast<std::uint64_t>(number_of(words[i + 1]).value_or(0));
  }
}

CpuCounters difference(const CpuCounters& after, const CpuCounters& before) {
  return {.steal_s = after.steal_s - before.steal_s,
          .devices = after.devices - before.devices,
          .timer = after.timer - before.timer,
          .other = after.other - before.other};
}

}  // namespace

std::map<unsigned, CpuCounters> read_counters(const std::filesystem::path& root, double user_hz) {
  std::map<unsigned, CpuCounters> counters;
  read_steal(root, user_hz, counters);
  read_interrupts(root, counters);
  return counters;
}

NoiseFacts noisiest_two(const NoiseFacts& noise) {
  NoiseFacts two = noise;
  std::ranges::stable_sort(two.cpus, std::ranges::greater{}, &CpuNoise::hiccup_us);
  two.cpus.resize(std::min<std::size_t>(2, two.cpus.size()));
  return two;
}

Activity watch_activity(const Machine& machine, double seconds) {
  std::vector<unsigned> cpus;
  for (const auto& cpu : machine.cpus) cpus.push_back(cpu.os);
  const auto user_hz = static_cast<double>(sysconf(_SC_CLK_TCK));
  Activity activity;
  activity.clock = measure_clock(cpus);
  auto before = read_counters("/", user_hz);
  activity.noise = measure_noise(cpus, seconds, activity.clock.hz);
  auto after = read_counters("/", user_hz);
  for (const unsigned cpu : cpus) activity.counted[cpu] = difference(after[cpu], before[cpu]);
  return activity;
}

}  // namespace ringbench
