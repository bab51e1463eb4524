// Whether the numbers of a run may be held against somebody: what speaks against the schedule, the
// machine and the program.
#pragma once

#include <string>
#include <vector>

#include "bench/config/config.hpp"
#include "bench/doctor/checks.hpp"
#include "bench/run/plan.hpp"
#include "bench/run/session.hpp"

namespace ringbench {

// Reasons are sentences without a full stop, each on one line: what is found, and how to mend it.
using Reasons = std::vector<std::string>;

inline constexpr std::uint64_t kFewestReportable = 5;  // repetitions: under that an interval of the
                                                       // median is the range, or less
inline constexpr double kWidestReportable = 0.05;      // [run] interval

// Pure functions, for the three below.
Reasons against_schedule(const RunSettings& settings, const Plan& plan, const BenchmarkFlags& flags,
                         const Machine& machine);
Reasons against_program(const std::string& revision, const std::string& build_type,
                        const std::string& compile_flags);
Reasons against_machine(const std::vector<Finding>& findings);

// All of them for this machine and program; cheap, nothing is measured.
Reasons against_reporting(const Config& config, const Plan& plan, const BenchmarkFlags& flags,
                          const Machine& machine);

// The same, after a second of watching the machine's noise too, and `before`: what speaks against
// the part that has been run already. Throws std::runtime_error that says every reason, if there is
// one; and as watch_activity() does.
void require_reportable(const Config& config, const Plan& plan, const BenchmarkFlags& flags,
                        const Machine& machine, const Reasons& before);

// Each reason once, in this order: a run that is resumed keeps what spoke against it before.
Reasons together(Reasons before, const Reasons& now);

// The value of `reportable` in the provenance: "yes", or the reasons, a line each; and back. A run
// without that value was not judged, which is a reason.
std::string reportable_text(const Reasons& reasons);
Reasons reasons_in(const Provenance& provenance);

}  // namespace ringbench
