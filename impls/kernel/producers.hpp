// The kinds of producers that a transport of the kernel may have, by its option `driver`.
#pragma once

#include <utility>

#include "impls/kernel/interrupter.hpp"
#include "impls/kernel/options.hpp"
#include "impls/kernel/program.hpp"
#include "impls/kernel/spawner.hpp"

namespace ringbench::kernel {

// For with_variant of a transport T over a kind of producer.
template <template <class> class T, class Visitor>
decltype(auto) with_producer(const Options& options, Visitor&& visitor) {
  if (makes_chains(options)) return visitor.template operator()<T<SpawnProducer>>();
  if (uses_interrupts(options)) return visitor.template operator()<T<InterruptProducer>>();
  return visitor.template operator()<T<Producer>>();
}

}  // namespace ringbench::kernel
