// What a ring shared by all producers (impls/ringbuf.hpp) can be told, and in what it then departs
// from the kernel's.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "impls/drop_counters.hpp"
#include "impls/interruption.hpp"
#include "impls/locks.hpp"
#include "impls/notify.hpp"
#include "impls/transport.hpp"

namespace ringbench::ringbuf {

// The one thing that changes the code path of every event.
enum class Departure : std::uint8_t {
  none,
  overwrite,         // a full ring gives up its oldest records (BPF_F_RB_OVERWRITE)
  release_commit,    // commit by a release store: no full barrier before the look at consumer_pos
  control_position,  // reserve reads consumer_pos without acquire
  in_band,           // a record's header says how many were refused before it
  guarded            // a reservation is marked, for who interrupts it
};

inline constexpr std::array<std::string_view, 2> kOnOff{"on", "off"};
inline constexpr OptionSpec kConsumerFence{
    .key = "consumer_fence",
    .summary =
        "whether a consumer that is about to sleep puts a full barrier between its position "
        "and its last look; off can lose a wake-up",
    .fallback = "on",
    .allowed = kOnOff,
    .silent_at_fallback = true};

inline constexpr std::array<std::string_view, 4> kNotifyNames{"adaptive", "always", "never",
                                                              "sampled"};
inline constexpr OptionSpec kNotify{.key = "notify",
                                    .summary =
                                        "when a commit wakes the consumer; adaptive: only if it "
                                        "stood exactly at this record",
                                    .fallback = "adaptive",
                                    .allowed = kNotifyNames};
inline constexpr std::array<std::string_view, 2> kCommitNames{"xchg", "release"};
inline constexpr OptionSpec kCommit{
    .key = "commit",
    .summary =
        "how a record is made visible: by an exchange, which is a full barrier, or by a "
        "release store, which can lose a wake-up",
    .fallback = "xchg",
    .allowed = kCommitNames,
    .silent_at_fallback = true};
inline constexpr std::array<std::string_view, 2> kPositionLoadNames{"acquire", "control"};
inline constexpr OptionSpec kPositionLoad{
    .key = "position_load",
    .summary =
        "how reserve reads the consumer's position: with acquire, or plainly, its stores "
        "behind a branch on it",
    .fallback = "acquire",
    .allowed = kPositionLoadNames,
    .silent_at_fallback = true};
inline constexpr std::array kOptions{
    kLockOption,    kNotify,       kNotifyEvery, kOverwriteOption, kCommit,
    kConsumerFence, kPositionLoad, kAccounting,  kInterrupted,     kInterruptedTries};

// What of the options is a departure.
inline Departure departure_of(const Options& options) {
  if (overwrites(options)) return Departure::overwrite;
  if (option(options, kCommit) == "release") return Departure::release_commit;
  if (option(options, kPositionLoad) == "control") return Departure::control_position;
  if (option(options, kAccounting) == "in_band") return Departure::in_band;
  if (option(options, kInterrupted) == "guard") return Departure::guarded;
  return Departure::none;
}

// One thing at a time; and each of them is compiled for one lock alone, but for overwrite.
inline std::string refuse(const Options& options) {
  const std::array departs{overwrites(options), option(options, kCommit) == "release",
                           option(options, kPositionLoad) == "control",
                           option(options, kAccounting) == "in_band",
                           option(options, kInterrupted) == "guard"};
  if (std::ranges::count(departs, true) > 1) {
    return "overwrite = on, commit = release, position_load = control, accounting = in_band and "
           "interrupted = guard each change the ring's own path, and their worth can be told only "
           "one at a time; leave the others out";
  }
  const bool one = std::ranges::count(departs, true) == 1 && !overwrites(options);
  if (one && option(options, kLockOption) != "mcs") {
    return "commit = release, position_load = control, accounting = in_band and interrupted = "
           "guard are there for lock = mcs";
  }
  return {};
}

// The exchange of publish() and the store of producer_pos; in overwrite mode that of overwrite_pos.
inline Atomics atomics(const Options& options) {
  Atomics of_ring{.xchg = 1, .release_store = overwrites(options) ? 2.0 : 1.0};
  if (option_or_fallback(options, kCommit) == "release") of_ring = {.release_store = 2};
  return atomics_of_lock(options) + of_ring;
}

}  // namespace ringbench::ringbuf
