#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "bench/doctor/check_table.hpp"

namespace ringbench {
namespace {

using enum Verdict;

Judgement hiccups(const Activity& seen) {
  const auto& noise = seen.noise;
  const auto two = noisiest_two(noise);
  const auto found =
      fmt::format("{:.1f} a second on each CPU, the longest {:.0f} us, {:.3f} % of the time lost",
                  hiccups_per_s(noise), longest_hiccup_us(noise), share_lost(noise) * 100);
  const auto mend = "see the rows isolation, IRQ affinity, other load and hypervisor";
  if (share_lost(two) > kSpoilingShare || clean_chance(two, kShortestWindowMs) < kWantedCleanChance)
    return {spoils, found, mend};
  constexpr double kUsualWindowMs = 35;
  return {clean_chance(two, kUsualWindowMs) < kWantedCleanChance ? note : fine, found, mend};
}

// The largest of a counter over the CPUs, a second.
template <class Counter>
double worst_per_s(const Activity& seen, Counter counter) {
  double worst = 0;
  for (const auto& [cpu, counted] : seen.counted)
    worst = std::max(worst, static_cast<double>(counter(counted)) / seen.noise.seconds);
  return worst;
}

Judgement steal(const Activity& seen) {
  const double worst = worst_per_s(seen, [](const auto& counted) { return counted.steal_s; });
  const auto found = fmt::format("{:.2f} % of the time of the worst CPU", worst * 100);
  if (worst == 0) return {fine, found};
  return {worst > 0.001 ? spoils : note, found,
          "nothing on this machine: its host is shared; ask for vCPUs of its own"};
}

Judgement switches(const Activity& seen) {
  std::uint64_t sum = 0;
  for (const auto& cpu : seen.noise.cpus) sum += cpu.involuntary_switches;
  const double rate =
      static_cast<double>(sum) / seen.noise.seconds / static_cast<double>(seen.noise.cpus.size());
  const auto found = fmt::format("{:.1f} a second on each CPU", rate);
  return {rate > 10  ? spoils
          : rate > 1 ? note
                     : fine,
          found, "top -b -n 1 | head -n 15   (names what runs: stop it or wait for its end)"};
}

Judgement interrupts(const Activity& seen) {
  const double devices = worst_per_s(seen, [](const auto& counted) { return counted.devices; });
  const double timer = worst_per_s(seen, [](const auto& counted) { return counted.timer; });
  const double other = worst_per_s(seen, [](const auto& counted) { return counted.other; });
  const auto found = fmt::format(
      "on the worst CPU, a second: {:.0f} timer, {:.0f} device, {:.0f} "
      "between CPUs and others",
      timer, devices, other);
  if (devices > 1000) return {spoils, found, "see the row IRQ affinity"};
  if (devices > 10 || other > 100) return {note, found, "see the rows IRQ affinity and other load"};
  return {timer > 10 ? note : fine, found, "see the row isolation (nohz_full stops the tick)"};
}

Judgement tsc_offset(const Activity& seen) {
  const auto ns = static_cast<double>(seen.clock.offset_bound_ticks) * 1e9 / seen.clock.hz;
  const auto found = fmt::format("at most {:.0f} ns apart", ns);
  if (ns < 1000) return {fine, found};
  return {ns < 10'000 ? note : spoils, found,
          "dmesg | grep -i tsc   (says whether firmware or host set them apart)"};
}

constexpr Check<Activity> kActivityChecks[] = {
    {"hiccups",
     "gaps of more than 10 us in what a thread can do: tails of cycles, delay and lag, "
     "drops",
     hiccups},
    {"steal", "the hypervisor runs somebody else: tails of cycles, delay and lag, reordering",
     steal},
    {"switches", "another task had the CPU: tails, hiccups, amortised cycles", switches},
    {"interrupts", "handlers run in the middle of an event: p99.9 and max of cycles, delay",
     interrupts},
    {"TSC offset", "stamps of different CPUs that are closer count as a tie: reordering, delay",
     tsc_offset},
};

}  // namespace

std::vector<Finding> check_activity(const Activity& activity) {
  return apply<Activity>(kActivityChecks, activity);
}

}  // namespace ringbench
