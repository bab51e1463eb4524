// A plan: text to the inputs of the model, with a machine from a synthetic description.
#include "planner/plan_file.hpp"
#include "tests/fuzz/shm_file.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace ringbench;
  const auto& file = fuzz::shm_file(data, size);
  fuzz::read_or_refuse(file.path(), [&] {
    planner::PlanRequest request;
    request.file = file.path();
    if (planner::read_plan(request).layouts.empty()) fuzz::fail("a plan without layouts");
  });
  return 0;
}
