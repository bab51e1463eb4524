// SQLite's prepared statements, with errors as exceptions.
#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>

#include "bench/config/parameters.hpp"

namespace ringbench {

// A sentence: which file, what happened, and how to mend it. What was stored before is still there.
class StoreError : public std::runtime_error {
  using std::runtime_error::runtime_error;
};

// Throws a StoreError of the last thing that went wrong.
[[noreturn]] void fail(sqlite3* database, const std::filesystem::path& file);

// One prepared statement: bind() in order, then step() until it returns false.
class Statement {
 public:
  // Throws StoreError, like step() and run(). `file`: to name in it.
  Statement(sqlite3* database, std::filesystem::path file, const std::string& sql);
  ~Statement() { sqlite3_finalize(statement_); }
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;

  template <class... Values>
  Statement& bind(const Values&... values) {
    (bind_one(values), ...);
    return *this;
  }

  bool step();
  // Runs it and makes it ready for the next row of values.
  void run() {
    step();
    sqlite3_reset(statement_);
    next_ = 1;
  }

  int columns() const { return sqlite3_column_count(statement_); }
  std::string name(int column) const { return sqlite3_column_name(statement_, column); }
  std::string text(int column) const;  // NULL: empty
  std::int64_t integer(int column) const { return sqlite3_column_int64(statement_, column); }
  std::optional<double> real(int column) const {
    if (sqlite3_column_type(statement_, column) == SQLITE_NULL) return std::nullopt;
    return sqlite3_column_double(statement_, column);
  }

  Value value(int column) const;

 private:
  template <class T>
  void bind_one(const T& value) {
    if constexpr (std::is_same_v<T, Value>) {
      std::visit([&](const auto& held) { bind_one(held); }, value);
    } else if constexpr (std::is_same_v<T, std::optional<double>> ||
                         std::is_same_v<T, std::optional<std::uint64_t>>) {
      value ? bind_one(*value) : bind_one(std::monostate{});
    } else if constexpr (std::is_same_v<T, std::monostate>) {
      sqlite3_bind_null(statement_, next_++);
    } else if constexpr (std::is_integral_v<T>) {
      sqlite3_bind_int64(statement_, next_++, static_cast<sqlite3_int64>(value));
    } else if constexpr (std::is_floating_point_v<T>) {
      sqlite3_bind_double(statement_, next_++, value);
    } else {
      const std::string_view view = value;
      sqlite3_bind_text(statement_, next_++, view.data(), static_cast<int>(view.size()),
                        SQLITE_TRANSIENT);
    }
  }

  sqlite3* database_;
  std::filesystem::path file_;
  sqlite3_stmt* statement_ = nullptr;
  int next_ = 1;
};

}  // namespace ringbench
