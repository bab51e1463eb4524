// What the kernel counts for the memory that it lends this process.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "impls/transport.hpp"

namespace ringbench::kernel {

// Where the mappings of this process begin that are called `name` ("anon_inode:bpf-map",
// "anon_inode:[perf_event]").
std::vector<std::uintptr_t> mappings_called(std::string_view name);

// Of all mappings called `name` but those that begin at one of `except`.
MappedMemory mapped_as(std::string_view name, std::span<const std::uintptr_t> except = {});

// Bytes that a map holds, as the kernel accounts them (`memlock` in /proc/self/fdinfo).
std::uint64_t held_by_map(int map_fd);

}  // namespace ringbench::kernel
