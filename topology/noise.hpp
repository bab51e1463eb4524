// How much a machine disturbs a thread that has a CPU to itself: seen from inside, as gaps between
// successive reads of the time-stamp counter, whatever takes the CPU away (interrupts, other
// threads, SMIs, the hypervisor). And what trials suit that noise.
#pragma once

#include <cstdint>
#include <vector>

namespace ringbench {

// Two successive clock reads further apart than this are a hiccup. An interrupt handler of the
// kernel mostly takes less, a context switch or an exit to the hypervisor takes more.
inline constexpr double kHiccupUs = 10;

// A larger share of the time lost in hiccups spoils what is measured.
inline constexpr double kSpoilingShare = 0.005;

struct Gap {
  double at_us = 0;  // its begin, from the start of the watch
  double us = 0;     // its length, over kHiccupUs
  friend bool operator==(const Gap&, const Gap&) = default;
};

struct CpuNoise {
  unsigned cpu = 0;                        // OS index
  std::uint64_t hiccups = 0;               // gaps over kHiccupUs
  double hiccup_us = 0;                    // those gaps together
  double longest_us = 0;                   // 0 without a hiccup
  std::uint64_t involuntary_switches = 0;  // of the watching thread (getrusage(2)); the gaps beyond
                                           // these come from interrupts or from outside
  std::vector<Gap> gaps{};                 // the hiccups one by one, ascending
  friend bool operator==(const CpuNoise&, const CpuNoise&) = default;
};

struct NoiseFacts {
  double seconds = 0;  // that each CPU was watched
  std::vector<CpuNoise> cpus;
};

// Watches all of these CPUs at once, each with a pinned thread that does nothing but read the
// clock, for `seconds`; the caller sleeps meanwhile. `tsc_hz` as ClockFacts has it. Throws
// std::invalid_argument for no CPU or no time, std::system_error with a sentence for a CPU that no
// thread can be pinned to.
NoiseFacts measure_noise(const std::vector<unsigned>& os_cpus, double seconds, double tsc_hz);

// What was seen of these CPUs alone: those that a trial uses. CPUs that were not watched are left
// out.
NoiseFacts noise_of(const NoiseFacts& noise, const std::vector<unsigned>& os_cpus);

double hiccups_per_s(const NoiseFacts& noise);  // of a CPU, on average; 0 if nothing was watched
double share_lost(const NoiseFacts& noise);     // of the CPUs' time, from 0 to 1
double longest_hiccup_us(const NoiseFacts& noise);

// The share, 0 to 1, of all positions of a window of this length in what was watched, in steps of a
// quarter of it, where no CPU loses more than `tolerated_share` of the window. A steady tick that
// every window meets alike thus spoils none, if it is small enough; a rare long gap spoils few.
// Where less was watched than a window, all of it counts as one.
double clean_chance(const NoiseFacts& noise, double window_ms, double tolerated_share = 0);

// Trials that suit a noise: short enough to be mostly undisturbed, and many. A short trial that was
// hit can be told from its clean siblings; a long one is always hit a little.
struct Advice {
  double duration_ms = 0;         // of the measured window
  std::uint64_t repetitions = 0;  // of each cell
  double clean_chance = 0;        // of one such trial
};

inline constexpr double kWantedCleanChance = 0.8;
inline constexpr double kShortestWindowMs = 5;       // under this, start and end of a window show
inline constexpr std::uint64_t kMostAdvised = 1000;  // repetitions

// `noise`: of the CPUs that a trial uses, see noise_of(). The longest window, from
// kShortestWindowMs to `wanted_duration_ms` (in whole ms unless it is the wanted one), whose chance
// to stay clean is at least kWantedCleanChance, or the likeliest to where none has that chance;
// never longer than wanted. Repetitions: so many that the measured time of a cell stays what was
// wanted, at least `repetitions`, at most kMostAdvised (or `repetitions`, if that is more). Pure:
// nothing is measured here.
Advice advise(const NoiseFacts& noise, double wanted_duration_ms, std::uint64_t repetitions,
              double tolerated_share = 0);

}  // namespace ringbench
