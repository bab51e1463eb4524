#include "topology/machine.hpp"

#include <fmt/format.h>
#include <hwloc.h>
#include <hwloc/distances.h>
#include <hwloc/linux.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <map>
#include <memory>
#include <stdexcept>
#include <string_view>
#include <tuple>
#include <utility>

#include "topology/survival.hpp"
#include "topology/synthetic.hpp"

namespace ringbench {
namespace {

struct Destroy {
  void operator()(hwloc_topology_t topology) const { hwloc_topology_destroy(topology); }
  void operator()(hwloc_bitmap_s* bitmap) const { hwloc_bitmap_free(bitmap); }
};
using Topology = std::unique_ptr<hwloc_topology, Destroy>;
using Bitmap = std::unique_ptr<hwloc_bitmap_s, Destroy>;

Topology new_topology() {
  hwloc_topology_t topology = nullptr;
  if (hwloc_topology_init(&topology) != 0)
    throw std::runtime_error("hwloc cannot start: this process is probably out of memory");
  return Topology(topology);
}

// Numbers objects in the order they are met. In a walk over the PUs that is hwloc's logical order,
// and it stays dense where one type stands in for another that the machine lacks.
class Numbering {
 public:
  unsigned of(hwloc_obj_t object) {
    return numbers_.try_emplace(object, static_cast<unsigned>(numbers_.size())).first->second;
  }

