// What the kernel counts for the memory that it lends this process.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "impls/transport.hpp"

namespace ringbench::kernel {

// Of all mappings called `name` ("anon_inode:bpf-map", "anon_inode:[perf_event]") in
// /proc/self/smaps but the one at `except`.
MappedMemory mapped_as(std::string_view name, const std::byte* except);

// Bytes that a map holds, as the kernel accounts them (`memlock` in /proc/self/fdinfo).
std::uint64_t held_by_map(int map_fd);

}  // namespace ringbench::kernel
