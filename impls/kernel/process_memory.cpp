#include "impls/kernel/process_memory.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <optional>
#include <string>

namespace ringbench::kernel {
namespace {

// The number after `key` at the start of the line; false: another line.
bool read_field(std::string_view line, std::string_view key, std::uint64_t& value) {
  if (!line.starts_with(key)) return false;
  const auto at = line.find_first_of("0123456789", key.size());
  if (at == std::string_view::npos) return false;
  std::from_chars(line.data() + at, line.data() + line.size(), value);
  return true;
}

// The head of a mapping in /proc/self/smaps: "begin-end ... name". Nothing: another line.
std::optional<std::uintptr_t> begin_of(std::string_view line) {
  std::uintptr_t begin = 0;
  const auto end = std::from_chars(line.data(), line.data() + line.size(), begin, 16);
  if (end.ptr == line.data() || *end.ptr != '-') return std::nullopt;
  return begin;
}

}  // namespace

std::vector<std::uintptr_t> mappings_called(std::string_view name) {
  std::vector<std::uintptr_t> found;
  std::ifstream maps("/proc/self/maps");
  for (std::string line; std::getline(maps, line);) {
    if (line.ends_with(name)) found.push_back(begin_of(line).value());
  }
  return found;
}

MappedMemory mapped_as(std::string_view name, std::span<const std::uintptr_t> except) {
  MappedMemory sum;
  std::ifstream smaps("/proc/self/smaps");
  bool counts = false;
  for (std::string line; std::getline(smaps, line);) {
    std::uint64_t kib = 0;
    if (const auto begin = begin_of(line)) {
      counts = line.ends_with(name) && std::ranges::count(except, *begin) == 0;
    } else if (counts && read_field(line, "Size:", kib)) {
      sum.virtual_bytes += kib * 1024;
    } else if (counts && read_field(line, "Rss:", kib)) {
      sum.resident_bytes += kib * 1024;
    }
  }
  return sum;
}

std::uint64_t held_by_map(int map_fd) {
  std::ifstream info(fmt::format("/proc/self/fdinfo/{}", map_fd));
  std::uint64_t bytes = 0;
  for (std::string line; std::getline(info, line);) {
    if (read_field(line, "memlock:", bytes)) break;
  }
  return bytes;
}

}  // namespace ringbench::kernel
