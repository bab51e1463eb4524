// The files that a config names: each read once, kept as it was read.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <string>

#include "bench/config/from_file.hpp"
#include "bench/config/size_list.hpp"
#include "bench/config/trace.hpp"

namespace ringbench {

// Content by the path that the config writes.
using InputTexts = std::map<std::string, std::string>;

// The text of a file. Throws std::runtime_error with why it cannot be read; larger than `most`
// bytes is one of the reasons.
std::string read_file(const std::string& path, std::size_t most);

class InputFiles {
 public:
  // Called with what is wrong: "PATH:LINE: ..." or a sentence about the file.
  using Report = std::function<void(const std::string& sentence)>;

  // Paths are relative to `folder`. What `kept` holds is not read from disk.
  InputFiles(std::string folder, InputTexts kept)
      : folder_(std::move(folder)), texts_(std::move(kept)) {}

  std::optional<FromFile<Trace>> trace(const std::string& path, const Report& report);
  std::optional<FromFile<SizeList>> size_list(const std::string& path, const Report& report);

  const InputTexts& texts() const { return texts_; }

 private:
  const std::string* text(const std::string& path, const Report& report);
  template <class T, class Parse>
  std::optional<FromFile<T>> read(std::map<std::string, FromFile<T>>& known,
                                  const std::string& path, const Report& report, Parse parse);

  std::string folder_;
  InputTexts texts_;
  std::map<std::string, FromFile<Trace>> traces_;
  std::map<std::string, FromFile<SizeList>> size_lists_;
};

}  // namespace ringbench
