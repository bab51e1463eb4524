// The options that the kernel's transports share, and what they mean to a program.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "impls/kernel/abi.h"
#include "impls/notify.hpp"
#include "impls/transport.hpp"

namespace ringbench::kernel {

inline constexpr std::array<std::string_view, 3> kDriverNames{"test_run", "syscall", "lifecycle"};
inline constexpr OptionSpec kDriver{
    .key = "driver",
    .summary =
        "what runs the program: a call of bpf(2) for a batch of events; a system call for "
        "each; or the fork, exec and exit of processes that are spawned",
    .fallback = "test_run",
    .allowed = kDriverNames};

// Where a reserve can be tried in an interrupt.
inline constexpr std::array<std::string_view, 5> kRingDriverNames{"test_run", "syscall",
                                                                  "lifecycle", "nmi", "timer"};
inline constexpr OptionSpec kRingDriver{
    .key = kDriver.key,
    .summary =
        "what runs the program: a call of bpf(2) for a batch of events; a system call for "
        "each; the fork, exec and exit of processes that are spawned; a hardware counter's "
        "interrupt, which may only try the ring's lock, while threads reserve and discard; "
        "or a timer's, which the lock holds off",
    .fallback = "test_run",
    .allowed = kRingDriverNames};
inline constexpr OptionSpec kInterruptEvery{
    .key = "interrupt_every",
    .summary = "with driver = nmi: core cycles between two interrupts; timer: ns",
    .fallback = "100000",
    .min = 1'000,
    .max = 1'000'000'000,
    .when = {{{"driver", {"nmi", "timer"}}}}};

inline constexpr OptionSpec kBatch{.key = "batch",
                                   .summary = "most events of a call",
                                   .fallback = "64",
                                   .min = 1,
                                   .max = MOST_EVENTS,
                                   .when = {{{"driver", {"test_run", "nmi", "timer"}}}},
                                   .idle = "1"};

inline constexpr std::array<std::string_view, 2> kReaderNames{"mapped", "libbpf"};
inline constexpr OptionSpec kReader{
    .key = "reader",
    .summary =
        "who reads: ours over the mapped pages, which can stop at a budget, or libbpf's "
        "consume, which stops when nothing is left",
    .fallback = "mapped",
    .allowed = kReaderNames};

inline constexpr std::array<std::string_view, 2> kSourceNames{"stack", "scratch"};
inline constexpr OptionSpec kSource{
    .key = "source",
    .summary =
        "where a payload is made that is then copied: the program's stack, or a per-CPU "
        "array",
    .fallback = "scratch",
    .allowed = kSourceNames,
    .when = {{{"call", {"output"}}}}};

inline constexpr std::array<std::string_view, 2> kCallNames{"reserve", "output"};
inline constexpr OptionSpec kCall{
    .key = "call",
    .summary = "bpf_ringbuf_reserve and submit, or bpf_ringbuf_output of a payload made elsewhere",
    .fallback = "reserve",
    .allowed = kCallNames};

inline constexpr std::array<std::string_view, 5> kRingNotifyNames{"adaptive", "always", "never",
                                                                  "sampled", "bytes"};
inline constexpr OptionSpec kRingNotify{
    .key = "notify",
    .summary = "when a commit wakes the consumer; bytes: when so many are unread",
    .fallback = "adaptive",
    .allowed = kRingNotifyNames};
inline constexpr OptionSpec kNotifyBytes{
    .key = "notify_bytes",
    .summary = "with notify = bytes: unread bytes (BPF_RB_AVAIL_DATA) from which each commit wakes",
    .fallback = "4096",
    .min = 1,
    .max = std::uint64_t{1} << 40,
    .when = {{{"notify", {"bytes"}}}}};

// BPF_F_RB_OVERWRITE of Linux 6.19, which older headers do not have.
inline constexpr std::uint32_t kRingOverwriteFlag = 1U << 19;

// Where the program makes a payload of that many bytes at most.
std::uint32_t most_bytes(const Options& options);

// What every program is told. `overhead`: bytes of a record in front of its payload. The wake-ups
// are the ring buffer's.
program_settings settings_of(const Geometry& geometry, const Options& options,
                             std::uint32_t overhead);

// For Row: why this kernel, this build or this process cannot run BPF programs; the same for all.
std::string unavailable();
std::string unfit(const Options& options, const Demands& demands);
bool makes_chains(const Options& options);
bool uses_interrupts(const Options& options);

}  // namespace ringbench::kernel
