// How the consumer learns of data: the words of the config and the flags they become at each
// commit.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "impls/transport.hpp"

namespace ringbench {

inline constexpr OptionSpec kNotifyEvery{
    .key = "notify_every",
    .summary = "with notify = sampled: one wake-up in so many records",
    .fallback = "100",
    .min = 1,
    .max = 1'000'000'000,
    .when = {{{"notify", {"sampled"}}}}};

inline constexpr std::array<std::string_view, 2> kOffOn{"off", "on"};
inline constexpr OptionSpec kOverwriteOption{
    .key = "overwrite",
    .summary = "on: a full buffer gives up its oldest records instead of refusing the newest",
    .fallback = "off",
    .allowed = kOffOn};

inline bool overwrites(const Options& options) {
  return option(options, kOverwriteOption) == "on";
}

// What one commit asks for: the buffer's own rule, BPF_RB_FORCE_WAKEUP, or BPF_RB_NO_WAKEUP.
enum class Wakeup : std::uint8_t { rule, force, suppress };

// The option `notify` once it has been read.
struct NotifyRule {
  explicit NotifyRule(const Options& options);
  Wakeup wakeup = Wakeup::rule;  // of a record that is not sampled
  std::uint64_t every = 0;       // one record in so many is forced; 0: none
};

// Whether the rule promises that a commit wakes a consumer which sleeps since ready_to_wait() let
// it. False where it sleeps over data by design, and where the record it waits for may be
// overwritten.
bool wakes_every_sleeper(const Options& options);

// One producer's place in its rule.
class WakeupChoice {
 public:
  explicit WakeupChoice(const NotifyRule& rule) : rule_(rule), left_(rule.every) {}
  Wakeup next() {
    if (rule_.every == 0 || --left_ != 0) return rule_.wakeup;
    left_ = rule_.every;
    return Wakeup::force;
  }

 private:
  NotifyRule rule_;
  std::uint64_t left_;
};

}  // namespace ringbench
