#include "bench/run/schema.hpp"

#include <fmt/format.h>

#include "bench/config/parameters.hpp"
#include "bench/trial/columns.hpp"

namespace ringbench {
namespace {

std::string cell_columns() {
  std::string sql =
      "id TEXT PRIMARY KEY, name TEXT, status TEXT, reason TEXT, transport TEXT, options TEXT, "
      "atomics TEXT, rings INTEGER";
  for (const auto& parameter : parameters()) sql += fmt::format(", {}", parameter.key);
  return sql;
}

std::string trial_columns() {
  std::string sql =
      "id INTEGER PRIMARY KEY, cell_id TEXT REFERENCES cell(id), repetition INTEGER, attempt "
      "INTEGER, "
      "started TEXT, status TEXT, reason TEXT";
  for (const auto& column : columns()) sql += fmt::format(", {} REAL", column.name);
  return sql + ", UNIQUE (cell_id, repetition, attempt)";
}

}  // namespace

std::string schema() {
  return fmt::format(R"(
    CREATE TABLE provenance (key TEXT PRIMARY KEY, value TEXT);
    CREATE TABLE input (path TEXT PRIMARY KEY, content TEXT);
    CREATE TABLE clock (cpu INTEGER PRIMARY KEY, timer_pair_cycles INTEGER, resolution_cycles INTEGER,
      offset_cycles INTEGER, offset_bound_cycles INTEGER);
    CREATE TABLE "limit" (round INTEGER, operation TEXT, bytes INTEGER, threads INTEGER, cpu_a INTEGER,
      cpu_b INTEGER, cycles REAL);
    CREATE TABLE cell ({});
    CREATE TABLE trial ({});
    CREATE TABLE producer (trial_id INTEGER REFERENCES trial(id), producer INTEGER, cpu INTEGER, ring INTEGER,
      attempted INTEGER, committed INTEGER, discarded INTEGER, consumed INTEGER, overwritten INTEGER,
      left_in_buffer INTEGER, drop_no_space INTEGER, drop_lock_busy INTEGER, drop_too_big INTEGER,
      drop_recursion INTEGER, window_attempted INTEGER, window_dropped INTEGER, reserve_cycles_p50 REAL,
      event_cycles_p50 REAL, first_drop_us REAL, PRIMARY KEY (trial_id, producer)) WITHOUT ROWID;
    CREATE TABLE ring (trial_id INTEGER REFERENCES trial(id), ring INTEGER, bytes INTEGER, peak_bytes INTEGER,
      nodes_wanted TEXT, nodes_found TEXT, PRIMARY KEY (trial_id, ring)) WITHOUT ROWID;
    CREATE TABLE thread (trial_id INTEGER REFERENCES trial(id), role TEXT, number INTEGER, cpu_wanted INTEGER,
      cpu_found INTEGER, voluntary_switches INTEGER, involuntary_switches INTEGER, migrations INTEGER,
      page_faults INTEGER, hiccups INTEGER, hiccup_us REAL, hiccup_us_max REAL, PRIMARY KEY (trial_id, role, number)) WITHOUT ROWID;
    CREATE TABLE series (trial_id INTEGER REFERENCES trial(id), role TEXT, number INTEGER, name TEXT, points TEXT,
      PRIMARY KEY (trial_id, role, number, name)) WITHOUT ROWID;
    CREATE TABLE histogram (trial_id INTEGER REFERENCES trial(id), metric TEXT, lower INTEGER, upper INTEGER,
      count INTEGER, PRIMARY KEY (trial_id, metric, lower)) WITHOUT ROWID;
    CREATE TABLE search (cell_id TEXT REFERENCES cell(id), target REAL, rate_low REAL, rate_high REAL,
      conditional_rate REAL, status TEXT, reason TEXT, trials INTEGER, PRIMARY KEY (cell_id, target)) WITHOUT ROWID;
    CREATE TABLE load_point (cell_id TEXT REFERENCES cell(id), target REAL, share REAL,
      measured_cell_id TEXT REFERENCES cell(id), PRIMARY KEY (cell_id, target, share)) WITHOUT ROWID;
    CREATE TABLE capacity (cell_id TEXT REFERENCES cell(id), repetition INTEGER, nominal_records INTEGER,
      accepted_records INTEGER, searched_cell_id TEXT REFERENCES cell(id),
      PRIMARY KEY (cell_id, repetition, searched_cell_id)) WITHOUT ROWID;
    PRAGMA user_version = {};)",
                     cell_columns(), trial_columns(), kSchemaVersion);
}

}  // namespace ringbench
