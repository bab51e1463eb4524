// A matrix of latencies between CPUs.
#include "planner/latency.hpp"
#include "tests/fuzz/shm_file.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace ringbench;
  const auto& file = fuzz::shm_file(data, size);
  return fuzz::read_or_refuse(file.path(), [&] {
    if (planner::latencies_from_file(file.path()).cpus() == 0) fuzz::fail("latencies of no CPU");
  });
}
