// What the kernel's transports have in common as rows, and the kinds of producers that each may
// have, by its option `driver`.
#pragma once

#include <span>
#include <string_view>

#include "impls/kernel/interrupter.hpp"
#include "impls/kernel/options.hpp"
#include "impls/kernel/program.hpp"
#include "impls/kernel/spawner.hpp"

namespace ringbench::kernel {

constexpr Row make_row(std::string_view name, std::string_view summary, Layout layout,
                       std::span<const OptionSpec> options) {
  return {.name = name,
          .summary = summary,
          .layout = layout,
          .options = options,
          .unavailable = unavailable,
          .refuse = never_refused,
          .atomics = no_atomics,  // what the kernel executes is not ours to count
          .chained = makes_chains,
          .whole = true,
          .unfit = unfit};
}

// For with_variant of a transport T over a kind of producer.
template <template <class> class T, class Visitor>
decltype(auto) with_producer(const Options& options, Visitor&& visitor) {
  if (makes_chains(options)) return visitor.template operator()<T<SpawnProducer>>();
  if (uses_interrupts(options)) return visitor.template operator()<T<InterruptProducer>>();
  return visitor.template operator()<T<Producer>>();
}

}  // namespace ringbench::kernel
