// What would spoil a measurement on a machine: one row for each thing to look at.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "bench/doctor/activity.hpp"
#include "bench/doctor/machine_facts.hpp"

namespace ringbench {

// note: can matter for some numbers, or cannot be told. spoils: numbers measured here would say
// something about this, not about the transports.
enum class Verdict : std::uint8_t { fine, note, spoils };
std::string_view name_of(Verdict verdict);

struct Finding {
  std::string check;
  Verdict verdict = Verdict::fine;
  std::string found;   // in words, with numbers
  std::string effect;  // what it does to which number
  // The command that mends it, for a root shell; or "nothing on this machine: ...". Empty if fine.
  std::string mend;
};

// Pure functions; findings in the order of the tables.
std::vector<Finding> check_machine(const MachineFacts& facts);
std::vector<Finding> check_activity(const Activity& activity);

}  // namespace ringbench
