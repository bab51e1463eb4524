// Everything that is wrong with one config file, gathered before any of it is told.
#pragma once

#include <compare>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace ringbench {

// A place in a config file, both from 1; columns count characters.
struct Where {
  unsigned line = 1;
  unsigned column = 1;
  friend auto operator<=>(const Where&, const Where&) = default;
};

class ConfigErrors {
 public:
  explicit ConfigErrors(std::string path) : path_(std::move(path)) {}

  // `key` as a dotted path, e.g. "matrix.hybrid.lock"; `sentence` says what was found and what is
  // allowed.
  void add(Where where, std::string_view key, std::string_view sentence);
  std::size_t count() const { return errors_.size(); }
  void throw_if_any();  // ConfigError, in the order of the file

 private:
  struct Error {
    Where where;
    std::string text;
  };
  std::string path_;
  std::vector<Error> errors_;
};

// Text from a config as a message shows it: in quotes, control characters escaped, cut when it is
// long.
std::string quoted(std::string_view text);
// The same without quotes, for keys.
std::string printable(std::string_view text);

}  // namespace ringbench
