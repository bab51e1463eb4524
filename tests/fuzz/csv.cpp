// A recorded trace, and a list of sizes.
#include "bench/config/size_list.hpp"
#include "bench/config/trace.hpp"
#include "tests/fuzz/refusal.hpp"

namespace {

using namespace ringbench;

template <class Parsed>
void check(const Parsed& parsed, const CsvProblems& problems) {
  if (parsed.has_value() == problems.any()) fuzz::fail("neither read nor refused, or both");
  for (const auto& sentence : problems.texts())
    if (std::isdigit(static_cast<unsigned char>(sentence.front())) == 0) fuzz::fail(sentence);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = fuzz::text_of(data, size);
  CsvProblems of_trace, of_sizes;
  const auto trace = parse_trace(text, of_trace);
  check(trace, of_trace);
  if (trace && trace->most_before(trace->period_us, 2) > trace->events.size())
    fuzz::fail("more events than there are");
  check(parse_size_list(text, of_sizes), of_sizes);
  return 0;
}
