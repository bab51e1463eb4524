#include "bench/doctor/proc_files.hpp"

#include <algorithm>
#include <fstream>
#include <locale>
#include <sstream>
#include <system_error>

namespace ringbench {

std::string first_line(const std::filesystem::path& file, const std::string& missing) {
  std::ifstream stream(file);
  std::string line;
  return std::getline(stream, line) && !line.empty() ? line : missing;
}

std::optional<double> number_in(const std::filesystem::path& file) {
  return number_of(first_line(file, ""));
}

std::optional<double> number_of(const std::string& text) {
  std::istringstream stream(text);
  stream.imbue(std::locale::classic());
  double number = 0;
  return stream >> number ? std::optional(number) : std::nullopt;
}

std::vector<std::string> lines_of(const std::filesystem::path& file) {
  std::ifstream stream(file);
  std::vector<std::string> lines;
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

std::vector<std::string> words_of(const std::string& line) {
  std::istringstream stream(line);
  std::vector<std::string> words;
  for (std::string word; stream >> word;) words.push_back(word);
  return words;
}

std::string value_of(const std::vector<std::string>& lines, const std::string& key) {
  for (const auto& line : lines) {
    const auto colon = line.find(':');
    if (!line.starts_with(key) || colon == std::string::npos) continue;
    const auto value = line.find_first_not_of(" \t", colon + 1);
    return value == std::string::npos ? "" : line.substr(value);
  }
  return "unknown";
}

std::vector<std::filesystem::path> entries_of(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> found;
  std::error_code error;
  for (std::filesystem::directory_iterator at(folder, error), end; !error && at != end;
       at.increment(error)) {
    found.push_back(at->path());
  }
  std::ranges::sort(found);
  return found;
}

}  // namespace ringbench
