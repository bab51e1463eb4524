// The product of axes: from the values that a config states to resolved cells.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "bench/config/cell.hpp"
#include "bench/config/parameters.hpp"

namespace ringbench {

struct Axis {
  const Parameter* parameter;
  std::vector<Setting> values;
};

struct OptionAxis {
  const OptionSpec* spec;
  std::vector<std::string> values;
};

struct TransportAxis {
  const Row* row;
  std::vector<OptionAxis> options;  // they multiply the cells of this transport alone
};

// The transports are an axis too; what is not stated has its default. As a filter it stands for the
// cells that lie inside it.
struct Product {
  std::vector<TransportAxis> transports;
  std::vector<Axis> axes;
};

// How many combinations there are, without making them; stops at the largest number.
std::uint64_t size_of(const Product& product);
// The longer axes and their lengths, e.g. "transport 3 (with options 8), producers 80".
std::string axes_of(const Product& product);

// Calls visit with every combination, resolved; the first axis varies slowest, and the transport
// slower than any.
void for_each_cell(const Product& product, const std::function<void(Cell&)>& visit);

// Makes the options complete, gives what has no meaning for the cell its default, and gives
// different ways to say the same thing one form: with a single ring, consumers = "one" and
// bytes_are = "total"; cpus_per_ring at most the number of producers.
void resolve(Cell& cell);

// Whether the filter names the cell's transport (or none), the value of every parameter it states,
// and of every option it states for that transport. What has no meaning for the cell never matches.
bool matches(const Product& filter, const Cell& cell);

// What is wrong with a resolved cell as a whole, though each of its values is allowed.
struct Complaint {
  std::vector<std::string> keys;  // likeliest culprit first; a transport's name means its options
  std::string sentence;
};
std::vector<Complaint> complaints_about(const Row& row, const Cell& cell);

}  // namespace ringbench
