// How long a cache line takes from one CPU of a plan to another.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "planner/inputs.hpp"
#include "topology/machine.hpp"

namespace ringbench::planner {

// Square, by place in the plan's list of CPUs, nanoseconds; 0 on the diagonal.
class Latencies {
 public:
  Latencies() = default;
  Latencies(unsigned cpus, std::vector<double> ns);  // row by row

  unsigned cpus() const { return cpus_; }
  double operator()(unsigned from, unsigned to) const {
    return factor_ * (*ns_)[std::size_t{from} * cpus_ + to];
  }
  // Over all ordered pairs of different CPUs among these; 0 for fewer than two.
  double mean(const std::vector<unsigned>& among) const;
  Latencies scaled(double factor) const;  // shares the numbers

 private:
  unsigned cpus_ = 0;
  double factor_ = 1;
  std::shared_ptr<const std::vector<double>> ns_;
};

// From the five class latencies of `inputs`, each pair by what it shares.
Latencies latencies_by_class(const Machine& machine, const std::vector<unsigned>& os_cpus,
                             const Inputs& inputs);

// A file as core-to-core tools write it: the number of CPUs on the first line, or none, then a line
// for each CPU. Blanks or commas between numbers; the diagonal is not read. The n-th line is the
// CPU with OS index n. Throws std::runtime_error with a sentence that names the line.
Latencies latencies_from_file(const std::string& path);

}  // namespace ringbench::planner
