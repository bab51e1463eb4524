// Which of a transport's own parameters have a meaning beside the others.
#pragma once

#include <string>
#include <string_view>

#include "impls/transport.hpp"

namespace ringbench {

// False where the value of another option makes this one idle (OptionSpec::when).
bool has_meaning(const OptionSpec& spec, const Options& options);
std::string scope_of(const OptionSpec& spec);  // the same in words; empty: it always has a meaning

// Completes the options with the row's fallbacks, and gives those without a meaning their idle
// value.
void resolve_options(const Row& row, Options& options);

}  // namespace ringbench
