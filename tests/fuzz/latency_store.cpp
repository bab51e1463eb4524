// The store of a run, as the planner takes latencies out of it.
#include "planner/store_latencies.hpp"
#include "tests/fuzz/shm_file.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace ringbench;
  static const Machine machine = machine_from_synthetic("core:2 pu:1");
  const auto& file = fuzz::shm_file(data, size);
  return fuzz::read_or_refuse(file.path(), [&] {
    planner::latencies_from_store(file.path(), machine, {0, 1});
  });
}
