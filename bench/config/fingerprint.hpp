// A short name for a text, the same on every machine.
#pragma once

#include <string>
#include <string_view>

namespace ringbench {

// 16 hex digits: FNV-1a, 64 bits (RFC 9923).
std::string fingerprint(std::string_view text);

}  // namespace ringbench
