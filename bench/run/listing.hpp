// What there is to choose from: the words of `ringbench list`.
#pragma once

#include <string>

namespace ringbench {

std::string list_transports();  // each with its options, and why it is not available if it is not
std::string list_keys();        // of a config's [matrix]
std::string list_metrics();     // of a trial

}  // namespace ringbench
