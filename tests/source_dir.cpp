#include "tests/source_dir.hpp"

namespace ringbench {

std::string source_dir() {
  return RINGBENCH_SOURCE_DIR;
}

}  // namespace ringbench
