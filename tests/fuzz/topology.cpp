// The description of a machine: hwloc's XML, or its synthetic form, which has no '<'.
#include "tests/fuzz/refusal.hpp"
#include "topology/machine.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace ringbench;
  const auto text = fuzz::text_of(data, size);
  const bool xml = text.find('<') != std::string::npos;
  return fuzz::read_or_refuse(xml ? "m.xml" : "'", [&] {
    const auto machine = xml ? machine_from_xml_text(text, "m.xml") : machine_from_synthetic(text);
    for (const auto& cpu : machine.cpus)
      if (machine.find_node(cpu.node) == nullptr) fuzz::fail("a CPU without its node");
  });
}
