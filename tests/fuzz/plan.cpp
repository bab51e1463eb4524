// A plan: text to the inputs of the model, with a machine from a synthetic description. A line that
// begins with "#?" is a --what-if beside it.
#include "bench/config/config_errors.hpp"
#include "planner/plan_file.hpp"
#include "tests/fuzz/shm_file.hpp"

namespace {

std::vector<std::string> what_ifs(std::string_view text) {
  std::vector<std::string> options;
  while (!text.empty()) {
    const auto line = text.substr(0, text.find('\n'));
    if (line.starts_with("#?")) options.emplace_back(line.substr(2));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
  }
  return options;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace ringbench;
  const auto& file = fuzz::shm_file(data, size);
  planner::PlanRequest request;
  request.file = file.path();
  request.what_if = what_ifs(fuzz::text_of(data, size));
  std::vector<std::string> places;
  for (const auto& option : request.what_if) places.push_back("--what-if " + printable(option));
  return fuzz::read_or_refuse(
      file.path(),
      [&] {
        if (planner::read_plan(request).layouts.empty()) fuzz::fail("a plan without layouts");
      },
      places);
}
