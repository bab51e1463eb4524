// Sentences for a terminal.
#pragma once

#include <string>

namespace ringbench {

// `text` in lines of at most 100 columns that begin in the same one; the first is begun by `head`.
std::string paragraph(const std::string& head, const std::string& text);

}  // namespace ringbench
