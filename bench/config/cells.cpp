#include "bench/config/cells.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <unordered_set>

#include "bench/config/options.hpp"
#include "impls/list.hpp"

namespace ringbench {
namespace {

struct Filter {
  const Section& section;
  Product product;
  bool cuts = false;  // it has cut something
};

// A stated parameter, or option of a transport, and whether a cell has had a use for it.
struct Use {
  Where where;
  const Parameter* parameter;  // nullptr: an option
  const Row* row;
  const OptionSpec* spec;
  bool seen = false;
};

bool has_use(const Use& use, const Cell& cell) {
  if (use.parameter != nullptr) return use.parameter->applies(cell);
  return use.row->name == cell.transport && has_meaning(*use.spec, cell.options);
}

std::string path_of(const Row& row, const OptionSpec& spec) {
  return fmt::format("{}.{}", row.name, spec.key);
}

std::vector<Use> uses_of(const Section& block, const Product& product) {
  std::vector<Use> uses;
  for (const auto& axis : product.axes) {
    const auto& statement = block.statements.at(std::string(axis.parameter->key));
    uses.push_back({statement.where, axis.parameter, nullptr, nullptr});
  }
  for (const auto& [row, axes] : product.transports) {
    for (const auto& axis : axes) {
      const auto& statement = block.statements.at(path_of(*row, *axis.spec));
      uses.push_back({statement.where, nullptr, row, axis.spec});
    }
  }
  return uses;
}

class Collector {
 public:
  Collector(std::uint64_t max_cells, ConfigErrors& errors)
      : max_cells_(max_cells), errors_(errors) {}

  // `block`: [matrix] or an [[include]], completed with the defaults. False: its cells cannot be
  // told.
  bool add(const Section& block, std::vector<Filter>& filters) {
    if (block.knows_transports && block.transports.empty()) {
      report(block, "transport", "found none; allowed: one or several, or \"all\"");
      return false;
    }
    if (!block.sound) return false;
    const Product product = product_of(block);
    if (!fits(block, product)) return false;
    expand(block, product, filters);
    return true;
  }

  bool uses(const Statement& statement) const { return used_.contains(statement.where); }
  std::size_t count() const { return cells_.size(); }
  std::vector<Cell> take() { return std::move(cells_); }

 private:
  bool fits(const Section& block, const Product& product) {
    const auto size = size_of(product);
    if (size <= max_cells_ - combinations_) {
      combinations_ += size;
      return true;
    }
    errors_.add(
        block.where, block.name,
        fmt::format("found a product of {} cells{}: {}; allowed: max_cells = {} in all, so take "
                    "values out or raise it in [run]",
                    size, combinations_ > 0 ? fmt::format(" after {} others", combinations_) : "",
                    axes_of(product), max_cells_));
    return false;
  }

  void expand(const Section& block, const Product& product, std::vector<Filter>& filters) {
    complained_.clear();
    auto uses = uses_of(block, product);
    cells_.reserve(cells_.size() + size_of(product));
    for_each_cell(product, [&](Cell& cell) {
      for (auto& use : uses) use.seen = use.seen || has_use(use, cell);
      bool cut = false;
      for (auto& filter : filters) {
        if (!matches(filter.product, cell)) continue;
        filter.cuts = true;
        cut = true;
      }
      if (cut) return;
      complain(block, cell);
      if (ids_.insert(id_of(cell)).second) cells_.push_back(std::move(cell));
    });
    for (const auto& use : uses) {
      if (use.seen) used_.insert(use.where);
    }
  }

  void complain(const Section& block, const Cell& cell) {
    for (const auto& [keys, sentence] : complaints_about(*find_transport(cell.transport), cell)) {
      // Once for each key: the sentence may hold other numbers in every cell.
      if (!complained_.insert(keys.front()).second) continue;
      const bool can_cut = block.name == "matrix";
      const auto stated = std::ranges::find_if(
          keys, [&](const std::string& key) { return block.statements.contains(key); });
      report(block, stated == keys.end() ? keys.front() : *stated,
             fmt::format("{}{}; first in {}", sentence,
                         can_cut ? ", or cut such cells with [[exclude]]" : "", name_of(cell)));
    }
  }

  void report(const Section& block, const std::string& key, const std::string& sentence) {
    const auto stated = block.statements.find(key);
    if (stated != block.statements.end()) {
      errors_.add(stated->second.where, stated->second.path, sentence);
    } else {
      errors_.add(block.where, block.name + "." + key, sentence);
    }
  }

  std::uint64_t max_cells_;
  ConfigErrors& errors_;
  std::uint64_t combinations_ = 0;
  std::vector<Cell> cells_;
  std::unordered_set<std::string> ids_;
  std::set<Where> used_;
  std::set<std::string> complained_;  // in the block at hand
};

void report_unused(const Section& section, const Collector& collector, ConfigErrors& errors) {
  const auto check = [&](const std::string& key, std::string_view scope) {
    const auto& statement = section.statements.at(key);
    if (collector.uses(statement)) return;
    errors.add(statement.where, statement.path,
               fmt::format("found a value that no cell uses; {}, so take it out or add such cells",
                           scope.empty() ? "every section states its own or has no such transport"
                                         : fmt::format("it counts only with {}", scope)));
  };
  for (const auto& axis : section.axes) {
    check(std::string(axis.parameter->key), axis.parameter->scope);
  }
  for (const auto& [row, axes] : section.options) {
    for (const auto& axis : axes) {
      check(path_of(*row, *axis.spec), scope_of(*axis.spec));
    }
  }
}

std::vector<Filter> filters_of(const Sections& sections, ConfigErrors& errors) {
  std::vector<Filter> filters;
  for (const auto& section : sections.excludes) {
    Section checked = section;
    check_option_tables(checked, errors);
    if (section.statements.empty()) {
      errors.add(section.where, section.name,
                 "found no key; allowed: keys that say which cells to cut");
    } else if (checked.sound) {
      filters.push_back({section, product_of(section)});
    }
  }
  return filters;
}

void report_idle(const std::vector<Filter>& filters, ConfigErrors& errors) {
  for (const auto& filter : filters) {
    if (filter.cuts) continue;
    errors.add(
        filter.section.where, filter.section.name,
        "found keys that match no cell of [matrix]; allowed: an exclude that cuts at least one "
        "(a key without a meaning for a cell never matches it)");
  }
}

}  // namespace

std::vector<Cell> cells_of(const Sections& sections, std::uint64_t max_cells,
                           ConfigErrors& errors) {
  Collector collector(max_cells, errors);
  auto filters = filters_of(sections, errors);
  bool complete = true;  // every section's cells could be told
  const auto add = [&](const Section& section, std::vector<Filter>& cutting, bool known) {
    Section block = with_defaults(sections.defaults, section, errors);
    block.sound = block.sound && known;
    const bool told = collector.add(block, cutting);
    if (told) report_unused(section, collector, errors);
    complete = complete && told;
    return told;
  };

  if (!sections.matrix) {
    report_idle(filters, errors);
  } else if (add(*sections.matrix, filters, filters.size() == sections.excludes.size())) {
    report_idle(filters, errors);
    if (collector.count() == 0) {
      errors.add(sections.matrix->where, "matrix",
                 "found no cell that the [[exclude]] sections leave");
    }
  }
  std::vector<Filter> none;
  for (const auto& include : sections.includes) add(include, none, true);
  if (complete) report_unused(sections.defaults, collector, errors);
  return collector.take();
}

}  // namespace ringbench
