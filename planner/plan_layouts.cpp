#include "planner/plan_layouts.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <set>

#include "bench/config/parameters.hpp"
#include "bench/config/suggest.hpp"
#include "planner/sizes.hpp"
#include "topology/placement.hpp"

namespace ringbench::planner {
namespace {

constexpr std::array<std::string_view, 6> kLayoutKeys{"kind",  "cpus_per_ring", "mapping",
                                                      "total", "ring",          "consumers"};
constexpr std::array<std::string_view, 3> kKinds{"shared", "rings", "perf"};
constexpr std::string_view kEach = "each";
constexpr double kMostTotal =
    0x1p42;  // perf_event_header::size has 16 bits and counts the headers, in steps of 8.
constexpr double kMostPerfRecord = 65'528;

// What one [[layout]] states; each list is an axis.
struct LayoutAxes {
  Kind kind = Kind::shared;
  std::vector<std::string> mappings{"contiguous"};
  std::vector<unsigned> cpus_per_ring;
  bool sizes_are_totals = false;
  std::vector<std::uint64_t> sizes;
  std::vector<unsigned> consumers{1};  // 0: one a ring
};

bool counts_cpus(std::string_view mapping) {
  return mapping == "contiguous" || mapping == "modulo";
}

class AxesReader {
 public:
  AxesReader(const toml::table& table, std::size_t cpus, ConfigErrors& errors)
      : table_(table), cpus_(static_cast<double>(cpus)), errors_(errors) {}

  // Nothing: what is wrong is reported.
  std::optional<LayoutAxes> read() {
    const auto errors_before = errors_.count();
    reject_unknown_keys();
    read_kind();
    if (errors_.count() != errors_before) return std::nullopt;
    read_mapping();
    read_cpus_per_ring();
    read_sizes();
    read_consumers();
    if (errors_.count() != errors_before) return std::nullopt;
    return axes_;
  }

 private:
  ValueReader reader(std::string_view key) const {
    return {fmt::format("layout.{}", key), errors_};
  }

  void reject_unknown_keys() {
    for (const auto& [key, node] : table_) {
      if (std::ranges::find(kLayoutKeys, key.str()) != kLayoutKeys.end()) continue;
      errors_.add(where_of(key), "layout." + printable(key.str()),
                  fmt::format("found an unknown key; allowed: {}{}", fmt::join(kLayoutKeys, ", "),
                              suggestion(key.str(), kLayoutKeys)));
    }
  }

  void miss(std::string_view key, std::string_view sentence) {
    errors_.add(where_of(table_), fmt::format("layout.{}", key), sentence);
  }

  void read_kind() {
    const auto* node = table_.get("kind");
    if (node == nullptr) {
      miss("kind", fmt::format("missing; allowed: {}", choices(kKinds)));
    } else if (const auto word = reader("kind").word(*node, kKinds)) {
      axes_.kind = static_cast<Kind>(std::ranges::find(kKinds, *word) - kKinds.begin());
    }
  }

  // True where the key has a meaning for the kind; else it must not be stated.
  bool for_rings_alone(std::string_view key) {
    if (axes_.kind == Kind::rings) return true;
    if (const auto* node = table_.get(key)) {
      errors_.add(where_of(*node), fmt::format("layout.{}", key),
                  "has no meaning for this kind, whose rings follow from the CPUs; allowed with "
                  "kind = \"rings\"");
    }
    return false;
  }

  void read_mapping() {
    const auto* node = for_rings_alone("mapping") ? table_.get("mapping") : nullptr;
    if (node == nullptr) return;
    axes_.mappings.clear();
    for (const auto* element : axis_nodes(*node, reader("mapping"))) {
      if (const auto word = reader("mapping").word(*element, kMappingNames))
        axes_.mappings.push_back(*word);
    }
  }

