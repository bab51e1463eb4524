#include "planner/store_latencies.hpp"

#include <fmt/format.h>
#include <sqlite3.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <memory>
#include <stdexcept>

#include "topology/cpu_pairs.hpp"

namespace ringbench::planner {
namespace {

struct Close {
  void operator()(sqlite3* database) const { sqlite3_close(database); }
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using Database = std::unique_ptr<sqlite3, Close>;
using Query = std::unique_ptr<sqlite3_stmt, Close>;

[[noreturn]] void refuse(const std::string& path, const std::string& why) {
  throw std::runtime_error(fmt::format(
      "{} tells no latencies: {}; allowed: the folder of a run of this program, results/...", path,
      why));
}

Database open(const std::string& path) {
  sqlite3* opened = nullptr;
  const int result = sqlite3_open_v2(path.c_str(), &opened, SQLITE_OPEN_READONLY, nullptr);
  Database database(opened);
  if (result != SQLITE_OK) refuse(path, sqlite3_errstr(result));
  return database;
}

Query query(sqlite3* database, const std::string& path, const char* sql) {
  sqlite3_stmt* prepared = nullptr;
  if (sqlite3_prepare_v2(database, sql, -1, &prepared, nullptr) != SQLITE_OK)
    refuse(path, sqlite3_errmsg(database));
  return Query(prepared);
}

// Whether there is one more row.
bool next(sqlite3_stmt* rows, const std::string& path) {
  const int result = sqlite3_step(rows);
  if (result != SQLITE_ROW && result != SQLITE_DONE)
    refuse(path, sqlite3_errmsg(sqlite3_db_handle(rows)));
  return result == SQLITE_ROW;
}

std::string provenance(sqlite3* database, const std::string& path, const char* key) {
  const auto found = query(database, path, "SELECT value FROM provenance WHERE key = ?");
  sqlite3_bind_text(found.get(), 1, key, -1, SQLITE_STATIC);
  if (!next(found.get(), path) || sqlite3_column_type(found.get(), 0) == SQLITE_NULL)
    refuse(path, fmt::format("its table provenance has no {}", key));
  return reinterpret_cast<const char*>(sqlite3_column_text(found.get(), 0));
}

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::ranges::nth_element(values, middle);
  if (values.size() % 2 == 1) return *middle;
  return (*middle + *std::max_element(values.begin(), middle)) / 2;
}

// Median of the rounds, in nanoseconds.
std::map<CpuPair, double> measured(sqlite3* database, const std::string& path, double tsc_hz) {
  const auto rows = query(database, path,
                          "SELECT cpu_a, cpu_b, cycles FROM \"limit\" WHERE operation = "
                          "'hand_over' AND cycles > 0");
  std::map<CpuPair, std::vector<double>> rounds;
  while (next(rows.get(), path)) {
    const auto a = static_cast<unsigned>(sqlite3_column_int64(rows.get(), 0));
    const auto b = static_cast<unsigned>(sqlite3_column_int64(rows.get(), 1));
    rounds[std::minmax(a, b)].push_back(sqlite3_column_double(rows.get(), 2) / tsc_hz * 1e9);
  }
  std::map<CpuPair, double> ns;
  for (const auto& [pair, values] : rounds) ns[pair] = median(values);
  return ns;
}

std::map<Nearness, double> medians_by_nearness(const std::map<CpuPair, double>& measured,
                                               const Machine& machine) {
  std::map<Nearness, std::vector<double>> values;
  for (const auto& [pair, ns] : measured) {
    const auto* a = machine.find(pair.first);
    const auto* b = machine.find(pair.second);
    if (a != nullptr && b != nullptr) values[nearness(*a, *b)].push_back(ns);
  }
  std::map<Nearness, double> medians;
  for (const auto& [nearness, of] : values) medians[nearness] = median(of);
  return medians;
}

void check_machine(const std::string& xml, const std::string& path, const Machine& machine,
                   const std::vector<unsigned>& cpus) {
  const auto there = restrict_to(machine_from_xml_text(xml, path), cpus);
  if (there.cpus != restrict_to(machine, cpus).cpus)
    refuse(path, "it is of another machine than the plan: CPUs of the same number are elsewhere");
}

}  // namespace

Latencies latencies_from_store(const std::string& path, const Machine& machine,
                               const std::vector<unsigned>& cpus) {
  std::error_code ignored;
  const auto file = std::filesystem::is_directory(path, ignored)
                        ? (std::filesystem::path(path) / "run.sqlite").string()
                        : path;
  const auto database = open(file);
  const double tsc_hz = std::strtod(provenance(database.get(), file, "tsc_hz").c_str(), nullptr);
  if (!(tsc_hz > 0)) refuse(file, "the frequency of its clock, tsc_hz, is not known");
  check_machine(provenance(database.get(), file, "topology_xml"), file, machine, cpus);

  const auto pairs = measured(database.get(), file, tsc_hz);
  const auto by_nearness = medians_by_nearness(pairs, machine);
  std::vector<Cpu> places;
  for (const unsigned os : cpus) places.push_back(*machine.find(os));
  std::vector<double> ns;
  for (const auto& from : places) {
    for (const auto& to : places) {
      const auto pair = pairs.find(std::minmax(from.os, to.os));
      const auto like = by_nearness.find(nearness(from, to));
      if (from.os == to.os) {
        ns.push_back(0);
      } else if (pair != pairs.end()) {
        ns.push_back(pair->second);
      } else if (like != by_nearness.end()) {
        ns.push_back(like->second);
      } else {
        refuse(file, fmt::format("no hand_over between CPUs as near as {} and {} was measured",
                                 from.os, to.os));
      }
    }
  }
  return {static_cast<unsigned>(cpus.size()), std::move(ns)};
}

}  // namespace ringbench::planner
