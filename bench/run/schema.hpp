// The tables of a store, as docs/store.md tells them.
#pragma once

#include <string>

namespace ringbench {

inline constexpr int kSchemaVersion = 4;

std::string schema();  // SQL that makes them, and says the version

}  // namespace ringbench
