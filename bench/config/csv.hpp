// Numbers from a CSV file (RFC 4180) whose first line names the columns. Lines that are empty or
// begin with '#' are passed over, as are columns that nobody asks for; a field has no line break.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ringbench {

// What is wrong with a file, each "line: column: what was found; what is allowed". After the tenth
// the rest is left out: one wrong column must not drown the other errors of a config.
class CsvProblems {
 public:
  void add(unsigned line, std::string_view column, std::string_view sentence);
  bool any() const { return !texts_.empty(); }
  bool enough() const { return texts_.size() >= 10; }
  const std::vector<std::string>& texts() const { return texts_; }

 private:
  std::vector<std::string> texts_;
};

class Csv {
 public:
  // Reads the line of names. `text` must outlive this.
  Csv(std::string_view text, CsvProblems& problems);

  // The place of a column; nothing: there is none. `require` reports that.
  std::optional<std::size_t> find(std::string_view column) const;
  std::optional<std::size_t> require(std::string_view column);

  bool next();  // to the next line with values; false: there is none
  unsigned line() const { return line_; }

  // The value on this line, or a report of what stands there instead. Both ends are allowed.
  std::optional<double> number(std::size_t column, double min, double max);
  std::optional<std::uint32_t> integer(std::size_t column, std::uint32_t min, std::uint32_t max);
  void report(std::size_t column, std::string_view sentence);

 private:
  bool next_line();
  std::string_view field(std::size_t column) const;

  std::string_view rest_;
  CsvProblems& problems_;
  unsigned line_ = 0;
  std::vector<std::string> names_;
  std::vector<std::string> fields_;
};

}  // namespace ringbench
