#include "impls/transport.hpp"

#include <charconv>
#include <stdexcept>

#include "impls/notify.hpp"

namespace ringbench {

const std::string& option(const Options& options, const OptionSpec& spec) {
  const auto found = options.find(spec.key);
  if (found == options.end()) {
    throw std::logic_error("option " + std::string(spec.key) +
                           " was not resolved before the transport was made");
  }
  return found->second;
}

std::uint64_t number(const Options& options, const OptionSpec& spec) {
  const auto& text = option(options, spec);
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) {
    throw std::logic_error("option " + std::string(spec.key) + " is no number: " + text);
  }
  return value;
}

std::string_view option_or_fallback(const Options& options, const OptionSpec& spec) {
  const auto found = options.find(spec.key);
  return found == options.end() ? spec.fallback : std::string_view(found->second);
}

NotifyRule::NotifyRule(const Options& options) {
  const auto& word = options.find("notify")->second;
  if (word == "always") wakeup = Wakeup::force;
  if (word == "never") wakeup = Wakeup::suppress;
  if (word == "sampled") {
    wakeup = Wakeup::suppress;
    every = number(options, kNotifyEvery);
  }
}

bool wakes_every_sleeper(const Options& options) {
  const auto is = [&](std::string_view key, std::string_view word) {
    const auto found = options.find(key);
    return found != options.end() && found->second == word;
  };
  if (is("overwrite", "on")) return false;
  return is("notify", "always") || is("notify", "adaptive") ||
         (is("notify", "native") && is("base", "ringbuf"));
}

}  // namespace ringbench
