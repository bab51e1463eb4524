// What others have measured (planner/data): throughputs by producers, and how far their CPUs are
// apart. The consumer was on CPU 0, n producers on CPUs 1 to n.
#pragma once

#include <algorithm>
#include <cmath>
#include <fstream>
#include <numeric>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "planner/latency.hpp"
#include "planner/saturation.hpp"
#include "tests/source_dir.hpp"

namespace ringbench::planner {

struct PublishedMachine {
  std::string column;     // of contention_published.csv
  std::string code_path;  // that its kernel had
  Latencies value, low, high;
};

struct PublishedRow {
  unsigned producers = 0;
  double record_ns = 0;
};

inline std::string data(std::string_view name) {
  return (source_dir() + "/planner/data/").append(name);
}

// The lines of a CSV file but for its comments, cell by cell.
inline std::vector<std::vector<std::string>> table(std::string_view name) {
  std::ifstream file(data(name));
  if (!file) throw std::runtime_error("cannot read " + data(name));
  std::vector<std::vector<std::string>> rows;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with('#')) continue;
    std::istringstream cells(line);
    auto& row = rows.emplace_back();
    for (std::string cell; std::getline(cells, cell, ',');) row.push_back(cell);
  }
  return rows;
}

inline std::vector<PublishedRow> published_rows(const PublishedMachine& machine) {
  const auto rows = table("contention_published.csv");
  std::size_t column = 1;
  while (rows.front().at(column) != machine.column) ++column;
  std::vector<PublishedRow> found;
  for (std::size_t i = 1; i < rows.size(); ++i) {
    found.push_back(
        {static_cast<unsigned>(std::stoul(rows[i][0])), 1e3 / std::stod(rows[i].at(column))});
  }
  return found;
}

inline PublishedMachine xeon_e5_2680v4() {
  const auto latencies = latencies_from_file(data("core_to_core_e5_2680v4_ns.txt"));
  return {"e5_2680v4_2020", "linux-5.8", latencies, latencies, latencies};
}

inline PublishedMachine epyc_9654() {
  const auto machine = machine_from_synthetic("package:1 numa:1 l3:12 core:8 pu:1");
  Inputs value, low, high;
  for (const auto& row : table("epyc9654_classes.csv")) {
    const auto member = row[0] == "l3" ? &Inputs::l3_ns : &Inputs::node_ns;
    if (row[0] == "shared") continue;
    value.*member = std::stod(row.at(1));
    low.*member = std::stod(row.at(2));
    high.*member = std::stod(row.at(3));
  }
  std::vector<unsigned> cpus(96);
  std::iota(cpus.begin(), cpus.end(), 0U);
  return {"epyc9654_2025", "linux-6.10", latencies_by_class(machine, cpus, value),
          latencies_by_class(machine, cpus, low), latencies_by_class(machine, cpus, high)};
}

inline std::vector<unsigned> producers_on(unsigned count) {
  std::vector<unsigned> cpus(count);
  std::iota(cpus.begin(), cpus.end(), 1U);
  return cpus;
}

// Of n producers and then the consumer.
inline Latencies of_producers_and_consumer(const Latencies& all, unsigned producers) {
  auto cpus = producers_on(producers);
  cpus.push_back(0);
  std::vector<double> ns;
  for (const unsigned from : cpus) {
    for (const unsigned to : cpus) ns.push_back(all(from, to));
  }
  return {producers + 1, std::move(ns)};
}

inline double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

}  // namespace ringbench::planner
