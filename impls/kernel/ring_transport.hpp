// A transport over BPF ring buffers: one for all producers (kernel_ringbuf) or several
// (kernel_hybrid).
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <numeric>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "impls/kernel/libbpf.hpp"
#include "impls/kernel/mapped_ring.hpp"
#include "impls/kernel/options.hpp"
#include "impls/kernel/process_memory.hpp"
#include "impls/kernel/producers.hpp"
#include "impls/transport.hpp"

namespace ringbench::kernel {

template <class P>
class RingTransport {
 public:
  using Producer = P;
  using Load = Loaded(const Geometry&, const Options&);

  RingTransport(Load load, const Geometry& geometry, const Options& options)
      : loaded_(load(geometry, options)),
        other_maps_(mappings_called(kMapping)),
        overwrites_(overwrites(options)) {
    const bool by_library = option(options, kReader) == "libbpf";
    for (const int fd : loaded_.map_fds) {
      rings_.push_back({MappedRing(fd, geometry.ring_bytes, !by_library),
                        by_library ? make_libbpf_ring(fd) : nullptr});
    }
  }

  Producer producer(unsigned index) { return {loaded_.program, index}; }

  template <Sink S>
  std::size_t consume(unsigned ring, S& sink, std::size_t budget) {
    auto& [mapped, libbpf_ring, consumed] = rings_[ring];
    const auto found = libbpf_ring == nullptr
                           ? mapped.consume(sink, budget)
                           : libbpf_ring->consume([&sink](std::span<const std::byte> record) {
                               sink.record(record);
                             });
    consumed += found;
    return found;
  }

  std::size_t occupancy(unsigned ring) const { return rings_[ring].mapped.occupancy(); }
  // A BPF ring buffer is waited for through its own descriptor, or through libbpf's epoll instance.
  int wait_fd(unsigned ring) const {
    const auto& libbpf_ring = rings_[ring].libbpf_ring;
    return libbpf_ring == nullptr ? loaded_.map_fds[ring] : libbpf_ring->epoll_fd();
  }
  bool ready_to_wait(unsigned ring) { return rings_[ring].mapped.ready_to_wait(); }

  // The kernel keeps no count of what it overwrote: it is what was committed and never delivered.
  std::uint64_t overwritten() const {
    if (!overwrites_) return 0;
    std::uint64_t gone = 0;
    for (const auto& state : loaded_.program.states) gone += state.committed;
    for (const auto& ring : rings_) gone -= ring.consumed;
    return gone;
  }
  std::size_t footprint() const {
    return std::transform_reduce(loaded_.map_fds.begin(), loaded_.map_fds.end(), std::size_t{0},
                                 std::plus<>{}, held_by_map);
  }
  MappedMemory mapped() const { return mapped_as(kMapping, other_maps_); }
  std::span<std::byte> pages(unsigned ring) const {
    const auto& [mapped, libbpf_ring, consumed] = rings_[ring];
    return libbpf_ring == nullptr ? mapped.pages() : std::span<std::byte>();
  }
  std::string audit() const { return kernel::audit(loaded_.program); }
  std::string describe() const {
    std::string text;
    for (std::size_t r = 0; r < rings_.size(); ++r) {
      text += "ring " + std::to_string(r) + ": " + rings_[r].mapped.describe() + "; ";
    }
    return text;
  }

 private:
  // A ring as its consumer has it, on lines of that consumer's own.
  struct alignas(64) ReadRing {
    MappedRing mapped;
    std::unique_ptr<LibbpfRing> libbpf_ring;  // nullptr: ours reads
    std::uint64_t consumed = 0;               // records
  };

  static constexpr std::string_view kMapping = "anon_inode:bpf-map";

  Loaded loaded_;
  std::vector<std::uintptr_t> other_maps_;  // mapped, but no rings: counts and constants
  bool overwrites_;
  std::vector<ReadRing> rings_;
};

inline constexpr OptionSpec kRingOverwrite{
    .key = kOverwriteOption.key,
    .summary = "on: a full ring gives up its oldest records (BPF_F_RB_OVERWRITE, Linux 6.19)",
    .fallback = "off",
    .allowed = kOffOn};

}  // namespace ringbench::kernel
