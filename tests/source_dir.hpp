#pragma once

#include <string>

namespace ringbench {

// The project's folder. Only source_dir.cpp knows it, so that all else compiles alike in every
// clone.
std::string source_dir();

}  // namespace ringbench
