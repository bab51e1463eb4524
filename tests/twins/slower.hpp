// `twin`, 3 % slower.
#pragma once

#include "twin.hpp"

namespace ringbench::slower {

inline constexpr Row row = twin::named("slower");

template <class Visitor>
decltype(auto) with_variant(const Options& options, Visitor&& visitor) {
  return twin::with_waiting<3>(options, std::forward<Visitor>(visitor));
}

}  // namespace ringbench::slower
