// `twin` under another name.
#pragma once

#include "twin.hpp"

namespace ringbench::same {

inline constexpr Row row = twin::named("same");

template <class Visitor>
decltype(auto) with_variant(const Options& options, Visitor&& visitor) {
  return twin::with_waiting<0>(options, std::forward<Visitor>(visitor));
}

}  // namespace ringbench::same
