// "Did you mean ...?": the known word that a misspelt one was most likely meant to be.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace ringbench {

// Damerau-Levenshtein distance in its restricted form (optimal string alignment): insertions,
// deletions, substitutions and swaps of neighbours, each of which costs 1. Counts bytes.
std::size_t edit_distance(std::string_view a, std::string_view b);

// The candidate closest to `word` without regard to ASCII case, if it is close enough to be a typo
// (one edit in three letters, at least one); else empty. Of equally close ones, the first.
std::string_view closest(std::string_view word, std::span<const std::string_view> candidates);

// "; did you mean "x"?", or empty.
std::string suggestion(std::string_view word, std::span<const std::string_view> candidates);

}  // namespace ringbench
