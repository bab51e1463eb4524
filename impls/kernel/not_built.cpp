// In the place of everything that uses libbpf, where this build could not have it.
#include <stdexcept>

#include "generated/bpf_support.hpp"
#include "impls/kernel/libbpf.hpp"

namespace ringbench::kernel {
namespace {

[[noreturn]] void refuse() {
  throw std::runtime_error(not_built());
}

}  // namespace

std::string not_built() {
  return kNotBuilt;
}

Loaded load_kernel_null(const Geometry& /*geometry*/, const Options& /*options*/) {
  refuse();
}
Loaded load_kernel_ringbuf(const Geometry& /*geometry*/, const Options& /*options*/) {
  refuse();
}
Loaded load_kernel_hybrid(const Geometry& /*geometry*/, const Options& /*options*/) {
  refuse();
}
Loaded load_kernel_perfbuf(const Geometry& /*geometry*/, const Options& /*options*/) {
  refuse();
}
std::unique_ptr<LibbpfRing> make_libbpf_ring(int /*map_fd*/) {
  refuse();
}
std::unique_ptr<LibbpfPerfBuffer> make_perf_buffer(const PerfBufferPlan& /*plan*/) {
  refuse();
}

}  // namespace ringbench::kernel
