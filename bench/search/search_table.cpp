#include "bench/search/search_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <vector>

#include "bench/config/config_errors.hpp"
#include "bench/run/aligned.hpp"
#include "bench/run/statistics.hpp"
#include "bench/search/rate_text.hpp"
#include "bench/search/search_store.hpp"

namespace ringbench {
namespace {

using Line = std::vector<std::string>;

class CellNames {
 public:
  explicit CellNames(const Store& store) : file_(store.file().string()) {
    for (const auto& cell : store.cells()) names_[cell.id] = without_rate(cell.name);
  }

  const std::string& of(const std::string& id) const {
    const auto found = names_.find(id);
    if (found != names_.end()) return found->second;
    throw StoreError(fmt::format(
        "{}: there are results of a cell {}, and no such cell; the file is damaged: restore a "
        "copy, or search again",
        file_, ringbench::quoted(id)));
  }

 private:
  // A searched cell's name says that its rate is 0, which means nothing.
  static std::string without_rate(std::string name) {
    constexpr std::string_view kNoRate = "/rate:0";
    const auto at = name.find(kNoRate);
    if (at == std::string::npos) return name;
    const auto end = at + kNoRate.size();
    if (end == name.size() || name[end] == '/') name.erase(at, kNoRate.size());
    return name;
  }

  std::string file_;
  std::map<std::string, std::string> names_;
};

std::string rate_or(const std::optional<double>& rate, std::string none) {
  return rate ? rate_text(*rate) : std::move(none);
}

std::string rates(const Store& store, const CellNames& names) {
  std::vector<Line> lines{{"target", "met at", "not met at", "delivered", "trials", "", "cell"}};
  std::string notes;
  for (const auto& row : search_rows(store)) {
    lines.push_back({fmt::format("{:g}", row.target), rate_or(row.low, "none"),
                     rate_or(row.high, "-"), rate_or(row.conditional, "-"),
                     std::to_string(row.trials), row.status, names.of(row.cell_id)});
    if (!row.reason.empty()) {
      notes += fmt::format("{}, target {:g}: {}: {}\n", names.of(row.cell_id), row.target,
                           row.status, row.reason);
    }
  }
  return "Highest offered rate, all producers, whose drop fraction stays under the target\n" +
         aligned(lines) + (notes.empty() ? "" : "\n" + notes);
}

struct PointMetric {
  std::string_view metric;
  std::string_view heading;
  double scale;
};
constexpr std::array kPointMetrics{PointMetric{"offered_rate", "offered", 1},
                                   PointMetric{"event_cycles_p50", "event p50 cycles", 1},
                                   PointMetric{"event_cycles_p99", "event p99 cycles", 1},
                                   PointMetric{"delivery_ns_p50", "delay p50 us", 1e-3},
                                   PointMetric{"delivery_ns_p99", "delay p99 us", 1e-3},
                                   PointMetric{"reordered_ratio", "reordered %", 100},
                                   PointMetric{"drop_fraction", "dropped %", 100}};

std::string points(const Store& store, const CellNames& names) {
  std::vector<Line> lines{{"share"}};
  std::vector<std::map<std::string, std::vector<double>>> values;
  for (const auto& metric : kPointMetrics) {
    lines[0].emplace_back(metric.heading);
    values.push_back(store.values(metric.metric));
  }
  lines[0].emplace_back("cell");
  for (const auto& point : load_points(store)) {
    auto& line = lines.emplace_back(Line{fmt::format("{:g} %", point.share * 100)});
    for (std::size_t i = 0; i < kPointMetrics.size(); ++i) {
      const auto found = values[i].find(point.measured_cell_id);
      if (found == values[i].end()) {
        line.emplace_back("-");
      } else {
        const double middle = median(found->second) * kPointMetrics[i].scale;
        line.push_back(i == 0 ? rate_text(middle) : fmt::format("{:.3g}", middle));
      }
    }
    line.push_back(names.of(point.cell_id));
  }
  if (lines.size() == 1) return {};
  return "\nAt shares of the rate that met the smallest target (medians over repetitions)\n" +
         aligned(lines);
}

std::string buffers(const Store& store, const CellNames& names) {
  std::vector<Line> lines{{"consumer", "nominal", "accepted", "of nominal", "bursts", "cell"}};
  for (const auto& row : capacities(store)) {
    const double accepted = median(row.accepted);
    lines.push_back({row.away ? "away" : "as configured", fmt::format("{:.0f}", row.nominal),
                     fmt::format("{:.0f}", accepted),
                     fmt::format("{:.1f} %", 100 * accepted / std::max(1.0, row.nominal)),
                     std::to_string(row.accepted.size()), names.of(row.searched_cell_id)});
  }
  if (lines.size() == 1) return {};
  return "\nRecords of a back-to-back burst that an empty buffer took before the first drop; "
         "nominal: payloads that fill it\n" +
         aligned(lines);
}

}  // namespace

std::string search_table(const Store& store) {
  const CellNames names(store);
  auto counts = store.count_by_status();
  return rates(store, names) + points(store, names) + buffers(store, names) +
         fmt::format("\n{} trials balance, {} of them are tainted; {} failed.\n",
                     counts["ok"] + counts["tainted"], counts["tainted"], counts["failed"]);
}

}  // namespace ringbench
