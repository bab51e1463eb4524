// Every transport as the harness runs it: its row, and a trial with its type erased.
#pragma once

#include <span>

#include "bench/trial/trial_result.hpp"
#include "bench/trial/trial_spec.hpp"
#include "impls/transport.hpp"

namespace ringbench {

struct Entry {
  const Row* row;
  TrialResult (*run)(const TrialSpec&);  // one trial, in this process; see run_trial()
};

std::span<const Entry* const> entries();              // in the order of impls/transports.def
const Entry& find_entry(std::string_view transport);  // which must exist

}  // namespace ringbench
