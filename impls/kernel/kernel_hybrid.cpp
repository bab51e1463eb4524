#include "generated/kernel_hybrid.skel.h"
#include "impls/kernel/object.hpp"

namespace ringbench::kernel {
namespace {

// `flags`: those of the outer map's template, which every inner map must have.
Descriptor make_ring(const Geometry& geometry, unsigned ring, __u32 flags) {
  LIBBPF_OPTS(bpf_map_create_opts, opts);
  opts.map_flags = flags;
  if ((opts.map_flags & BPF_F_NUMA_NODE) != 0) opts.numa_node = geometry.nodes[ring].front();
  const int fd = bpf_map_create(BPF_MAP_TYPE_RINGBUF, "ring", 0, 0,
                                static_cast<__u32>(geometry.ring_bytes), &opts);
  if (fd < 0) refuse("the kernel does not make a BPF ring buffer", fd);
  return Descriptor(fd);
}

}  // namespace

Loaded load_kernel_hybrid(const Geometry& geometry, const Options& options) {
  struct Rings {
    std::shared_ptr<void> object;
    std::vector<Descriptor> fds;
  };
  auto rings = std::make_shared<Rings>();
  __u32 flags = 0;
  const auto prepare = [&](kernel_hybrid_bpf& opened) {
    bpf_map__set_max_entries(opened.maps.ring_of, static_cast<__u32>(geometry.ring_of.size()));
    bpf_map* const pattern = bpf_map__inner_map(opened.maps.ring_of);
    prepare_ring(pattern, geometry, options, 0);
    flags = bpf_map__map_flags(pattern);
  };
  const auto fill = [&](kernel_hybrid_bpf& loaded) {
    for (unsigned r = 0; r < geometry.rings; ++r) {
      rings->fds.push_back(make_ring(geometry, r, flags));
    }
    for (__u32 p = 0; p < geometry.ring_of.size(); ++p) {
      const int fd = rings->fds[geometry.ring_of[p]].get();
      if (const int error = bpf_map_update_elem(bpf_map__fd(loaded.maps.ring_of), &p, &fd, BPF_ANY);
          error != 0) {
        refuse("the kernel does not take a ring into the array of rings", error);
      }
    }
  };
  Loaded loaded{
      load_object<kernel_hybrid_bpf>(geometry, options, BPF_RINGBUF_HDR_SZ, prepare, fill).first,
      {}};
  for (const auto& fd : rings->fds) loaded.map_fds.push_back(fd.get());
  rings->object = std::move(loaded.program.object);
  loaded.program.object = std::move(rings);
  return loaded;
}

}  // namespace ringbench::kernel
