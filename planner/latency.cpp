#include "planner/latency.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <sstream>
#include <stdexcept>
#include <string_view>
#include <utility>

#include "bench/config/input_files.hpp"
#include "topology/cpu_pairs.hpp"

namespace ringbench::planner {
namespace {

constexpr double kMostLatency = 1e9;  // ns: a second

constexpr double kNotGiven = std::numeric_limits<double>::quiet_NaN();
constexpr std::size_t kMostCpus = 4096;
constexpr std::size_t kLargestMatrix = std::size_t{64}
                                       << 20;  // of so many CPUs, 4 letters a number

struct Row {
  std::size_t line = 0;
  std::vector<std::string> cells;
};

// Commas separate, so that a cell may be empty; without any, blanks do.
std::vector<std::string> cells_of(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r";
  const bool commas = text.find(',') != std::string_view::npos;
  std::vector<std::string> cells;
  while (true) {
    text.remove_prefix(std::min(text.find_first_not_of(kBlanks), text.size()));
    if (text.empty() && !commas) break;
    const auto end = std::min(text.find_first_of(commas ? "," : kBlanks), text.size());
    auto cell = text.substr(0, end);
    while (!cell.empty() && kBlanks.find(cell.back()) != std::string_view::npos) {
      cell.remove_suffix(1);
    }
    cells.emplace_back(cell);
    if (end == text.size()) break;
    text.remove_prefix(end + 1);
  }
  return cells;
}

std::string text_of_matrix(const std::string& path) {
  try {
    return read_file(path, kLargestMatrix);
  } catch (const std::runtime_error& error) {
    throw std::runtime_error(
        fmt::format("{}: the latencies cannot be read: {}; give the path of a text file with a "
                    "line of numbers for each CPU",
                    path, error.what()));
  }
}

std::vector<Row> rows_of(const std::string& path) {
  std::istringstream file(text_of_matrix(path));
  std::vector<Row> rows;
  std::string text;
  for (std::size_t line = 1; std::getline(file, text); ++line) {
    const auto first = text.find_first_not_of(" \t\r");
    if (first != std::string::npos && text[first] != '#') rows.push_back({line, cells_of(text)});
  }
  return rows;
}

// A first line that holds the number of CPUs, and no row: it stands above rows of other lengths.
void drop_count(const std::string& path, std::vector<Row>& rows) {
  if (rows.front().cells.size() != 1 || rows.size() == 1) return;
  const auto& count = rows.front().cells.front();
  const auto there = rows.size() - 1;
  if (count != std::to_string(there)) {
    throw std::runtime_error(
        fmt::format("{}, line {}: it should hold the number of CPUs alone, which are {} by the "
                    "lines below, but "
                    "it holds '{}'; correct it or leave it out",
                    path, rows.front().line, there, count));
  }
  rows.erase(rows.begin());
}

// Empty: not given, its mirror is.
double number_of(const std::string& path, const Row& row, std::size_t column) {
  const auto& cell = row.cells[column];
  if (cell.empty()) return kNotGiven;
  double value = 0;
  const auto* const end = cell.data() + cell.size();
  const auto [stopped, error] = std::from_chars(cell.data(), end, value);
  if (error != std::errc{} || stopped != end || !(value >= 0 && value <= kMostLatency)) {
    throw std::runtime_error(fmt::format(
        "{}, line {}, number {}: '{}' is not a latency; write nanoseconds, from 0 to 1e9, as a "
        "decimal number",
        path, row.line, column + 1, cell));
  }
  return value;
}

double class_ns(Nearness nearness, const Inputs& inputs) {
  const std::array by_nearness{inputs.core_ns, inputs.l3_ns, inputs.node_ns, inputs.package_ns,
                               inputs.machine_ns};
  return by_nearness[static_cast<std::size_t>(nearness)];
}

}  // namespace

Latencies::Latencies(unsigned cpus, std::vector<double> ns) : cpus_(cpus) {
  if (ns.size() != std::size_t{cpus} * cpus) {
    throw std::invalid_argument(fmt::format(
        "latencies between {0} CPUs are {0} x {0} numbers, but {1} were given", cpus, ns.size()));
  }
  for (unsigned cpu = 0; cpu < cpus; ++cpu) ns[std::size_t{cpu} * cpus + cpu] = 0;
  for (const auto each : ns) {
    if (!(each >= 0 && each <= kMostLatency))
      throw std::invalid_argument(
          fmt::format("a latency of {} ns is none: allowed is 0 to 1e9 ns", each));
  }
  ns_ = std::make_shared<const std::vector<double>>(std::move(ns));
}

double Latencies::mean(const std::vector<unsigned>& among) const {
  if (among.size() < 2) return 0;
  double sum = 0;
  for (const unsigned from : among) {
    for (const unsigned to : among) sum += (*this)(from, to);
  }
  const auto count = static_cast<double>(among.size());
  return sum / (count * (count - 1));
}

Latencies Latencies::scaled(double factor) const {
  auto scaled = *this;
  scaled.factor_ *= factor;
  return scaled;
}

Latencies latencies_by_class(const Machine& machine, const std::vector<unsigned>& os_cpus,
                             const Inputs& inputs) {
  std::vector<const Cpu*> cpus;
  for (const unsigned os : os_cpus) {
    cpus.push_back(machine.find(os));
    if (cpus.back() == nullptr) {
      throw std::invalid_argument(
          fmt::format("CPU {} is not one of the machine's: it has {}", os, cpu_list(machine.cpus)));
    }
  }
  std::vector<double> ns;
  ns.reserve(cpus.size() * cpus.size());
  for (const Cpu* from : cpus) {
    for (const Cpu* to : cpus) {
      ns.push_back(from == to ? 0 : class_ns(nearness(*from, *to), inputs));
    }
  }
  return {static_cast<unsigned>(cpus.size()), std::move(ns)};
}

Latencies latencies_from_file(const std::string& path) {
  auto rows = rows_of(path);
  if (rows.empty()) {
    throw std::runtime_error(
        fmt::format("{}: it holds no numbers; write a line of latencies for each CPU", path));
  }
  drop_count(path, rows);
  const auto cpus = rows.size();
  if (cpus > kMostCpus) {
    throw std::runtime_error(
        fmt::format("{}: it has {} lines, and {} CPUs are the most", path, cpus, kMostCpus));
  }
  std::vector<double> ns(cpus * cpus, 0);
  for (std::size_t from = 0; from < cpus; ++from) {
    if (rows[from].cells.size() != cpus) {
      throw std::runtime_error(fmt::format(
          "{}, line {}: {} numbers, but the file has lines for {} CPUs; write one number for each "
          "CPU on every line",
          path, rows[from].line, rows[from].cells.size(), cpus));
    }
    for (std::size_t to = 0; to < cpus; ++to) {
      if (from != to) ns[from * cpus + to] = number_of(path, rows[from], to);
    }
  }
  for (std::size_t from = 0; from < cpus; ++from) {
    for (std::size_t to = 0; to < cpus; ++to) {
      auto& here = ns[from * cpus + to];
      if (std::isnan(here)) here = ns[to * cpus + from];
      if (std::isnan(here)) {
        throw std::runtime_error(fmt::format(
            "{}, line {}: nothing is given between CPU {} and CPU {}, neither here nor on line {}; "
            "write it on either",
            path, rows[from].line, from, to, rows[to].line));
      }
    }
  }
  return {static_cast<unsigned>(cpus), std::move(ns)};
}

}  // namespace ringbench::planner
