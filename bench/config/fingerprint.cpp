#include "bench/config/fingerprint.hpp"

#include <fmt/format.h>

#include <cstdint>

namespace ringbench {

std::string fingerprint(std::string_view text) {
  std::uint64_t hash = 0xcbf2'9ce4'8422'2325;
  for (const char c : text) {
    hash ^= static_cast<unsigned char>(c);
    hash *= 0x100'0000'01b3;
  }
  return fmt::format("{:016x}", hash);
}

}  // namespace ringbench
