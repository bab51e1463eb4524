// ringbuf under another name.
#pragma once

#include "impls/ringbuf.hpp"

namespace ringbench::twin {

inline constexpr Row row = [] {
  Row named = ringbuf::row;
  named.name = "twin";
  return named;
}();

template <class Visitor>
decltype(auto) with_variant(const Options& options, Visitor&& visitor) {
  return ringbuf::with_variant(options, std::forward<Visitor>(visitor));
}

}  // namespace ringbench::twin
