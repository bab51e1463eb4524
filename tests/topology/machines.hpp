// Machines that several tests of the topology use.
#pragma once

#include <string>
#include <vector>

#include "tests/source_dir.hpp"
#include "topology/machine.hpp"

namespace ringbench {

inline Machine fixture(const std::string& name) {
  return machine_from_xml(source_dir() + "/tests/topology/data/" + name);
}

inline Machine two_cpus() {
  return machine_from_synthetic("core:2 pu:1");
}

inline std::vector<unsigned> allowed_cpus() {
  std::vector<unsigned> cpus;
  for (const Cpu& cpu : this_machine().cpus) cpus.push_back(cpu.os);
  return cpus;
}

}  // namespace ringbench
