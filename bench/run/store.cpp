#include "bench/run/store.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>
#include <variant>

#include "bench/config/config_errors.hpp"
#include "bench/config/parameters.hpp"
#include "bench/trial/columns.hpp"
#include "impls/list.hpp"

namespace ringbench {
namespace {

constexpr const char* kFileName = "run.sqlite";

// RFC 4180, section 2: fields with a separator or a quote stand in quotes, and quotes are doubled.
std::string quoted_field(const std::string& field) {
  if (field.find_first_of(",\"\r\n") == std::string::npos) return field;
  std::string quoted = "\"";
  for (const char c : field) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + '"';
}

// A JSON list of pairs; tenths of a microsecond and whole values are all there is to them.
std::string points_text(const std::vector<std::pair<double, double>>& points) {
  std::string text = "[";
  for (const auto& [us, value] : points) {
    text += fmt::format("{}[{:.1f},{:.0f}]", text.size() == 1 ? "" : ",", us, value);
  }
  return text + "]";
}

std::string atomics_of(const Cell& cell) {
  const Atomics atomics = find_transport(cell.transport)->atomics(cell.options);
  return nlohmann::json{{"xadd", atomics.xadd},
                        {"xchg", atomics.xchg},
                        {"cmpxchg", atomics.cmpxchg},
                        {"release_store", atomics.release_store}}
      .dump();
}

std::string placeholders(std::size_t count) {
  std::string text = "?";
  for (std::size_t i = 1; i < count; ++i) text += ",?";
  return text;
}

// Where a producer, and what interrupts it, was found at the end of the window.
std::int64_t cpu_of(const TrialResult& result, std::size_t number) {
  for (const auto& thread : result.threads) {
    if (thread.role == "producer" && thread.number == number) return thread.cpu_found;
  }
  return -1;
}

}  // namespace

Store::Store(std::filesystem::path file, sqlite3* database)
    : file_(std::move(file)), database_(database) {
  sqlite3_busy_timeout(database_, 5'000);
}
Store::Store(Store&& other) noexcept
    : file_(std::move(other.file_)),
      database_(std::exchange(other.database_, nullptr)),
      insert_cell_(std::move(other.insert_cell_)) {}
Store::~Store() {
  insert_cell_.reset();
  sqlite3_close(database_);
}

Store Store::create(const std::filesystem::path& folder, const std::function<void(Store&)>& fill) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) {
    throw StoreError(
        fmt::format("cannot make the folder {}: {}; make its parent writable, or name another "
                    "with --out",
                    folder.string(), error.message()));
  }
  const auto file = folder / kFileName;
  if (std::filesystem::exists(file)) {
    throw StoreError(fmt::format("{} exists already: resume it, or name another folder with --out",
                                 file.string()));
  }
  sqlite3* database = nullptr;
  const int code =
      sqlite3_open_v2(file.c_str(), &database, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, nullptr);
  Store store(file, database);
  if (code != SQLITE_OK) fail(database, file);
  store.execute("PRAGMA journal_mode = WAL");
  store.together([&] {
    store.execute(schema());
    fill(store);
  });
  return store;
}

Store Store::open(const std::filesystem::path& folder) {
  const auto file = std::filesystem::is_directory(folder) ? folder / kFileName : folder;
  if (!std::filesystem::exists(file)) {
    throw StoreError(
        fmt::format("there is no store at {}: name the folder that a run made", file.string()));
  }
  sqlite3* database = nullptr;
  const int code = sqlite3_open_v2(file.c_str(), &database, SQLITE_OPEN_READWRITE, nullptr);
  Store store(file, database);
  if (code != SQLITE_OK) fail(database, file);
  Statement version(database, file, "PRAGMA user_version");
  version.step();
  if (version.integer(0) == 0) {
    throw StoreError(
        fmt::format("{} holds no run: it ended before its first trial, or another program made the "
                    "file; delete the folder and run again",
                    file.string()));
  }
  if (version.integer(0) != kSchemaVersion) {
    throw StoreError(fmt::format(
        "{} has schema version {}, this program knows {}: use the ringbench that made it",
        file.string(), version.integer(0), kSchemaVersion));
  }
  // A view in the place of a table is a program, which may run for ever.
  Statement program(database, file,
                    "SELECT name FROM sqlite_master WHERE type IN ('view', 'trigger')");
  if (program.step()) {
    throw StoreError(
        fmt::format("{} has the view or trigger {}, and no store of ringbench has any: "
                    "restore a copy, or run again",
                    file.string(), ringbench::quoted(program.text(0))));
  }
  return store;
}

