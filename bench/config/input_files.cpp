#include "bench/config/input_files.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <stdexcept>

#include "bench/config/config_errors.hpp"
#include "bench/config/fingerprint.hpp"

namespace ringbench {
namespace {

// Some millions of events; the store keeps the text too.
constexpr std::size_t kLargestInput = std::size_t{64} << 20;

}  // namespace

std::string read_file(const std::string& path, std::size_t most) {
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored)) throw std::runtime_error("it is a directory");
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  if (!file.is_open()) throw std::runtime_error(std::strerror(errno));
  std::string text;
  // Piece by piece: the path may be a device without an end.
  std::string piece(std::size_t{1} << 16, '\0');
  while (text.size() <= most && file) {
    file.read(piece.data(), static_cast<std::streamsize>(piece.size()));
    text.append(piece, 0, static_cast<std::size_t>(file.gcount()));
  }
  if (file.bad()) throw std::runtime_error(std::strerror(errno));
  if (text.size() > most) {
    throw std::runtime_error(fmt::format("it is larger than {} MiB", most >> 20));
  }
  return text;
}

const std::string* InputFiles::text(const std::string& path, const Report& report) {
  const auto known = texts_.find(path);
  if (known != texts_.end()) return &known->second;
  try {
    return &texts_.emplace(path, read_file(std::filesystem::path(folder_) / path, kLargestInput))
                .first->second;
  } catch (const std::runtime_error& error) {
    report(
        fmt::format("found {}, which cannot be read: {}; allowed: the path of a CSV file, from "
                    "the folder of the config on",
                    ringbench::quoted(path), error.what()));
    return nullptr;
  }
}

template <class T, class Parse>
std::optional<FromFile<T>> InputFiles::read(std::map<std::string, FromFile<T>>& known,
                                            const std::string& path, const Report& report,
                                            Parse parse) {
  if (const auto found = known.find(path); found != known.end()) return found->second;
  const std::string* const content = text(path, report);
  if (content == nullptr) return std::nullopt;
  CsvProblems problems;
  auto parsed = parse(*content, problems);
  for (const auto& problem : problems.texts()) {
    report(fmt::format("{}:{}", printable(path), problem));
  }
  if (!parsed) return std::nullopt;
  FromFile<T> file{std::filesystem::path(path).stem().string(), fingerprint(*content),
                   std::make_shared<const T>(*std::move(parsed))};
  return known.emplace(path, std::move(file)).first->second;
}

std::optional<FromFile<Trace>> InputFiles::trace(const std::string& path, const Report& report) {
  return read(traces_, path, report, parse_trace);
}

std::optional<FromFile<SizeList>> InputFiles::size_list(const std::string& path,
                                                        const Report& report) {
  return read(size_lists_, path, report, parse_size_list);
}

}  // namespace ringbench
