// One ring for N CPUs: between the shared ring (N = all) and the buffer per CPU (N = 1), over
// either kind of ring. Which producers share a ring is the geometry's; see the options below.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "impls/grouping.hpp"
#include "impls/perfbuf.hpp"
#include "impls/ringbuf.hpp"
#include "impls/transport.hpp"

namespace ringbench::hybrid {

inline constexpr std::array<std::string_view, 2> kBaseNames{"ringbuf", "perfbuf"};
inline constexpr OptionSpec kBase{.key = "base",
                                  .summary =
                                      "what each ring is; perfbuf shared by several CPUs is locked "
                                      "from reserve to commit",
                                  .fallback = "ringbuf",
                                  .allowed = kBaseNames};
inline constexpr std::array<std::string_view, 4> kNotifyNames{"native", "always", "never",
                                                              "sampled"};
inline constexpr OptionSpec kNotify{
    .key = "notify",
    .summary =
        "when a commit wakes the consumer; native: adaptive for ringbuf, watermark for perfbuf",
    .fallback = "native",
    .allowed = kNotifyNames};
inline constexpr std::array kOptions{
    kBase,        kCpusPerRing,        kMapping,        kLockOption, kNotify,
    kNotifyEvery, perfbuf::kWatermark, kOverwriteOption};

inline Atomics atomics(const Options& options) {
  if (option(options, kBase) == "ringbuf") return ringbuf::atomics(options);
  return atomics_of_lock(options) + perfbuf::atomics(options);
}

inline constexpr Row row{.name = "hybrid",
                         .summary = "one ring for N CPUs, over ringbuf or perfbuf",
                         .layout = Layout::grouped,
                         .options = kOptions,
                         .unavailable = always_available,
                         .refuse = never_refused,
                         .atomics = atomics};

template <class Visitor>
decltype(auto) with_variant(const Options& options, Visitor&& visitor) {
  return with_lock(options, [&]<class Lock>() -> decltype(auto) {
    const bool overwrite = overwrites(options);
    if (option(options, kBase) == "ringbuf") {
      if (overwrite)
        return visitor
            .template operator()<RingSet<ringbuf::Ring<Lock, ringbuf::Departure::overwrite>>>();
      return visitor.template operator()<RingSet<ringbuf::Ring<Lock>>>();
    }
    if (overwrite) return visitor.template operator()<RingSet<perfbuf::Buffer<Lock, true>>>();
    return visitor.template operator()<RingSet<perfbuf::Buffer<Lock, false>>>();
  });
}

}  // namespace ringbench::hybrid
