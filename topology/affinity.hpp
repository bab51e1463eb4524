// Putting threads and pages where a placement says, and reading back where they are.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <vector>

namespace ringbench {

// Pins the calling thread and reads back. Throws std::system_error / std::runtime_error with a
// sentence when the kernel refuses, or when the thread is found on another CPU.
void pin_to(unsigned os_cpu);
unsigned current_cpu();

// Sets the memory policy of pages that have not been touched: MPOL_BIND to one node,
// MPOL_INTERLEAVE over several, nothing when `nodes` is empty. `pages` starts on a page boundary.
// Where the kernel knows no policies and the machine has node 0 alone, that node holds the pages
// without being told. Source: mbind(2). Throws std::system_error with a sentence.
// So it does where one node has too little memory left: the kernel would end the process otherwise.
void bind_pages(std::span<std::byte> pages, const std::vector<unsigned>& nodes);

// Bytes that a node can give: what is free, and what it would take from cached files and
// reclaimable slab. 0 where the kernel does not tell (/sys/devices/system/node/nodeN/meminfo).
std::uint64_t available_bytes(unsigned node);

// How many of these pages are on which node (move_pages(2) without a target). Key -1: not present,
// or the kernel cannot tell.
std::map<int, std::size_t> nodes_of(std::span<const std::byte> pages);

}  // namespace ringbench
