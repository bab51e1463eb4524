// A config: text to cells.
#include "tests/fuzz/refusal.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace ringbench;
  return fuzz::read_or_refuse("c.toml", [&] {
    if (parse_config(fuzz::text_of(data, size), "c.toml", 2).cells.empty())
      fuzz::fail("a config without cells");
  });
}
