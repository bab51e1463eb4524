// For libraries that trust what they read.
#pragma once

#include <functional>

namespace ringbench {

// Whether a child process that does it first comes through, within three seconds of a CPU and 256
// MiB. The process must not have other threads yet.
bool survives(const std::function<void()>& work);

}  // namespace ringbench
