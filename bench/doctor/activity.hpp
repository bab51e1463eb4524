// What goes on on a machine's CPUs while nothing is asked of them but to read the clock.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <vector>

#include "topology/clock.hpp"
#include "topology/machine.hpp"
#include "topology/noise.hpp"

namespace ringbench {

// What the kernel has counted on one CPU since it started.
struct CpuCounters {
  double steal_s = 0;         // the hypervisor gave the CPU to somebody else (/proc/stat)
  std::uint64_t devices = 0;  // interrupts of devices: the numbered lines of /proc/interrupts
  std::uint64_t timer = 0;    // LOC: the scheduler's tick and timers
  std::uint64_t other = 0;    // the rest: rescheduling, TLB shootdowns, function calls, NMIs, ...
  friend bool operator==(const CpuCounters&, const CpuCounters&) = default;
};

// By OS index of the CPU. `root` as read_machine_facts() has it; `user_hz`: units of /proc/stat a
// second, sysconf(_SC_CLK_TCK). A counter that is not there stays 0.
std::map<unsigned, CpuCounters> read_counters(const std::filesystem::path& root, double user_hz);

struct Activity {
  ClockFacts clock;  // of all these CPUs
  NoiseFacts noise;
  std::map<unsigned, CpuCounters> counted;  // while the noise was watched; of the same CPUs
};

// Of the two CPUs that lost most time: a producer and its consumer may be placed there. Of one, if
// no more was watched.
NoiseFacts noisiest_two(const NoiseFacts& noise);

// Takes `seconds` and what measure_clock() takes. Throws as measure_clock() and measure_noise() do.
Activity watch_activity(const Machine& machine, double seconds);

}  // namespace ringbench
