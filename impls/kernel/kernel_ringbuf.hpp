// The kernel's BPF ring buffer (kernel/bpf/ringbuf.c, Documentation/bpf/ringbuf.rst): one for all
// producers.
#pragma once

#include <array>

#include "impls/kernel/ring_transport.hpp"

namespace ringbench::kernel_ringbuf {

template <class Producer>
class KernelRingbuf : public kernel::RingTransport<Producer> {
 public:
  KernelRingbuf(const Geometry& geometry, const Options& options)
      : kernel::RingTransport<Producer>(kernel::load_kernel_ringbuf, geometry, options) {}
};

inline constexpr std::array kOptions{
    kernel::kRingDriver,    kernel::kInterruptEvery, kernel::kBatch, kernel::kCall,
    kernel::kSource,        kernel::kRingNotify,     kNotifyEvery,   kernel::kNotifyBytes,
    kernel::kRingOverwrite, kernel::kReader};

inline constexpr Row row =
    kernel::make_row("kernel_ringbuf", "the kernel's BPF ring buffer, shared by all producers",
                     Layout::shared, kOptions);

template <class Visitor>
decltype(auto) with_variant(const Options& options, Visitor&& visitor) {
  return kernel::with_producer<KernelRingbuf>(options, visitor);
}

}  // namespace ringbench::kernel_ringbuf
