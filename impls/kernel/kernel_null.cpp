#include "generated/kernel_null.skel.h"
#include "impls/kernel/object.hpp"

namespace ringbench::kernel {

Loaded load_kernel_null(const Geometry& geometry, const Options& options) {
  return {load_object<kernel_null_bpf>(
              geometry, options, 0, [](auto&) {}, [](auto&) {})
              .first,
          {}};
}

}  // namespace ringbench::kernel
