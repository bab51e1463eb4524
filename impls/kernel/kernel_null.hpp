// A BPF program that makes events and sends them nowhere: the payload is written to a per-CPU
// array. What is left is the cost of making an event in the kernel, the floor of the kernel's
// transports; with and without stamps, the cost of bpf_ktime_get_ns.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

#include "impls/kernel/libbpf.hpp"
#include "impls/kernel/options.hpp"
#include "impls/kernel/producers.hpp"
#include "impls/transport.hpp"

namespace ringbench::kernel_null {

template <class P>
class KernelNull {
 public:
  using Producer = P;

  KernelNull(const Geometry& geometry, const Options& options)
      : loaded_(kernel::load_kernel_null(geometry, options)) {}

  Producer producer(unsigned index) { return {loaded_.program, index}; }
  template <Sink S>
  std::size_t consume(unsigned /*ring*/, S& /*sink*/, std::size_t /*budget*/) {
    return 0;
  }
  std::size_t occupancy(unsigned /*ring*/) const { return 0; }
  // Each record overwrites the one before.
  std::uint64_t overwritten() const {
    std::uint64_t sum = 0;
    for (const auto& state : loaded_.program.states) sum += state.committed;
    return sum;
  }
  std::size_t footprint() const { return loaded_.program.states_mapping.pages().size(); }
  std::string audit() const { return kernel::audit(loaded_.program); }
  std::string describe() const { return "nothing can block"; }

 private:
  kernel::Loaded loaded_;
};

inline constexpr std::array kOptions{kernel::kDriver, kernel::kBatch};

inline constexpr Row row = kernel::make_row(
    "kernel_null", "a BPF program that sends its events nowhere: the kernel's floor", Layout::none,
    kOptions);

template <class Visitor>
decltype(auto) with_variant(const Options& options, Visitor&& visitor) {
  return kernel::with_producer<KernelNull>(options, visitor);
}

}  // namespace ringbench::kernel_null
