// Every transport there is, in the order of transports.def.
#pragma once

#include <span>

#include "impls/transport.hpp"

namespace ringbench {

std::span<const Row* const> transports();
const Row* find_transport(std::string_view name);  // nullptr: no such transport

}  // namespace ringbench
