#include "bench/run/statement.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <utility>

namespace ringbench {

void fail(sqlite3* database, const std::filesystem::path& file) {
  const int code = sqlite3_errcode(database);
  std::string mend =
      "the trials stored so far are kept: look at the file with sqlite3, then resume";
  // The log's index on a full disk is SQLITE_IOERR.
  const bool full =
      code == SQLITE_FULL || (code == SQLITE_IOERR && sqlite3_system_errno(database) == ENOSPC);
  if (full) {
    mend = "the disk is full: free some space, then resume; the trials stored so far are kept";
  } else if (code == SQLITE_READONLY || code == SQLITE_CANTOPEN || code == SQLITE_PERM) {
    mend = "make the folder writable for this user, or name another with --out";
  } else if (code == SQLITE_BUSY || code == SQLITE_LOCKED) {
    mend = "another process writes to it: let that one finish first";
  } else if (code == SQLITE_NOTADB || code == SQLITE_CORRUPT) {
    mend = "it is not a store of ringbench, or damaged: restore a copy, or run again";
  }
  throw StoreError(fmt::format("{}: {}; {}", file.string(), sqlite3_errmsg(database), mend));
}

Statement::Statement(sqlite3* database, std::filesystem::path file, const std::string& sql)
    : database_(database), file_(std::move(file)) {
  if (sqlite3_prepare_v2(database_, sql.c_str(), -1, &statement_, nullptr) != SQLITE_OK) {
    fail(database_, file_);
  }
}

bool Statement::step() {
  const int code = sqlite3_step(statement_);
  if (code != SQLITE_ROW && code != SQLITE_DONE) fail(database_, file_);
  return code == SQLITE_ROW;
}

std::string Statement::text(int column) const {
  const auto* const found = sqlite3_column_text(statement_, column);
  if (found == nullptr) return {};
  const auto length = static_cast<std::size_t>(sqlite3_column_bytes(statement_, column));
  return {reinterpret_cast<const char*>(found), length};
}

Value Statement::value(int column) const {
  switch (sqlite3_column_type(statement_, column)) {
    case SQLITE_NULL:
      return std::monostate{};
    case SQLITE_INTEGER:
      return std::int64_t{integer(column)};
    case SQLITE_FLOAT:
      return sqlite3_column_double(statement_, column);
    default:
      return text(column);
  }
}

}  // namespace ringbench
