#include "generated/kernel_perfbuf.skel.h"
#include "impls/kernel/object.hpp"

namespace ringbench::kernel {
namespace {

constexpr std::uint32_t kSampleOverhead = 12;  // perf_event_header and a 32-bit size

}  // namespace

Loaded load_kernel_perfbuf(const Geometry& geometry, const Options& options) {
  auto [program, object] = load_object<kernel_perfbuf_bpf>(
      geometry, options, kSampleOverhead,
      [&](kernel_perfbuf_bpf& opened) {
        bpf_map__set_max_entries(opened.maps.events, static_cast<__u32>(geometry.ring_of.size()));
      },
      [](auto&) {});
  return {std::move(program),
          std::vector<int>(geometry.ring_of.size(), bpf_map__fd(object->maps.events))};
}

}  // namespace ringbench::kernel