  void read_cpus_per_ring() {
    if (!for_rings_alone("cpus_per_ring")) return;
    const auto* node = table_.get("cpus_per_ring");
    if (axes_.mappings.empty()) return;  // reported; whether they need it cannot be told
    const bool needed = std::ranges::any_of(axes_.mappings, counts_cpus);
    if (node == nullptr) {
      if (needed)
        miss("cpus_per_ring", fmt::format("missing; allowed: {}, or an array of such",
                                          integer_range(1, cpus_, false, "CPUs")));
      return;
    }
    if (!needed) {
      reader("cpus_per_ring")
          .reject(*node, "nothing, for these mappings take the rings from the topology");
      return;
    }
    for (const auto* element : axis_nodes(*node, reader("cpus_per_ring"))) {
      if (const auto n = reader("cpus_per_ring").integer(*element, 1, cpus_, false, "CPUs"))
        axes_.cpus_per_ring.push_back(static_cast<unsigned>(*n));
    }
  }

  void read_sizes() {
    const auto* total = table_.get("total");
    const auto* ring = table_.get("ring");
    if ((total == nullptr) == (ring == nullptr)) {
      errors_.add(
          where_of(ring != nullptr ? *ring : table_), "layout.ring",
          fmt::format("{}; allowed: either total, the bytes of all rings together, or ring, "
                      "the bytes of one",
                      ring != nullptr ? "found beside total" : "missing, as is total"));
      return;
    }
    axes_.sizes_are_totals = total != nullptr;
    const auto name = reader(total != nullptr ? "total" : "ring");
    const double most = total != nullptr ? kMostTotal : static_cast<double>(kMostRing);
    for (const auto* element : axis_nodes(total != nullptr ? *total : *ring, name)) {
      const auto bytes = read_bytes(*element, kPageBytes, most, name);
      if (bytes) axes_.sizes.push_back(static_cast<std::uint64_t>(*bytes));
    }
  }

  void read_consumers() {
    const auto* node = table_.get("consumers");
    if (node == nullptr) return;
    axes_.consumers.clear();
    const auto name = reader("consumers");
    for (const auto* element : axis_nodes(*node, name)) {
      if (element->value_exact<std::string>() == kEach) {
        axes_.consumers.push_back(0);
      } else if (element->is_integer()) {
        if (const auto n = name.integer(*element, 1, cpus_, false, "threads"))
          axes_.consumers.push_back(static_cast<unsigned>(*n));
      } else {
        name.reject(*element, "a number of threads, \"each\" for one a ring, or an array of such");
      }
    }
  }

  const toml::table& table_;
  double cpus_;
  ConfigErrors& errors_;
  LayoutAxes axes_;
};

std::string rings_words(const Layout& layout) {
  if (layout.kind == Kind::shared) return "shared";
  if (layout.kind == Kind::perf) return "perf";
  if (!counts_cpus(layout.mapping))
    return fmt::format("rings per {}", layout.mapping.substr(std::string_view("per_").size()));
  if (layout.cpus_per_ring == 1) return "rings of 1 CPU";
  return fmt::format("rings of {} CPUs ({})", layout.cpus_per_ring, layout.mapping);
}

std::string name_of(const Layout& layout) {
  const auto size = text_of_bytes(layout.ring_bytes);
  if (layout.kind == Kind::shared) return fmt::format("shared {}", size);
  return fmt::format("{} {} x {}, {} consumer{}", rings_words(layout), layout.rings, size,
                     layout.consumers, layout.consumers == 1 ? "" : "s");
}

class Expansion {
 public:
  Expansion(Statements& statements, Plan& plan) : statements_(statements), plan_(plan) {}

  void add(const toml::table& table) {
    const auto axes = AxesReader(table, plan_.cpus.size(), statements_.file_errors()).read();
    if (!axes) return;
    const auto errors_before = errors().count();
    std::set<unsigned> used;  // of axes.consumers
    for (const auto& mapping : axes->mappings) {
      const bool counts = counts_cpus(mapping) && axes->kind == Kind::rings;
      for (const unsigned n : counts ? axes->cpus_per_ring : std::vector<unsigned>{0}) {
        const auto rings = rings_of(*axes, mapping, n);
        for (const auto size : axes->sizes) {
          const auto sized = with_size(rings, *axes, size, table);
          if (!sized) continue;
          for (const unsigned consumers : axes->consumers) {
            if (consumers > sized->rings) continue;
            used.insert(consumers);
            if (!add(*sized, consumers, table)) return;
          }
        }
      }
    }
    if (errors().count() == errors_before) report_idle_consumers(*axes, used, table);
  }

 private:
  ConfigErrors& errors() { return statements_.file_errors(); }

