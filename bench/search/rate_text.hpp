// Rates as people write them.
#pragma once

#include <string>

namespace ringbench {

std::string rate_text(double per_second);  // 950/s, 12.3 k/s, 1.234 M/s

}  // namespace ringbench
