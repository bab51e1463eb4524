// calibration.json, as the planner reads it.
#include "planner/calibration.hpp"

#include "tests/fuzz/shm_file.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace ringbench;
  const auto& file = fuzz::shm_file(data, size);
  return fuzz::read_or_refuse(file.path(), [&] { planner::read_calibration(file.path()); });
}