  Layout rings_of(const LayoutAxes& axes, const std::string& mapping,
                  unsigned cpus_per_ring) const {
    Layout layout;
    layout.kind = axes.kind;
    const auto cpus = plan_.cpus.size();
    if (axes.kind == Kind::shared) {
      layout.ring_of_cpu.assign(cpus, 0);
    } else {
      layout.mapping = axes.kind == Kind::perf ? "contiguous" : mapping;
      layout.cpus_per_ring = axes.kind == Kind::perf ? 1 : cpus_per_ring;
      layout.ring_of_cpu =
          map_to_rings(plan_.machine, plan_.cpus, layout.mapping, layout.cpus_per_ring);
    }
    layout.rings = 1 + *std::ranges::max_element(layout.ring_of_cpu);
    return layout;
  }

  // Nothing: such a ring cannot be.
  std::optional<Layout> with_size(Layout layout, const LayoutAxes& axes, std::uint64_t size,
                                  const toml::table& table) {
    layout.ring_bytes = axes.sizes_are_totals ? size / layout.rings : size;
    const std::string_view key = axes.sizes_are_totals ? "layout.total" : "layout.ring";
    const auto& node = *table.get(axes.sizes_are_totals ? "total" : "ring");
    const auto one = text_of_bytes(layout.ring_bytes);
    const double record = bytes_of_record(layout.kind, plan_.inputs.high.record_size);
    std::string why;
    if (layout.ring_bytes < kPageBytes) {
      why = fmt::format("gives each of {} rings {}; allowed: at least a page, {} bytes, for each",
                        layout.rings, one, kPageBytes);
    } else if (layout.ring_bytes > kMostRing) {
      why =
          fmt::format("gives a ring {}; allowed: at most {}, the largest max_entries of a BPF ring",
                      one, text_of_bytes(kMostRing));
    } else if (static_cast<double>(layout.ring_bytes) < record) {
      why = fmt::format(
          "gives a ring {}, which no record of {:.0f} bytes fits into; allowed: at "
          "least {} bytes a ring, or a smaller source.record_size",
          one, record, record);
    } else if (layout.kind == Kind::perf && record > kMostPerfRecord) {
      why = fmt::format(
          "is a perf buffer, whose records are at most {:.0f} bytes, and needs {:.0f}; "
          "state a smaller source.record_size, or another kind",
          kMostPerfRecord, record);
    }
    if (why.empty()) return layout;
    errors().add(where_of(node), key, why);
    return std::nullopt;
  }

  // False: there are too many.
  bool add(Layout layout, unsigned consumers, const toml::table& table) {
    layout.consumers = consumers == 0 ? layout.rings : consumers;
    layout.name = name_of(layout);
    if (!names_.insert(layout.name).second) return true;
    if (plan_.layouts.size() == kMostLayouts) {
      errors().add(where_of(table), "layout",
                   fmt::format("found more than {} layouts, each array's product counted; allowed: "
                               "at most {}, so shorten the arrays",
                               kMostLayouts, kMostLayouts));
      return false;
    }
    plan_.layouts.push_back(std::move(layout));
    return true;
  }

  // A ring has one consumer, so more threads than rings are left out; where that leaves nothing of
  // a number it was a mistake.
  void report_idle_consumers(const LayoutAxes& axes, const std::set<unsigned>& used,
                             const toml::table& table) {
    for (const unsigned consumers : axes.consumers) {
      if (used.contains(consumers)) continue;
      errors().add(where_of(*table.get("consumers")), "layout.consumers",
                   fmt::format("found {}, more than there are rings in any layout of this table; "
                               "allowed: at most one a ring, which \"each\" stands for",
                               consumers));
    }
  }

  Statements& statements_;
  Plan& plan_;
  std::set<std::string> names_;
};

}  // namespace

void read_layouts(Statements& statements, Plan& plan) {
  if (statements.layouts().empty() && statements.file_errors().count() == 0) {
    statements.reject("layout",
                      "missing, so there is nothing to choose from; state at least one [[layout]]");
  }
  if (plan.cpus.empty()) return;
  Expansion expansion(statements, plan);
  for (const auto* node : statements.layouts()) expansion.add(*node->as_table());
}

}  // namespace ringbench::planner
