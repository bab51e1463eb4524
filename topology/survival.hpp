// For libraries that trust what they read.
#pragma once

#include <string>

namespace ringbench {

// Whether a child process that does `work` on `input` first says that it could, within three
// seconds of a CPU and 256 MiB. The process must not have other threads yet.
bool survives(bool (*work)(const std::string& input), const std::string& input);

}  // namespace ringbench
