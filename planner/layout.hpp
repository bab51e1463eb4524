// A way to lay out buffers over the CPUs of a plan.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace ringbench::planner {

// shared: one BPF ring buffer. rings: one for each group of CPUs (ARRAY_OF_MAPS). perf: one perf
// buffer a CPU.
enum class Kind : std::uint8_t { shared, rings, perf };

// Data bytes of one ring or buffer at most: max_entries is a u32, and a power of two.
inline constexpr std::uint64_t kMostRing = std::uint64_t{1} << 31;

struct Layout {
  std::string name;  // "shared 4 MiB", "rings of 8 CPUs (modulo) 8 x 512 KiB"
  Kind kind = Kind::shared;
  unsigned cpus_per_ring = 0;         // 0: all, or whatever the mapping says
  std::string mapping;                // one of kMappingNames (topology/placement.hpp), for `rings`
  std::vector<unsigned> ring_of_cpu;  // by place in the plan's list of CPUs, dense from 0
  unsigned rings = 1;
  unsigned consumers = 1;        // threads; ring r is read by thread r % consumers
  std::uint64_t ring_bytes = 0;  // data bytes of one ring or buffer, as asked for

  std::uint64_t total_bytes() const { return ring_bytes * rings; }
};

// Bytes that a record takes in a buffer. A BPF ring: an 8-byte header and the payload, rounded up
// to 8 (kernel/bpf/ringbuf.c). A perf buffer: struct perf_event_header, the u32 size of the raw
// sample and the payload, rounded up to 8 (perf_event_open(2), PERF_SAMPLE_RAW).
double bytes_of_record(Kind kind, double record_size);

// Whole records that one buffer holds: floor(ring_bytes / bytes_of_record).
double records_held(const Layout& layout, double record_size);

// What `layout` takes of a machine with 4096-byte pages, in bytes.
struct Memory {
  std::uint64_t held = 0;  // page frames that nobody else can use: data and the control pages
  std::uint64_t mapped =
      0;  // virtual, in the process that reads: data of a BPF ring lies there twice
  std::uint64_t resident = 0;  // what its RSS counts once every page has been touched
};
Memory memory_of(const Layout& layout);

// What to paste: the size that the kernel takes (a power of two of pages, at least what was asked
// for) in libbpf's words, one line each.
std::vector<std::string> settings_of(const Layout& layout);
// The ring_bytes that the kernel would take for it.
std::uint64_t settable_bytes(const Layout& layout);

}  // namespace ringbench::planner