// On the folder, because closing any descriptor of the file would drop SQLite's own locks.
Store::Claim::Claim(const std::filesystem::path& folder)
    : folder_(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)) {
  if (folder_ >= 0 && flock(folder_, LOCK_EX | LOCK_NB) == 0) return;
  const auto error = errno;
  if (folder_ >= 0) close(folder_);
  throw StoreError(
      error == EWOULDBLOCK
          ? fmt::format("{}: another ringbench is running trials for this store: wait for its end, "
                        "or interrupt it, then resume",
                        folder.string())
          : fmt::format(
                "{}: cannot be locked ({}): put the results on a file system that has locks",
                folder.string(), std::strerror(error)));
}
Store::Claim::~Claim() {
  if (folder_ >= 0) close(folder_);
}

bool Store::in_transaction() const {
  return sqlite3_get_autocommit(database_) == 0;
}
void Store::execute(const std::string& sql) const {
  if (sqlite3_exec(database_, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK)
    fail(database_, file_);
}
void Store::execute_quietly(const std::string& sql) const {
  sqlite3_exec(database_, sql.c_str(), nullptr, nullptr, nullptr);
}

void Store::put(const Provenance& provenance) {
  together([&] {
    Statement insert(database_, file_, "INSERT OR REPLACE INTO provenance VALUES (?,?)");
    for (const auto& [key, value] : provenance) insert.bind(key, value).run();
  });
}

void Store::put_inputs(const InputTexts& inputs) {
  together([&] {
    Statement insert(database_, file_, "INSERT INTO input VALUES (?,?)");
    for (const auto& [path, content] : inputs) insert.bind(path, content).run();
  });
}

void Store::put_cell(const Cell& cell, const std::string& skipped_because, unsigned rings,
                     std::string_view status) {
  if (!insert_cell_) {
    insert_cell_ = std::make_unique<Statement>(
        database_, file_,
        fmt::format("INSERT INTO cell VALUES ({})", placeholders(parameters().size() + 8)));
  }
  Statement& insert = *insert_cell_;
  insert.bind(id_of(cell), name_of(cell), skipped_because.empty() ? status : "skipped");
  skipped_because.empty() ? insert.bind(std::monostate{}) : insert.bind(skipped_because);
  insert.bind(cell.transport, nlohmann::json(cell.options).dump(), atomics_of(cell));
  skipped_because.empty() ? insert.bind(rings) : insert.bind(std::monostate{});
  for (const auto& parameter : parameters()) insert.bind(value_of(parameter, cell));
  insert.run();
}

void Store::put_clock(const std::vector<CpuClock>& cpus) {
  together([&] {
    Statement insert(database_, file_,
                     fmt::format("INSERT INTO clock VALUES ({})", placeholders(5)));
    for (const auto& cpu : cpus) {
      insert
          .bind(cpu.cpu, cpu.timer_pair_ticks, cpu.resolution_ticks, cpu.offset_ticks,
                cpu.offset_bound_ticks)
          .run();
    }
  });
}

void Store::put_limits(std::uint64_t round, const std::vector<Limit>& limits) {
  together([&] {
    Statement insert(database_, file_,
                     fmt::format("INSERT INTO \"limit\" VALUES ({})", placeholders(7)));
    for (const auto& limit : limits) {
      insert
          .bind(round, limit.operation, limit.bytes, limit.threads, limit.cpu_a, limit.cpu_b,
                limit.cycles)
          .run();
    }
  });
}

void Store::put_trial(const TrialKey& key, const std::string& started, const TrialResult& result) {
  together([&] {
    Statement insert(
        database_, file_,
        fmt::format("INSERT INTO trial VALUES (NULL,{})", placeholders(columns().size() + 6)));
    insert.bind(key.cell_id, key.repetition, key.attempt, started,
                kStatusNames[static_cast<std::size_t>(result.status)]);
    result.reason.empty() ? insert.bind(std::monostate{}) : insert.bind(result.reason);
    const bool measured = !result.producers.empty();
    for (const auto& column : columns()) {
      insert.bind(measured ? column.value(result) : std::optional<double>{});
    }
    insert.run();
    put_details(sqlite3_last_insert_rowid(database_), result);
  });
}

void Store::put_details(std::int64_t trial, const TrialResult& result) {
  Statement producer(database_, file_,
                     fmt::format("INSERT INTO producer VALUES ({})", placeholders(19)));
  for (std::size_t p = 0; p < result.producers.size(); ++p) {
    const ProducerFacts& facts = result.producers[p];
    const Flow& flow = facts.flow;
    producer.bind(trial, p, cpu_of(result, p), facts.ring, flow.attempted, flow.tally.committed,
                  flow.tally.discarded, flow.consumed, flow.overwritten, flow.left);
    for (const auto count : flow.tally.drops) producer.bind(count);
    using Maybe = std::optional<double>;
    producer.bind(facts.window_attempted, facts.window_dropped,
                  facts.reserve_samples == 0 ? Maybe{} : Maybe{facts.reserve_cycles_p50},
                  facts.event_samples == 0 ? Maybe{} : Maybe{facts.event_cycles_p50},
                  facts.first_drop_us);
    producer.run();
  }

  // What interrupts the producers, after them.
  for (std::size_t i = 0; i < result.interrupters.size(); ++i) {
    const Flow& flow = result.interrupters[i];
    producer.bind(trial, result.producers.size() + i, cpu_of(result, i), result.producers[i].ring,
                  flow.attempted, flow.tally.committed, flow.tally.discarded, flow.consumed,
                  flow.overwritten, flow.left);
    for (const auto count : flow.tally.drops) producer.bind(count);
    for (int column = 0; column < 5; ++column) producer.bind(std::monostate{});
    producer.run();
  }

  Statement ring(database_, file_, fmt::format("INSERT INTO ring VALUES ({})", placeholders(6)));
  for (std::size_t r = 0; r < result.rings.size(); ++r) {
    const RingFacts& facts = result.rings[r];
    nlohmann::json found = nlohmann::json::object();
    for (const auto& [node, pages] : facts.nodes_found) found[std::to_string(node)] = pages;
    ring.bind(trial, r, facts.bytes, facts.peak_bytes, nlohmann::json(facts.nodes_wanted).dump(),
              found.dump());
    ring.run();
  }

  Statement thread(database_, file_,
                   fmt::format("INSERT INTO thread VALUES ({})", placeholders(12)));
  for (const auto& facts : result.threads) {
    thread.bind(trial, facts.role, facts.number, facts.cpu_wanted, facts.cpu_found,
                facts.voluntary_switches, facts.involuntary_switches, facts.migrations,
                facts.page_faults, facts.hiccups, facts.hiccup_us, facts.hiccup_us_max);
    thread.run();
  }

  Statement series(database_, file_,
                   fmt::format("INSERT INTO series VALUES ({})", placeholders(5)));
  for (const auto& facts : result.series) {
    series.bind(trial, facts.role, facts.number, facts.name, points_text(facts.points)).run();
  }

  Statement histogram(database_, file_,
                      fmt::format("INSERT INTO histogram VALUES ({})", placeholders(5)));
  for (const auto& [metric, distribution] : named(result.distributions)) {
    for (const auto& bucket : distribution->buckets()) {
      histogram.bind(trial, metric, bucket.lower, bucket.upper, bucket.count).run();
    }
  }
  for (const auto& [lower, upper, count] : result.distributions.reorder_density.buckets()) {
    histogram.bind(trial, "reorder_density", lower, upper, count).run();
  }
}

void Store::put_row(std::string_view table, const std::vector<Value>& values) {
  Statement insert(
      database_, file_,
      fmt::format("INSERT OR REPLACE INTO {} VALUES ({})", table, placeholders(values.size())));
  for (const auto& value : values) insert.bind(value);
  insert.run();
}

std::vector<std::vector<Value>> Store::rows(const std::string& query) const {
  std::vector<std::vector<Value>> found;
  Statement select(database_, file_, query);
  while (select.step()) {
    auto& row = found.emplace_back();
    for (int i = 0; i < select.columns(); ++i) row.push_back(select.value(i));
  }
  return found;
}

Provenance Store::provenance() const {
  Provenance found;
  Statement select(database_, file_, "SELECT key, value FROM provenance");
  while (select.step()) found[select.text(0)] = select.text(1);
  return found;
}

InputTexts Store::inputs() const {
  InputTexts found;
  Statement select(database_, file_, "SELECT path, content FROM input");
  while (select.step()) found[select.text(0)] = select.text(1);
  return found;
}

std::vector<CellSummary> Store::cells() const {
  std::vector<CellSummary> found;
  Statement select(
      database_, file_,
      "SELECT cell.id, name, cell.status = 'skipped', count(trial.id) FROM cell LEFT JOIN trial "
      "ON trial.cell_id = cell.id AND trial.status <> 'failed' GROUP BY cell.rowid ORDER BY "
      "cell.rowid");
  while (select.step()) {
    found.push_back({select.text(0), select.text(1), select.integer(2) != 0,
                     static_cast<std::uint64_t>(select.integer(3))});
  }
  return found;
}

Progress Store::progress() const {
  Progress progress;
  // A cell either saturates or is paced, so that it has one of the two: bench/trial/columns.hpp.
  Statement select(database_, file_,
                   "SELECT cell_id, repetition, attempt, status, coalesce(event_amortised_cycles, "
                   "event_cycles_p50) FROM trial ORDER BY id");
  while (select.step()) {
    progress.add({select.text(0), static_cast<std::uint64_t>(select.integer(1)),
                  static_cast<std::uint64_t>(select.integer(2))},
                 status_of(select.text(3)), select.real(4));
  }
  return progress;
}

Status Store::status_of(const std::string& name) const {
  const auto found = std::ranges::find(kStatusNames, name);
  if (found != kStatusNames.end()) return static_cast<Status>(found - kStatusNames.begin());
  throw StoreError(
      fmt::format("{}: a trial has the status {}; allowed: {}; the file is damaged: restore a "
                  "copy, or run again",
                  file_.string(), ringbench::quoted(name), choices(kStatusNames)));
}

std::set<std::uint64_t> Store::limit_rounds() const {
  std::set<std::uint64_t> found;
  Statement select(database_, file_, "SELECT DISTINCT round FROM \"limit\"");
  while (select.step()) found.insert(static_cast<std::uint64_t>(select.integer(0)));
  return found;
}

std::map<std::string, std::vector<double>> Store::values(std::string_view metric) const {
  std::map<std::string, std::vector<double>> found;
  Statement select(
      database_, file_,
      fmt::format("SELECT cell_id, {} FROM trial AS this WHERE status = 'ok' OR (status = "
                  "'tainted' AND NOT EXISTS (SELECT 1 FROM trial WHERE cell_id = this.cell_id AND "
                  "status = 'ok')) ORDER BY repetition, attempt",
                  metric));
  while (select.step()) {
    if (const auto value = select.real(1)) found[select.text(0)].push_back(*value);
  }
  return found;
}

std::string Store::csv() const {
  std::string fields = "cell.name, cell.transport, cell.options, cell.rings";
  for (const auto& parameter : parameters()) fields += fmt::format(", cell.{}", parameter.key);
  Statement select(database_, file_,
                   fmt::format("SELECT {}, trial.* FROM trial JOIN cell ON cell.id = "
                               "trial.cell_id ORDER BY trial.id",
                               fields));
  std::string text;
  const auto add_line = [&](auto field) {
    for (int i = 0; i < select.columns(); ++i) text += (i == 0 ? "" : ",") + quoted_field(field(i));
    text += "\r\n";
  };
  add_line([&](int i) { return select.name(i); });
  while (select.step()) add_line([&](int i) { return select.text(i); });
  return text;
}

std::map<std::string, std::uint64_t> Store::count_by_status() const {
  std::map<std::string, std::uint64_t> found;
  Statement select(database_, file_, "SELECT status, count(*) FROM trial GROUP BY status");
  while (select.step()) found[select.text(0)] = static_cast<std::uint64_t>(select.integer(1));
  return found;
}

}  // namespace ringbench
