// The store of a run: one SQLite file, documented in docs/store.md.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "bench/config/cell.hpp"
#include "bench/config/input_files.hpp"
#include "bench/config/parameters.hpp"
#include "bench/limits/limits.hpp"
#include "bench/run/provenance.hpp"
#include "bench/run/schedule.hpp"
#include "bench/run/schema.hpp"
#include "bench/run/statement.hpp"
#include "bench/trial/trial_result.hpp"
#include "topology/clock.hpp"

namespace ringbench {

struct CellSummary {
  std::string id;
  std::string name;
  bool skipped = false;
  std::uint64_t trials = 0;  // that may be drawn
};

class Store {
 public:
  // Makes the folder and a new store in it, and fills it by calling `fill` with it: one
  // transaction, so that a store which can be opened says what it is for. Throws StoreError, also
  // when there is one already.
  static Store create(
      const std::filesystem::path& folder, const std::function<void(Store&)>& fill = [](Store&) {});
  // Throws StoreError: no such file, not a store, another schema version, not writable.
  static Store open(const std::filesystem::path& folder);
  ~Store();
  Store(Store&&) noexcept;

  const std::filesystem::path& file() const { return file_; }

  // Whoever fills the store holds its claim meanwhile, so that no trial is run twice. Throws
  // StoreError when another process holds it.
  class Claim {
   public:
    explicit Claim(const std::filesystem::path& folder);
    ~Claim();
    Claim(Claim&& other) noexcept : folder_(std::exchange(other.folder_, -1)) {}
    Claim& operator=(Claim&&) = delete;

   private:
    int folder_;
  };
  Claim claim() const { return Claim(file_.parent_path().empty() ? "." : file_.parent_path()); }

  // Each is one transaction; all throw StoreError.
  void put(const Provenance& provenance);
  void put_inputs(const InputTexts& inputs);
  void put_cell(const Cell& cell, const std::string& skipped_because, unsigned rings,
                std::string_view status = "planned");
  void put_clock(const std::vector<CpuClock>& cpus);
  void put_limits(std::uint64_t round, const std::vector<Limit>& limits);
  void put_trial(const TrialKey& key, const std::string& started, const TrialResult& result);
  // A row of any table, in the order of its columns; one with the same key gives way.
  void put_row(std::string_view table, const std::vector<Value>& values);
  // Several calls as one transaction; inside another one, part of it.
  template <class Work>
  void together(Work work) {
    if (in_transaction()) return work();
    execute("begin immediate");
    try {
      work();
      execute("commit");
    } catch (...) {
      execute_quietly("rollback");
      throw;
    }
  }

  Provenance provenance() const;
  InputTexts inputs() const;                        // the files that the config names, as they were
  std::vector<CellSummary> cells() const;           // in the order of the config
  Progress progress() const;                        // every trial there is
  Status status_of(const std::string& name) const;  // as the table `trial` has it
  std::set<std::uint64_t> limit_rounds() const;     // whose limits are there
  // One metric of the trials that count, by cell, in order of repetition: of the ok ones, or of the
  // tainted ones where none is ok.
  std::map<std::string, std::vector<double>> values(std::string_view metric) const;
  std::map<std::string, std::uint64_t> count_by_status() const;
  // What a query finds, each row in the order of its columns.
  std::vector<std::vector<Value>> rows(const std::string& query) const;
  // Every trial with the parameters of its cell, as RFC 4180 has it; NULL is an empty field.
  std::string csv() const;

 private:
  Store(std::filesystem::path file, sqlite3* database);
  bool in_transaction() const;
  void execute(const std::string& sql) const;
  void execute_quietly(const std::string& sql) const;
  void put_details(std::int64_t trial, const TrialResult& result);

  std::filesystem::path file_;
  sqlite3* database_;
  std::unique_ptr<Statement> insert_cell_;  // made when the first cell is put
};

}  // namespace ringbench
