#include "generated/kernel_ringbuf.skel.h"
#include "impls/kernel/object.hpp"

namespace ringbench::kernel {

Loaded load_kernel_ringbuf(const Geometry& geometry, const Options& options) {
  auto [program, object] = load_object<kernel_ringbuf_bpf>(
      geometry, options, BPF_RINGBUF_HDR_SZ,
      [&](kernel_ringbuf_bpf& opened) {
        bpf_map__set_max_entries(opened.maps.ring, static_cast<__u32>(geometry.ring_bytes));
        prepare_ring(opened.maps.ring, geometry, options, 0);
      },
      [](auto&) {});
  return {std::move(program), {bpf_map__fd(object->maps.ring)}};
}

}  // namespace ringbench::kernel
