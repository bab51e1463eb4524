// What the kernel tells of the CPUs that a trial runs on, beside its threads.
#pragma once

#include <filesystem>
#include <optional>
#include <vector>

#include "topology/placement.hpp"

namespace ringbench {

// Every CPU of the placement once, ascending.
std::vector<unsigned> cpus_of(const Placement& placement);

// Time the hypervisor has taken from these CPUs since boot: proc(5), /proc/stat, in steps of 10 ms.
double steal_ms(const std::vector<unsigned>& cpus);

// The clock of each CPU now, in kHz, as cpufreq tells it under `root`; empty where it tells
// nothing.
std::vector<double> frequencies_khz(const std::vector<unsigned>& cpus,
                                    const std::filesystem::path& root = "/sys/devices/system/cpu");

// The largest relative change between two readings; nothing without readings.
std::optional<double> largest_change(const std::vector<double>& before,
                                     const std::vector<double>& after);

}  // namespace ringbench
