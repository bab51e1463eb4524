#include "topology/affinity.hpp"

#include <fmt/format.h>
#include <numa.h>
#include <numaif.h>
#include <pthread.h>
#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <cstdint>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string>
#include <system_error>

#include "topology/machine.hpp"

namespace ringbench {
namespace {

// NR_CPUS of an x86-64 Linux kernel is at most 8192, eight times what one cpu_set_t holds.
constexpr unsigned kMaxCpus = 8192;
using CpuMask = std::array<cpu_set_t, kMaxCpus / CPU_SETSIZE>;

std::vector<unsigned> mask_of_this_thread() {
  CpuMask mask{};
  if (const int error = pthread_getaffinity_np(pthread_self(), sizeof mask, mask.data()))
    throw std::system_error(error, std::generic_category(),
                            "the affinity mask of a thread cannot be read back");
  std::vector<unsigned> cpus;
  for (unsigned cpu = 0; cpu < kMaxCpus; ++cpu)
    if (CPU_ISSET_S(cpu, sizeof mask, mask.data())) cpus.push_back(cpu);
  return cpus;
}

std::system_error cannot_pin(unsigned os_cpu, int error) {
  return {
      error, std::generic_category(),
      fmt::format("a thread cannot be pinned to CPU {}: it does not exist, is offline or is not "
                  "allowed to this process (the thread may now use {}): name another CPU, or "
                  "widen the cpuset of the cgroup",
                  os_cpu, cpu_list(mask_of_this_thread()))};
}

// Nodes as mbind takes them: MAX_NUMNODES of x86-64 Linux is 1024.
constexpr unsigned kMaxNodes = 1024;
constexpr unsigned kWordBits = sizeof(unsigned long) * CHAR_BIT;
using NodeMask = std::array<unsigned long, kMaxNodes / kWordBits>;

// In a kernel without NUMA the call does not exist; a container's seccomp filter answers EPERM.
bool only_node_holds_pages_anyway(int error, const std::vector<unsigned>& nodes) {
  return (error == ENOSYS || error == EPERM) && nodes.size() == 1 && nodes.front() == 0 &&
         numa_max_node() == 0;
}

std::system_error cannot_bind(const std::vector<unsigned>& nodes, int error) {
  return {
      error, std::generic_category(),
      fmt::format("ring memory cannot be bound to NUMA node {}: the node does not exist, has no "
                  "memory, or mbind is forbidden here (in a container, allow it with --cap-add "
                  "SYS_NICE): use ring_memory = \"local\" to do without",
                  cpu_list(nodes))};
}

// Pages that are bound and find no room make the kernel end a process, this one or another.
void check_room(unsigned node, std::size_t bytes) {
  const auto available = available_bytes(node);
  if (available == 0 || bytes <= available) return;
  throw std::system_error(
      ENOMEM, std::generic_category(),
      fmt::format("ring memory of {} KiB cannot be bound to NUMA node {}, which has {} KiB left: "
                  "set fewer bytes, run on another node, or use ring_memory = \"interleave\" or "
                  "\"local\"",
                  bytes >> 10, node, available >> 10));
}

}  // namespace

std::uint64_t available_bytes(unsigned node) {
  std::ifstream file(fmt::format("/sys/devices/system/node/node{}/meminfo", node));
  std::uint64_t kib = 0;
  for (std::string line; std::getline(file, line);) {  // "Node 3 MemFree:   1234 kB"
    std::istringstream words(line);
    std::string word, key;
    std::uint64_t number = 0, value = 0;
    words >> word >> number >> key >> value;
    if (key == "MemFree:" || key == "Active(file):" || key == "Inactive(file):" ||
        key == "SReclaimable:")
      kib += value;
  }
  return kib << 10;
}

unsigned current_cpu() {
  const int cpu = sched_getcpu();
  if (cpu < 0)
    throw std::system_error(errno, std::generic_category(),
                            "the kernel does not tell on which CPU a thread runs");
  return static_cast<unsigned>(cpu);
}

void pin_to(unsigned os_cpu) {
  if (os_cpu >= kMaxCpus) throw cannot_pin(os_cpu, EINVAL);
  CpuMask mask{};
  CPU_SET_S(os_cpu, sizeof mask, mask.data());
  if (const int error = pthread_setaffinity_np(pthread_self(), sizeof mask, mask.data()))
    throw cannot_pin(os_cpu, error);
  if (const auto read_back = mask_of_this_thread();
      read_back != std::vector{os_cpu} || current_cpu() != os_cpu)
    throw std::runtime_error(
        fmt::format("a thread was pinned to CPU {} but runs on CPU {} with the mask {}: something "
                    "else moves the threads of this process (taskset, a cgroup manager); stop it",
                    os_cpu, current_cpu(), cpu_list(read_back)));
}

void bind_pages(std::span<std::byte> pages, const std::vector<unsigned>& nodes) {
  if (nodes.empty() || pages.empty()) return;
  NodeMask mask{};
  for (const unsigned node : nodes) {
    if (node >= kMaxNodes) throw cannot_bind(nodes, EINVAL);
    mask[node / kWordBits] |= 1UL << (node % kWordBits);
  }
  const int policy = nodes.size() == 1 ? MPOL_BIND : MPOL_INTERLEAVE;
  if (nodes.size() == 1) check_room(nodes.front(), pages.size());
  // The kernel reads one bit less than it is told (get_nodes() in mm/mempolicy.c).
  if (mbind(pages.data(), pages.size(), policy, mask.data(), kMaxNodes + 1, 0) == 0) return;
  const int error = errno;
  if (!only_node_holds_pages_anyway(error, nodes)) throw cannot_bind(nodes, error);
}

std::map<int, std::size_t> nodes_of(std::span<const std::byte> pages) {
  const auto page_bytes = static_cast<std::uintptr_t>(sysconf(_SC_PAGESIZE));
  const auto begin = reinterpret_cast<std::uintptr_t>(pages.data());
  const auto end = begin + pages.size();
  std::map<int, std::size_t> found;
  std::array<void*, 512> addresses{};
  std::array<int, addresses.size()> status{};
  for (auto at = begin - begin % page_bytes; at < end;) {
    std::size_t count = 0;
    for (; count < addresses.size() && at < end; at += page_bytes)
      addresses[count++] = reinterpret_cast<void*>(at);
    status.fill(-1);
    if (move_pages(0, count, addresses.data(), nullptr, status.data(), 0) != 0) status.fill(-1);
    for (std::size_t page = 0; page < count; ++page) ++found[std::max(status[page], -1)];
  }
  return found;
}

}  // namespace ringbench
