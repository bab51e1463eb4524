// All that is asked of libbpf, in one place: where the tools to build BPF programs were missing,
// impls/kernel/not_built.cpp stands for what implements it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "impls/kernel/program.hpp"
#include "impls/transport.hpp"

namespace ringbench::kernel {

// Empty: the programs are part of this binary. Else what was missing, and the mend.
std::string not_built();

// A program and the maps that its consumer reads: of each ring, or of each producer's perf events.
struct Loaded {
  Program program;
  std::vector<int> map_fds;
};

// Each implemented beside its program (NAME.bpf.c). Throw std::runtime_error with a sentence.
Loaded load_kernel_null(const Geometry& geometry, const Options& options);
Loaded load_kernel_ringbuf(const Geometry& geometry, const Options& options);
Loaded load_kernel_hybrid(const Geometry& geometry, const Options& options);
Loaded load_kernel_perfbuf(const Geometry& geometry, const Options& options);

// One delivered thing: a record's bytes as the buffer holds them.
using Deliver = std::function<void(std::span<const std::byte>)>;

// libbpf's ring_buffer over one ring.
class LibbpfRing {
 public:
  virtual ~LibbpfRing() = default;
  // ring_buffer__consume(): until nothing is left. Returns how many records that were.
  virtual std::size_t consume(const Deliver& deliver) = 0;
  virtual int epoll_fd() const = 0;
};
std::unique_ptr<LibbpfRing> make_libbpf_ring(int map_fd);

// libbpf's perf_buffer over the events of one CPU.
struct PerfBufferPlan {
  int map_fd = -1;
  unsigned key = 0;  // in the map
  unsigned cpu = 0;
  std::size_t pages = 0;            // of data
  std::uint32_t wakeup_events = 0;  // or, if 0:
  std::uint32_t wakeup_bytes = 0;   // 0: half the buffer
};
class LibbpfPerfBuffer {
 public:
  virtual ~LibbpfPerfBuffer() = default;
  // perf_buffer__consume_buffer(): all that is there. Each record with its perf_event_header.
  virtual void consume(const Deliver& deliver) = 0;
  virtual int epoll_fd() const = 0;
  // The event itself, which can be waited for; from then on libbpf's instance no longer hears of
  // it.
  virtual int take_event_fd() = 0;
  virtual std::span<std::byte> pages() const = 0;  // perf_event_mmap_page, then the data
  // Records lost, by the kernel's count (PERF_FORMAT_LOST); -1: a kernel before 6.0.
  virtual std::int64_t lost() const = 0;
};
std::unique_ptr<LibbpfPerfBuffer> make_perf_buffer(const PerfBufferPlan& plan);

}  // namespace ringbench::kernel
