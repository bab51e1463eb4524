#include "impls/kernel/options.hpp"

#include <fmt/format.h>
#include <linux/bpf.h>
#include <linux/capability.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <random>
#include <system_error>

#include "impls/kernel/interrupter.hpp"
#include "impls/kernel/libbpf.hpp"
#include "impls/record_limits.hpp"

namespace ringbench::kernel {
namespace {

// A map's size is a 32-bit number, and a ring's a power of two.
constexpr std::size_t kMostRingBytes = std::size_t{1} << 31;

std::string value_of(const Options& options, const OptionSpec& spec) {
  const auto found = options.find(spec.key);
  return found == options.end() ? std::string() : found->second;
}

// Of this thread. A kernel that does not know a capability (CAP_BPF before 5.8) has it not.
bool has_capability(unsigned capability) {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  std::array<__user_cap_data_struct, 2> data{};
  if (syscall(SYS_capget, &header, data.data()) != 0) return false;
  return (data[capability / 32].effective >> capability % 32 & 1) != 0;
}

std::string kernel_release() {
  utsname name{};
  uname(&name);
  return name.release;
}

// 0, or the errno with which the kernel refuses a ring of a page.
int try_ring(std::uint32_t flags) {
  bpf_attr attr{};
  attr.map_type = BPF_MAP_TYPE_RINGBUF;
  attr.max_entries = static_cast<__u32>(sysconf(_SC_PAGESIZE));
  attr.map_flags = flags;
  const auto fd = syscall(__NR_bpf, BPF_MAP_CREATE, &attr, sizeof attr);
  if (fd < 0) return errno;
  close(static_cast<int>(fd));
  return 0;
}

std::string find_reason() {
  if (auto why = not_built(); !why.empty()) return why;
  const bool may_load = has_capability(CAP_BPF) && has_capability(CAP_PERFMON);
  if (!may_load && !has_capability(CAP_SYS_ADMIN)) {
    return "this process may not load tracing BPF programs: run it as root, or with CAP_BPF and "
           "CAP_PERFMON (setcap cap_bpf,cap_perfmon+ep on the binary)";
  }
  if (const int error = try_ring(0); error != 0) {
    return fmt::format(
        "this kernel ({}) makes no BPF ring buffer: {}; it takes Linux 5.8 or later with "
        "CONFIG_BPF_SYSCALL, outside a container that forbids bpf(2)",
        kernel_release(), std::strerror(error));
  }
  return {};
}

bool copies_payload(const Options& options) {
  return options.contains(kSource.key) && value_of(options, kCall) != "reserve";
}

wakeup wakeup_of(const std::string& word) {
  if (word == "never") return WAKE_NEVER;
  if (word == "always") return WAKE_ALWAYS;
  if (word == "sampled") return WAKE_SAMPLED;
  if (word == "bytes") return WAKE_BYTES;
  return WAKE_ADAPTIVE;
}

}  // namespace

std::uint32_t most_bytes(const Options& options) {
  if (options.contains(kReader.key) && !copies_payload(options)) return UINT32_MAX;
  return value_of(options, kSource) == "stack" ? MOST_ON_STACK : MOST_IN_SCRATCH;
}

program_settings settings_of(const Geometry& geometry, const Options& options,
                             std::uint32_t overhead) {
  program_settings settings{};
  const auto& [size, stamps, line] = geometry.events;
  settings.record_size = size;
  settings.stamps = stamps ? 1 : 0;
  settings.base_ns = line.base_ns;
  settings.base_ticks = line.base_ticks;
  settings.ticks_per_ns =
      static_cast<std::uint64_t>(std::llround(std::ldexp(line.ticks_per_ns, STAMP_SHIFT)));
  settings.wakeup = wakeup_of(value_of(options, kRingNotify));
  settings.wakeup_every = options.contains(kNotifyEvery.key) ? number(options, kNotifyEvery) : 0;
  settings.wakeup_bytes = options.contains(kNotifyBytes.key) ? number(options, kNotifyBytes) : 0;
  if (copies_payload(options)) {
    settings.source = value_of(options, kSource) == "stack" ? ON_STACK : IN_SCRATCH;
  }
  // Records are multiples of 8, and no buffer is full to its last byte.
  const std::uint64_t record = (std::uint64_t{size} + overhead + 7) / 8 * 8;
  settings.too_big = geometry.rings > 0 && record >= geometry.ring_bytes ? 1 : 0;
  settings.mask = static_cast<std::uint32_t>(geometry.ring_bytes - 1);
  settings.interrupted =
      uses_interrupts(options) ? static_cast<std::uint32_t>(geometry.ring_of.size()) : 0;
  settings.chained = makes_chains(options) ? 1 : 0;
  settings.token = (std::uint64_t{std::random_device{}()} << 32 | std::random_device{}()) | 1;
  return settings;
}

std::string unavailable() {
  static const std::string why = find_reason();
  return why;
}

bool makes_chains(const Options& options) {
  return value_of(options, kDriver) == "lifecycle";
}

bool uses_interrupts(const Options& options) {
  const auto driver = value_of(options, kDriver);
  return driver == "nmi" || driver == "timer";
}

std::string unfit(const Options& options, const Demands& demands) {
  if (demands.chains || demands.races) {
    return "a BPF program makes its events by itself, not when a producer here hands one on or "
           "has updated something: set arrival to something else than \"chain\" and \"race\"";
  }
  if (uses_interrupts(options) && demands.paced) {
    return "interrupts come every interrupt_every: set arrival = \"saturate\" with driver = "
           "\"nmi\" or \"timer\"";
  }
  if (uses_interrupts(options) && value_of(options, kCall) == "output") {
    return "a thread that is interrupted discards its records, which bpf_ringbuf_output cannot: "
           "set "
           "call = \"reserve\" with driver = \"nmi\" or \"timer\"";
  }
  if (uses_interrupts(options) && demands.oversubscribed) {
    return "an interrupt belongs to the producer of its CPU: set oversubscribe = false";
  }
  if (value_of(options, kDriver) == "nmi" && !has_interrupting_counter()) {
    return "this machine has no hardware counter that interrupts (perf_event_open of CPU cycles "
           "fails): run on bare metal, or in a guest that has a virtual PMU; driver = \"timer\" "
           "runs everywhere";
  }
  if (makes_chains(options) && demands.paced) {
    return "processes are spawned one after the other, as fast as it goes: set arrival = "
           "\"saturate\" with driver = \"lifecycle\"";
  }
  if (makes_chains(options) && demands.record_size < kLinkedRecord) {
    return fmt::format("a record of a chain has {} bytes at least: make record_size larger",
                       kLinkedRecord);
  }
  if (makes_chains(options) && demands.oversubscribed) {
    return "a producer is a CPU with driver = \"lifecycle\": set oversubscribe = false";
  }
  if (demands.ring_bytes > kMostRingBytes) {
    return fmt::format("the kernel makes no buffer of {} bytes, {} at most: make bytes smaller",
                       demands.ring_bytes, kMostRingBytes);
  }
  if (demands.mixed_sizes) {
    return "a BPF program here sends records of one size, which the verifier must know: set "
           "sizes = \"fixed\"";
  }
  if (const auto most = most_bytes(options); demands.record_size > most) {
    return fmt::format(
        "a payload of {} bytes does not fit where it is made before it is copied, which has {} "
        "bytes: make record_size smaller{}",
        demands.record_size, most, most == MOST_ON_STACK ? ", or set source = \"scratch\"" : "");
  }
  if (demands.bounded_drain && value_of(options, kReader) == "libbpf") {
    return "libbpf's consume has no bound, so budget must be 0 with reader = \"libbpf\"; reader = "
           "\"mapped\" keeps a budget";
  }
  if (demands.interleaved) {
    return "the kernel puts a ring's pages on one NUMA node: set ring_memory to something else "
           "than \"interleave\"";
  }
  if (value_of(options, kOverwriteOption) == "on") {
    if (!demands.reads_after_window) {
      return "a reader cannot tell a record of an overwriting BPF ring buffer from one that is "
             "being replaced: set poll = \"after_window\"";
    }
    if (try_ring(kRingOverwriteFlag) != 0) {
      return fmt::format("this kernel ({}) has no BPF_F_RB_OVERWRITE: it takes Linux 6.19",
                         kernel_release());
    }
  }
  return {};
}

}  // namespace ringbench::kernel