 private:
  std::map<hwloc_obj_t, unsigned> numbers_;
};

hwloc_obj_t ancestor_or(hwloc_topology_t topology, hwloc_obj_type_t type, hwloc_obj_t pu,
                        hwloc_obj_t otherwise) {
  const hwloc_obj_t found = hwloc_get_ancestor_obj_by_type(topology, type, pu);
  return found != nullptr ? found : otherwise;
}

std::vector<hwloc_obj_t> objects(hwloc_topology_t topology, hwloc_obj_type_t type) {
  std::vector<hwloc_obj_t> found;
  for (hwloc_obj_t at = nullptr; (at = hwloc_get_next_obj_by_type(topology, type, at)) != nullptr;)
    found.push_back(at);
  return found;
}

// hwloc gives a memory-only node (HBM, CXL) the CPUs near it, so a CPU can be inside several nodes.
// Its own is the tightest one, and of equals the lowest number, as Linux numbers nodes with CPUs
// first. A CPU whose node the cgroup forbids gets the first node that is left.
unsigned node_of(const std::vector<hwloc_obj_t>& nodes, hwloc_obj_t pu) {
  const auto rank = [&](hwloc_obj_t node) {
    const bool inside = hwloc_bitmap_isset(node->cpuset, pu->os_index) != 0;
    return std::tuple(!inside, inside ? hwloc_bitmap_weight(node->cpuset) : 0, node->os_index);
  };
  return (*std::ranges::min_element(nodes, {}, rank))->os_index;
}

std::vector<Cpu> read_cpus(hwloc_topology_t topology) {
  const auto nodes = objects(topology, HWLOC_OBJ_NUMANODE);
  const hwloc_obj_t root = hwloc_get_root_obj(topology);
  Numbering cores, l3s, packages;
  std::map<unsigned, unsigned> siblings;
  std::vector<Cpu> cpus;
  for (const hwloc_obj_t pu : objects(topology, HWLOC_OBJ_PU)) {
    const hwloc_obj_t package = ancestor_or(topology, HWLOC_OBJ_PACKAGE, pu, root);
    const unsigned core = cores.of(ancestor_or(topology, HWLOC_OBJ_CORE, pu, pu));
    cpus.push_back({.os = pu->os_index,
                    .core = core,
                    .smt = siblings[core]++,
                    .l3 = l3s.of(ancestor_or(topology, HWLOC_OBJ_L3CACHE, pu, package)),
                    .node = node_of(nodes, pu),
                    .package = packages.of(package)});
  }
  return cpus;
}

void read_distances(hwloc_topology_t topology, const std::vector<hwloc_obj_t>& objects,
                    std::vector<Node>& nodes) {
  unsigned count = 1;
  hwloc_distances_s* matrix = nullptr;
  if (hwloc_distances_get_by_type(topology, HWLOC_OBJ_NUMANODE, &count, &matrix,
                                  HWLOC_DISTANCES_KIND_MEANS_LATENCY, 0) != 0 ||
      count == 0)
    return;
  for (std::size_t from = 0; from < nodes.size(); ++from) {
    for (const hwloc_obj_t to : objects) {
      hwloc_uint64_t there = 0, back = 0;
      if (hwloc_distances_obj_pair_values(matrix, objects[from], to, &there, &back) != 0) break;
      nodes[from].distance.push_back(static_cast<unsigned>(there));
    }
    // Linux gives the whole matrix or none; part of one could not be indexed.
    if (nodes[from].distance.size() != objects.size()) nodes[from].distance.clear();
  }
  hwloc_distances_release(topology, matrix);
}

std::vector<Node> read_nodes(hwloc_topology_t topology, const std::vector<Cpu>& cpus) {
  const auto found = objects(topology, HWLOC_OBJ_NUMANODE);
  std::vector<Node> nodes;
  for (const hwloc_obj_t object : found) {
    Node node{.os = object->os_index, .bytes = object->attr->numanode.local_memory};
    for (const Cpu& cpu : cpus)
      if (cpu.node == node.os) node.cpus.push_back(cpu.os);
    nodes.push_back(std::move(node));
  }
  read_distances(topology, found, nodes);
  return nodes;
}

std::string export_xml(hwloc_topology_t topology) {
  char* text = nullptr;
  int length = 0;  // with the terminating NUL
  if (hwloc_topology_export_xmlbuffer(topology, &text, &length, 0) != 0)
    throw std::runtime_error(
        fmt::format("hwloc cannot write the machine's topology as XML ({}), so "
                    "results could not say where they come from",
                    std::strerror(errno)));
  std::string xml(text, static_cast<std::size_t>(length) - 1);
  hwloc_free_xmlbuffer(topology, text);
  return xml;
}

Machine read(hwloc_topology_t topology, std::string xml) {
  Machine machine;
  machine.cpus = read_cpus(topology);
  machine.nodes = read_nodes(topology, machine.cpus);
  machine.xml = std::move(xml);
  return machine;
}

std::vector<unsigned> affinity_of_process(hwloc_topology_t topology) {
  const Bitmap mask(hwloc_bitmap_alloc());
  if (hwloc_linux_get_tid_cpubind(topology, getpid(), mask.get()) != 0)
    throw std::runtime_error(
        fmt::format("the affinity mask of this process cannot be read ({}), so "
                    "no thread can be placed: check that sched_getaffinity is "
                    "not blocked by a seccomp filter",
                    std::strerror(errno)));
  std::vector<unsigned> allowed;
  for (int cpu = hwloc_bitmap_first(mask.get()); cpu >= 0; cpu = hwloc_bitmap_next(mask.get(), cpu))
    allowed.push_back(static_cast<unsigned>(cpu));
  return allowed;
}

// More than Linux takes on any machine of today. hwloc itself makes as many objects as it is told
// to, and compares each with its siblings.
constexpr double kMostPus = 8192;
constexpr unsigned long kMostSiblings = 1024;

// Nothing: hwloc refuses it.
Topology topology_from_xml(const std::string& xml) {
  Topology topology = new_topology();
  const bool loaded = hwloc_topology_set_xmlbuffer(topology.get(), xml.c_str(),
                                                   static_cast<int>(xml.size() + 1)) == 0 &&
                      hwloc_topology_load(topology.get()) == 0;
  return loaded ? std::move(topology) : Topology();
}

bool can_be_read(const std::string& xml) {
  const auto topology = topology_from_xml(xml);
  if (topology) read(topology.get(), {});
  return topology != nullptr;
}

// Machines of thousands of CPUs are described in some MiB. The path may be a device without an end.
std::string whole_file(const std::string& path) {
  constexpr std::size_t kLargest = std::size_t{16} << 20;
  std::ifstream file(path, std::ios::binary);
  std::string text(kLargest + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (text.empty() || text.size() > kLargest)
    throw std::runtime_error(fmt::format(
        "the topology file '{}' {}: give the path of a file made with 'lstopo FILE.xml'", path,
        text.empty() ? "cannot be read, or is empty"
                     : fmt::format("is larger than {} MiB", kLargest >> 20)));
  return text;
}

}  // namespace

const Cpu* Machine::find(unsigned os) const {
  const auto at = std::ranges::find(cpus, os, &Cpu::os);
  return at == cpus.end() ? nullptr : &*at;
}

const Node* Machine::find_node(unsigned os) const {
  const auto at = std::ranges::find(nodes, os, &Node::os);
  return at == nodes.end() ? nullptr : &*at;
}

Machine this_machine() {
  const Topology topology = new_topology();
  if (hwloc_topology_load(topology.get()) != 0)
    throw std::runtime_error(
        fmt::format("hwloc cannot read this machine's topology ({}): check that "
                    "/sys and /proc are mounted and readable",
                    std::strerror(errno)));
  if (hwloc_topology_is_thissystem(topology.get()) == 0)
    throw std::runtime_error(
        "hwloc was told to describe another machine than this one: unset "
        "HWLOC_XMLFILE, HWLOC_SYNTHETIC and HWLOC_COMPONENTS in the environment");
  Machine machine = restrict_to(read(topology.get(), export_xml(topology.get())),
                                affinity_of_process(topology.get()));
  if (machine.cpus.empty())
    throw std::runtime_error(
        "no CPU of this machine is both online and allowed to this process: "
        "check 'taskset -p' and the cpuset of its cgroup");
  return machine;
}

Machine machine_from_xml(const std::string& path) {
  return machine_from_xml_text(whole_file(path), path);
}

Machine machine_from_xml_text(std::string xml, const std::string& path) {
  // hwloc trusts what it reads: a file can make it read memory that is not there.
  const bool sound = survives(can_be_read, xml);
  const Topology topology = sound ? topology_from_xml(xml) : Topology();
  if (!topology)
    throw std::runtime_error(
        fmt::format("the topology file '{}' is not hwloc XML that hwloc {} can "
                    "read: make it again with 'lstopo FILE.xml'",
                    path, HWLOC_VERSION));
  return read(topology.get(), std::move(xml));
}

Machine machine_from_synthetic(const std::string& description) {
  const auto size = synthetic_size(description);
  if (size && (size->pus > kMostPus || size->siblings > kMostSiblings))
    throw std::runtime_error(fmt::format(
        "'{}' describes more than {} CPUs, or more than {} of a kind side by side: write fewer",
        description, kMostPus, kMostSiblings));
  const Topology topology = size ? new_topology() : Topology();
  if (!topology || hwloc_topology_set_synthetic(topology.get(), description.c_str()) != 0 ||
      hwloc_topology_load(topology.get()) != 0)
    throw std::runtime_error(
        fmt::format("'{}' is not a synthetic topology that hwloc understands: "
                    "write levels from the outside in, with the number of "
                    "children of each, such as \"node:4 core:10 pu:2\"",
                    description));
  return read(topology.get(), export_xml(topology.get()));
}

Machine restrict_to(Machine machine, const std::vector<unsigned>& allowed) {
  const auto forbidden = [&](unsigned os) {
    return std::ranges::find(allowed, os) == allowed.end();
  };
  std::erase_if(machine.cpus, [&](const Cpu& cpu) { return forbidden(cpu.os); });
  std::map<unsigned, unsigned> siblings;
  for (Cpu& cpu : machine.cpus) cpu.smt = siblings[cpu.core]++;
  for (Node& node : machine.nodes) std::erase_if(node.cpus, forbidden);
  return machine;
}

std::string cpu_list(std::vector<unsigned> os_cpus) {
  std::ranges::sort(os_cpus);
  const auto repeated = std::ranges::unique(os_cpus);
  os_cpus.erase(repeated.begin(), repeated.end());
  std::string list;
  for (std::size_t first = 0, last = 0; first < os_cpus.size(); first = ++last) {
    while (last + 1 < os_cpus.size() && os_cpus[last + 1] == os_cpus[last] + 1) ++last;
    list += fmt::format("{}{}", list.empty() ? "" : ",", os_cpus[first]);
    if (last != first) list += fmt::format("-{}", os_cpus[last]);
  }
  return list.empty() ? "none" : list;
}

std::string cpu_list(const std::vector<Cpu>& cpus) {
  std::vector<unsigned> os_cpus;
  for (const Cpu& cpu : cpus) os_cpus.push_back(cpu.os);
  return cpu_list(std::move(os_cpus));
}

}  // namespace ringbench
