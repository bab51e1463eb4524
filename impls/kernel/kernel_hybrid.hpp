// BPF ring buffers, one for N CPUs, in an array of maps (BPF_MAP_TYPE_ARRAY_OF_MAPS): each producer
// looks its ring up.
#pragma once

#include <array>

#include "impls/grouping.hpp"
#include "impls/kernel/ring_transport.hpp"

namespace ringbench::kernel_hybrid {

class KernelHybrid : public kernel::RingTransport {
 public:
  KernelHybrid(const Geometry& geometry, const Options& options)
      : RingTransport(kernel::load_kernel_hybrid, geometry, options) {}
};

inline constexpr std::array kOptions{kCpusPerRing,           kMapping,       kernel::kDriver,
                                     kernel::kBatch,         kernel::kCall,  kernel::kSource,
                                     kernel::kRingNotify,    kNotifyEvery,   kernel::kNotifyBytes,
                                     kernel::kRingOverwrite, kernel::kReader};

inline constexpr Row row{.name = "kernel_hybrid",
                         .summary = "the kernel's BPF ring buffer, one for N CPUs",
                         .layout = Layout::grouped,
                         .options = kOptions,
                         .unavailable = kernel::unavailable,
                         .refuse = never_refused,
                         .atomics = no_atomics,
                         .unfit = kernel::unfit};

template <class Visitor>
decltype(auto) with_variant(const Options& /*options*/, Visitor&& visitor) {
  return visitor.template operator()<KernelHybrid>();
}

}  // namespace ringbench::kernel_hybrid
