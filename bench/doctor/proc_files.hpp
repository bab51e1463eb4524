// Small files of /proc and /sys as text.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace ringbench {

// First line; `missing` where the file cannot be read or is empty.
std::string first_line(const std::filesystem::path& file, const std::string& missing);
std::optional<double> number_in(const std::filesystem::path& file);  // that the file begins with
std::vector<std::string> lines_of(const std::filesystem::path& file);
std::optional<double> number_of(const std::string& text);    // that the text begins with
std::vector<std::string> words_of(const std::string& line);  // separated by blanks

// Value of the first line "key ... : value", as /proc/cpuinfo has it; "unknown" without one.
std::string value_of(const std::vector<std::string>& lines, const std::string& key);

// Entries of a folder by name; none where there is no such folder, or it may not be read.
std::vector<std::filesystem::path> entries_of(const std::filesystem::path& folder);

}  // namespace ringbench
