// The options of every transport with Layout::grouped: which producers share a ring. The harness
// reads them, because the answer depends on the machine.
#pragma once

#include <array>
#include <string_view>

#include "impls/transport.hpp"

namespace ringbench {

inline constexpr OptionSpec kCpusPerRing{.key = "cpus_per_ring",
                                         .summary =
                                             "producers that share a ring; without a meaning for "
                                             "the mappings per_core, per_l3, per_node",
                                         .fallback = "2",
                                         .min = 1,
                                         .max = 4096,
                                         .when = {{{"mapping", {"contiguous", "modulo"}}}},
                                         .idle = "0"};

inline constexpr std::array<std::string_view, 5> kMappings{"contiguous", "modulo", "per_core",
                                                           "per_l3", "per_node"};
inline constexpr OptionSpec kMapping{
    .key = "mapping",
    .summary =
        "contiguous: neighbours share a ring; modulo: producer % rings; per_core, per_l3, "
        "per_node: those whose CPUs share it",
    .fallback = "contiguous",
    .allowed = kMappings};

}  // namespace ringbench
