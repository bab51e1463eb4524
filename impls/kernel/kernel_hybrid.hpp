// BPF ring buffers, one for N CPUs, in an array of maps (BPF_MAP_TYPE_ARRAY_OF_MAPS): each producer
// looks its ring up.
#pragma once

#include <array>

#include "impls/grouping.hpp"
#include "impls/kernel/ring_transport.hpp"

namespace ringbench::kernel_hybrid {

template <class Producer>
class KernelHybrid : public kernel::RingTransport<Producer> {
 public:
  KernelHybrid(const Geometry& geometry, const Options& options)
      : kernel::RingTransport<Producer>(kernel::load_kernel_hybrid, geometry, options) {}
};

inline constexpr std::array kOptions{kCpusPerRing,           kMapping,
                                     kernel::kRingDriver,    kernel::kInterruptEvery,
                                     kernel::kBatch,         kernel::kCall,
                                     kernel::kSource,        kernel::kRingNotify,
                                     kNotifyEvery,           kernel::kNotifyBytes,
                                     kernel::kRingOverwrite, kernel::kReader};

inline constexpr Row row = kernel::make_row(
    "kernel_hybrid", "the kernel's BPF ring buffer, one for N CPUs", Layout::grouped, kOptions);

template <class Visitor>
decltype(auto) with_variant(const Options& options, Visitor&& visitor) {
  return kernel::with_producer<KernelHybrid>(options, visitor);
}

}  // namespace ringbench::kernel_hybrid
