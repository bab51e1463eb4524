// Whether a trial that balances was disturbed by what lies outside it.
#pragma once

#include <string>

#include "bench/trial/accounting.hpp"

namespace ringbench {

// Every limit of spec.noise that the trial crossed, as one sentence with what was found and what is
// allowed; empty: none. Threads that share their CPU by plan take turns by plan: their lag, hiccups
// and switches are part of the workload. A producer that shares its ring may wait for another one,
// and one whose consumer sleeps may have to wake it: the work of such a producer is not watched for
// hiccups, only its waiting is (bench/trial/hiccups.hpp).
std::string noise(const TrialRecord& record, const TrialResult& result);

}  // namespace ringbench
