#include "planner/layout.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <bit>
#include <cmath>

#include "planner/sizes.hpp"

namespace ringbench::planner {
namespace {

// A BPF ring besides its data: struct bpf_ringbuf's own page, the consumer's and the producer's
// (RINGBUF_PGOFF + RINGBUF_POS_PAGES in kernel/bpf/ringbuf.c). The first is not mapped by a reader.
constexpr std::uint64_t kRingControlPages = 3;
constexpr std::uint64_t kRingMappedControlPages = 2;
// A perf buffer besides its data: struct perf_event_mmap_page.
constexpr std::uint64_t kPerfControlPages = 1;

constexpr double kAlignment = 8;
constexpr double kRingHeader = 8;      // struct bpf_ringbuf_hdr
constexpr double kPerfHeader = 8 + 4;  // struct perf_event_header, and the raw sample's size

std::string ring_choice(const Layout& layout) {
  if (layout.cpus_per_ring == 1) return "ring = p";
  if (layout.mapping == "modulo") return fmt::format("ring = p % {}", layout.rings);
  if (layout.mapping == "contiguous") return fmt::format("ring = p / {}", layout.cpus_per_ring);
  return fmt::format("ring = ((const __u32[]){{{}}})[p]", fmt::join(layout.ring_of_cpu, ", "));
}

// What a layout's threads read, where there are several.
std::string thread_choice(const Layout& layout) {
  return layout.kind == Kind::perf
             ? fmt::format(
                   "// {0} threads: number t reads perf_buffer__consume_buffer(pb, i) for "
                   "each i with i % {0} == t",
                   layout.consumers)
             : fmt::format(
                   "// {0} threads: number t has a ring_buffer__new() of its own, of each "
                   "ring i with i % {0} == t",
                   layout.consumers);
}

}  // namespace

double bytes_of_record(Kind kind, double record_size) {
  const double header = kind == Kind::perf ? kPerfHeader : kRingHeader;
  return std::ceil((header + std::ceil(record_size)) / kAlignment) * kAlignment;
}

double records_held(const Layout& layout, double record_size) {
  return std::floor(static_cast<double>(layout.ring_bytes) /
                    bytes_of_record(layout.kind, record_size));
}

std::uint64_t settable_bytes(const Layout& layout) {
  return std::bit_ceil(std::max(layout.ring_bytes, kPageBytes));
}

Memory memory_of(const Layout& layout) {
  const auto data = settable_bytes(layout) / kPageBytes;
  Memory pages;
  if (layout.kind == Kind::perf) {
    pages.held = pages.mapped = data + kPerfControlPages;
  } else {
    pages.held = data + kRingControlPages;
    pages.mapped = 2 * data + kRingMappedControlPages;
  }
  Memory memory;
  memory.held = pages.held * kPageBytes * layout.rings;
  memory.mapped = pages.mapped * kPageBytes * layout.rings;
  memory.resident = memory.mapped;  // the reader has touched all of it once it went round
  return memory;
}

std::vector<std::string> settings_of(const Layout& layout) {
  const auto bytes = settable_bytes(layout);
  std::vector<std::string> lines;
  if (bytes != layout.ring_bytes) {
    lines.push_back(
        fmt::format("// the kernel takes powers of two of pages: {} for the {} asked for",
                    text_of_bytes(bytes), text_of_bytes(layout.ring_bytes)));
  }
  const auto size = text_of_bytes(bytes);
  switch (layout.kind) {
    case Kind::shared:
      lines.push_back(fmt::format(
          "bpf_map__set_max_entries(map, {});  // {}; between open and load", bytes, size));
      break;
    case Kind::rings:
      lines.push_back(fmt::format(
          "bpf_map__set_max_entries(outer, {});  // BPF_MAP_TYPE_ARRAY_OF_MAPS; between open and "
          "load",
          layout.rings));
      lines.push_back(fmt::format(
          "bpf_map__set_max_entries(bpf_map__inner_map(outer), {});  // the inner rings' template",
          bytes));
      lines.push_back(fmt::format(
          "fd = bpf_map_create(BPF_MAP_TYPE_RINGBUF, NULL, 0, 0, {}, NULL);  // for each i below "
          "{}: a ring of {}",
          bytes, layout.rings, size));
      lines.push_back("bpf_map_update_elem(bpf_map__fd(outer), &i, &fd, BPF_ANY);");
      lines.push_back(fmt::format("// in the program, of the CPU at place p of the plan's CPUs: {}",
                                  ring_choice(layout)));
      break;
    case Kind::perf:
      lines.push_back(fmt::format(
          "perf_buffer__new(bpf_map__fd(events), {}, on_sample, on_lost, NULL, NULL);  // pages "
          "for each CPU that is online; {} are planned",
          bytes / kPageBytes, layout.rings));
      break;
  }
  if (layout.consumers > 1) lines.push_back(thread_choice(layout));
  return lines;
}

}  // namespace ringbench::planner
