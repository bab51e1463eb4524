// Bytes as people write them: "64 KiB".
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace ringbench::planner {

inline constexpr std::uint64_t kPageBytes = 4096;

// "5 MiB", "1.5 KiB", "640KiB", "300 B", "300"; nothing: it is no size, or no whole number of
// bytes.
std::optional<double> bytes_from_text(std::string_view text);

// Exact, as a layout's name and what is pasted need it: the largest unit that leaves a whole
// number, "5 MiB", "640 KiB", "65537 B". To three digits: in_bytes (number_words.hpp).
std::string text_of_bytes(std::uint64_t bytes);

}  // namespace ringbench::planner
