// For libraries that trust what they read.
#pragma once

#include <string>

namespace ringbench {

inline constexpr long kSurvivalSeconds = 3;       // of a CPU
inline constexpr long kSurvivalKib = 256L << 10;  // 256 MiB

// Whether a child process that does `work` on `input` first says that it could, within that time
// and memory. The process must not have other threads yet.
bool survives(bool (*work)(const std::string& input), const std::string& input);

}  // namespace ringbench
