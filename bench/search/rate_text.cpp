#include "bench/search/rate_text.hpp"

#include <fmt/format.h>

namespace ringbench {

std::string rate_text(double per_second) {
  if (per_second >= 1e9) return fmt::format("{:.4g} G/s", per_second / 1e9);
  if (per_second >= 1e6) return fmt::format("{:.4g} M/s", per_second / 1e6);
  if (per_second >= 1e3) return fmt::format("{:.4g} k/s", per_second / 1e3);
  return fmt::format("{:.4g}/s", per_second);
}

}  // namespace ringbench
