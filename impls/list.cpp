#include "impls/list.hpp"

#include <algorithm>
#include <array>

#include "generated/transports.hpp"

namespace ringbench {
namespace {

#define TRANSPORT(name) &name::row,
constexpr std::array kRows{
#include "impls/transports.def"
};
#undef TRANSPORT

}  // namespace

std::span<const Row* const> transports() {
  return kRows;
}

const Row* find_transport(std::string_view name) {
  const auto* const found =
      std::ranges::find(kRows, name, [](const Row* row) { return row->name; });
  return found == kRows.end() ? nullptr : *found;
}

}  // namespace ringbench
