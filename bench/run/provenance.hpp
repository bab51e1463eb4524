// What the machine and the program were when a number was measured: the rows of the store's table
// `provenance`.
#pragma once

#include <map>
#include <string>

#include "bench/config/config.hpp"
#include "topology/clock.hpp"
#include "topology/machine.hpp"

namespace ringbench {

using Provenance = std::map<std::string, std::string>;

Provenance describe_machine(const Machine& machine, const ClockFacts& clock);
Provenance describe_program();
Provenance describe_run(const Config& config, const std::string& command);

std::string host_name();
std::string kernel_name();                         // Linux 6.1.0 x86_64
std::string allowed_cpus(const Machine& machine);  // OS indices, e.g. 0,1,2,3
std::string now_utc();                             // 2026-01-31T12:00:00Z
std::string version();                             // of ringbench, with the git revision

}  // namespace ringbench
