// A machine's findings together, in words for people and as JSON.
#pragma once

#include <string>
#include <vector>

#include "bench/doctor/activity.hpp"
#include "bench/doctor/checks.hpp"
#include "bench/doctor/machine_facts.hpp"

namespace ringbench {

struct Diagnosis {
  MachineFacts facts;
  Activity activity;
  std::vector<Finding> findings;  // of the machine, then of what goes on on it
};

// Watches the machine for `seconds`, on all CPUs of `machine`. Throws as watch_activity() does.
Diagnosis diagnose(const Machine& machine, double seconds);

bool any_spoils(const std::vector<Finding>& findings);

// A line that says it all, for a list of reasons: "governor: powersave; mend: cpupower ...".
std::string in_a_line(const Finding& finding);

// At most 100 columns wide, the worst first; a word that is longer (a path) is not broken.
std::string as_text(const Diagnosis& diagnosis);
std::string as_json(const Diagnosis& diagnosis);

}  // namespace ringbench
