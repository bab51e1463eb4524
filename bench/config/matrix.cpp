#include "bench/config/matrix.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <limits>

#include "bench/config/options.hpp"
#include "impls/list.hpp"

namespace ringbench {
namespace {

constexpr std::uint64_t kMost = std::numeric_limits<std::uint64_t>::max();

std::uint64_t times(std::uint64_t a, std::uint64_t b) {
  std::uint64_t product = 0;
  return __builtin_mul_overflow(a, b, &product) ? kMost : product;
}

std::uint64_t plus(std::uint64_t a, std::uint64_t b) {
  std::uint64_t sum = 0;
  return __builtin_add_overflow(a, b, &sum) ? kMost : sum;
}

std::uint64_t option_combinations(const Product& product) {
  std::uint64_t sum = 0;
  for (const auto& transport : product.transports) {
    std::uint64_t combinations = 1;
    for (const auto& axis : transport.options) {
      combinations = times(combinations, axis.values.size());
    }
    sum = plus(sum, combinations);
  }
  return sum;
}

// The cells of the axes from `axis` on. Every cell sets every axis, so one is enough to set them
// in.
void expand_axes(const Product& product, std::size_t axis, Cell& cell,
                 const std::function<void(Cell&)>& visit) {
  if (axis == product.axes.size()) {
    Cell resolved = cell;
    resolve(resolved);
    visit(resolved);
    return;
  }
  const auto& [parameter, values] = product.axes[axis];
  for (const auto& value : values) {
    assign(*parameter, cell, value);
    expand_axes(product, axis + 1, cell, visit);
  }
}

void expand_options(const Product& product, const TransportAxis& transport, std::size_t axis,
                    Cell& cell, const std::function<void(Cell&)>& visit) {
  if (axis == transport.options.size()) {
    expand_axes(product, 0, cell, visit);
    return;
  }
  const auto& [spec, values] = transport.options[axis];
  for (const auto& value : values) {
    cell.options.insert_or_assign(std::string(spec->key), value);
    expand_options(product, transport, axis + 1, cell, visit);
  }
}

// Its value in the cell, or 0: not stated, or not by a number.
std::uint64_t cpus_per_ring(const Cell& cell) {
  std::uint64_t value = 0;
  const auto found = cell.options.find("cpus_per_ring");
  if (found != cell.options.end()) {
    std::from_chars(found->second.data(), found->second.data() + found->second.size(), value);
  }
  return value;
}

bool has_one_ring(const Cell& cell, const Row& row) {
  return row.layout == Layout::shared || cell.producers == 1 ||
         (row.layout == Layout::grouped && cpus_per_ring(cell) == cell.producers);
}

bool matches_options(const TransportAxis& filter, const Cell& cell) {
  return std::all_of(filter.options.begin(), filter.options.end(), [&](const OptionAxis& axis) {
    const auto found = cell.options.find(axis.spec->key);
    return found != cell.options.end() && has_meaning(*axis.spec, cell.options) &&
           std::find(axis.values.begin(), axis.values.end(), found->second) != axis.values.end();
  });
}

bool matches_axis(const Axis& axis, const Cell& cell) {
  return axis.parameter->applies(cell) &&
         std::find(axis.values.begin(), axis.values.end(), setting_of(*axis.parameter, cell)) !=
             axis.values.end();
}

}  // namespace

std::uint64_t size_of(const Product& product) {
  std::uint64_t size = option_combinations(product);
  for (const auto& axis : product.axes) size = times(size, axis.values.size());
  return size;
}

std::string axes_of(const Product& product) {
  std::string text = fmt::format("transport {}", product.transports.size());
  const auto combinations = option_combinations(product);
  if (combinations != product.transports.size()) {
    text += fmt::format(" (with options {})", combinations);
  }
  for (const auto& [parameter, values] : product.axes) {
    if (values.size() > 1) text += fmt::format(", {} {}", parameter->key, values.size());
  }
  return text;
}

void for_each_cell(const Product& product, const std::function<void(Cell&)>& visit) {
  for (const auto& transport : product.transports) {
    Cell cell;
    cell.transport = transport.row->name;
    expand_options(product, transport, 0, cell, visit);
  }
}

void resolve(Cell& cell) {
  const Row& row = *find_transport(cell.transport);
  resolve_options(row, cell.options);
  if (row.layout == Layout::grouped && cpus_per_ring(cell) > cell.producers) {
    cell.options.insert_or_assign("cpus_per_ring", std::to_string(cell.producers));
  }
  for (const auto& parameter : parameters()) {
    if (!parameter.applies(cell)) set_default(parameter, cell);
  }
  if (has_one_ring(cell, row)) {
    cell.consumers = "one";
    cell.bytes_are = "total";
  }
}

bool matches(const Product& filter, const Cell& cell) {
  const auto names_it = [&](const TransportAxis& transport) {
    return transport.row->name == cell.transport && matches_options(transport, cell);
  };
  return (filter.transports.empty() ||
          std::any_of(filter.transports.begin(), filter.transports.end(), names_it)) &&
         std::all_of(filter.axes.begin(), filter.axes.end(),
                     [&](const Axis& axis) { return matches_axis(axis, cell); });
}

}  // namespace ringbench
