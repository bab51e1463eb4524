// Lines of text in columns.
#pragma once

#include <string>
#include <vector>

namespace ringbench {

// Each of as many fields. All but the last are set to the right: the last one is the cell's name.
std::string aligned(const std::vector<std::vector<std::string>>& lines);

}  // namespace ringbench
