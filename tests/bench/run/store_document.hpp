// What docs/store.md promises, read from the page itself.
#pragma once

#include <string>
#include <vector>

namespace ringbench {

// Columns of the tables `cell`, `producer`, `ring`, `thread` and `histogram`, in the order of the
// page; of `trial` those in front of the metrics.
std::vector<std::string> documented_columns(const std::string& table);
std::vector<std::string> documented_metrics();

}  // namespace ringbench
