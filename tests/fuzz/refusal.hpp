// What must come of any input: a result, or a refusal in a sentence that says where.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <ctime>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "bench/config/config.hpp"

// hwloc leaves some hundred bytes behind where it refuses a machine.
extern "C" [[gnu::used]] inline const char* __lsan_default_suppressions() {
  return "leak:libhwloc";
}

namespace ringbench::fuzz {

inline std::string text_of(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

// "PATH:LINE:COLUMN: KEY: ..."
inline bool has_position(std::string_view sentence, std::string_view path) {
  if (!sentence.starts_with(path)) return false;
  sentence.remove_prefix(path.size());
  for (int number = 0; number < 2; ++number) {
    if (!sentence.starts_with(':')) return false;
    sentence.remove_prefix(1);
    const auto digits = sentence.find_first_not_of("0123456789");
    if (digits == 0 || digits == std::string_view::npos) return false;
    sentence.remove_prefix(digits);
  }
  return sentence.starts_with(": ");
}

[[noreturn]] inline void fail(std::string_view why) {
  fmt::print(stderr, "fuzz: {}\n", why);
  std::abort();
}

// hwloc takes its time over machines of thousands of CPUs: what is made of such an input would have
// most of the fuzzer's, and is no more telling.
#if __has_feature(address_sanitizer)
constexpr double kLongCpuSeconds = 0.03;
#else
constexpr double kLongCpuSeconds = 0.003;
#endif
constexpr double kLongSeconds = 0.1;  // others may use the CPU; a child process may be waited for
constexpr unsigned kSeeds = 500;      // come first: all are kept, and pay for what is made once

class Stopwatch {
 public:
  bool is_long() const {
    return seconds_of(CLOCK_PROCESS_CPUTIME_ID) - cpu_ > kLongCpuSeconds ||
           seconds_of(CLOCK_MONOTONIC) - wall_ > kLongSeconds;
  }

 private:
  static double seconds_of(clockid_t clock) {
    timespec now{};
    clock_gettime(clock, &now);
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
  }

  double cpu_ = seconds_of(CLOCK_PROCESS_CPUTIME_ID), wall_ = seconds_of(CLOCK_MONOTONIC);
};

// What is thrown beside these two kinds ends the process. `others`: where else a position may be.
// Returns what LLVMFuzzerTestOneInput does: -1 where nothing shall be made of the input.
template <class Read>
int read_or_refuse(const std::string& path, Read read,
                   const std::vector<std::string>& others = {}) {
  const Stopwatch stopwatch;
  try {
    read();
  } catch (const ConfigError& error) {
    if (error.errors().empty()) fail("a refusal without a sentence");
    for (const auto& sentence : error.errors()) {
      const auto is_in = [&](const std::string& place) { return has_position(sentence, place); };
      if (!is_in(path) && std::ranges::none_of(others, is_in))
        fail(fmt::format("no position: {}", sentence));
    }
  } catch (const std::runtime_error& error) {
    if (std::string_view(error.what()).find(path) == std::string_view::npos)
      fail(fmt::format("no file: {}", error.what()));
  }
  static unsigned inputs = 0;
  return ++inputs > kSeeds && stopwatch.is_long() ? -1 : 0;
}

}  // namespace ringbench::fuzz
