#include "bench/trial/entry.hpp"

#include <algorithm>
#include <array>

namespace ringbench {

#define TRANSPORT(name) extern constinit const Entry entry_##name;
#include "impls/transports.def"
#undef TRANSPORT

namespace {

#define TRANSPORT(name) &entry_##name,
constexpr std::array kEntries{
#include "impls/transports.def"
};
#undef TRANSPORT

}  // namespace

std::span<const Entry* const> entries() {
  return kEntries;
}

const Entry& find_entry(std::string_view transport) {
  return **std::ranges::find(kEntries, transport,
                             [](const Entry* entry) { return entry->row->name; });
}

}  // namespace ringbench
