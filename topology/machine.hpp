// What the machine is, from hwloc: this one, an lstopo XML file, or a synthetic description.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace ringbench {

// One logical CPU (hwloc PU). Indices other than `os` and `node` are hwloc logical indices: dense
// from 0 over the whole machine, with holes where CPUs are not allowed.
struct Cpu {
  unsigned os = 0;    // the number that sched_setaffinity takes
  unsigned core = 0;  // CPUs with the same core are SMT siblings
  unsigned smt = 0;   // rank of this CPU among its allowed siblings, 0 for the first
  unsigned l3 = 0;    // CPUs with the same l3 share a last-level cache; where hwloc sees no L3, the
                      // CPUs of a package, or of a machine without packages
  unsigned node = 0;  // OS index of the NUMA node that the CPU belongs to
  unsigned package = 0;
  friend bool operator==(const Cpu&, const Cpu&) = default;
};

struct Node {
  unsigned os = 0;                   // the number that mbind takes
  std::uint64_t bytes = 0;           // local memory; 0 also where a description does not say
  std::vector<unsigned> cpus{};      // OS indices of its allowed CPUs; empty for a memory-only node
  std::vector<unsigned> distance{};  // SLIT distance (local: 10) to each node, in the order of
                                     // Machine::nodes; empty where it is not known
  friend bool operator==(const Node&, const Node&) = default;
};

struct Machine {
  std::vector<Cpu> cpus;    // only online CPUs in the allowed mask, by hwloc logical index
  std::vector<Node> nodes;  // every NUMA node, CPU-less ones too, by hwloc logical index
  std::string xml;          // the hwloc XML this was read from, for the store: the whole machine,
                            // whatever the affinity mask of the process

  const Cpu* find(unsigned os) const;  // nullptr: not there, offline, or not allowed
  const Node* find_node(unsigned os) const;
};

// The CPUs that the cgroup and the affinity mask of the process (of its main thread) allow, so call
// it before the main thread is pinned. Throws std::runtime_error with a sentence that says what
// could not be read and how to mend it; so do the three below.
Machine this_machine();
Machine machine_from_xml(const std::string& path);
// `path`: what the text is called where it cannot be read.
Machine machine_from_xml_text(std::string xml, const std::string& path);
// e.g. "node:4 core:10 pu:2"; see the hwloc manual, "Synthetic topologies".
Machine machine_from_synthetic(const std::string& description);

// Only the CPUs in `allowed` (OS indices) are kept: an affinity mask or cgroup as a pure function.
// Nodes stay, since their memory can still be used.
Machine restrict_to(Machine machine, const std::vector<unsigned>& allowed);

// OS indices as Linux writes them, ascending and without repetition: "0-3,8"; "none" for none.
std::string cpu_list(std::vector<unsigned> os_cpus);
std::string cpu_list(const std::vector<Cpu>& cpus);

}  // namespace ringbench
