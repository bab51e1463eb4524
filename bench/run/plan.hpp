// From a config and a machine to a store that is ready to be filled: the cells that can run here,
// and those that cannot, with the reason.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bench/config/config.hpp"
#include "bench/limits/limits_plan.hpp"
#include "bench/run/chosen.hpp"
#include "bench/run/schedule.hpp"
#include "bench/run/store.hpp"
#include "topology/clock.hpp"
#include "topology/machine.hpp"

namespace ringbench {

struct Plan {
  struct Skipped {
    Cell cell;
    std::string why;
  };
  std::vector<Planned> planned;
  std::vector<Skipped> skipped;
  Chosen chosen;
  LimitsPlan limits;
};

// `cells`: those of the config, given away, because there may be many; or others, to be run as it
// says.
Plan plan_cells(const Config& config, std::vector<Cell> cells, const Machine& machine);

// Measures the clock on every CPU the plan uses and gives it to every trial. Takes some 100 ms.
void measure_clock_of(Plan& plan, const Machine& machine);

// Watches the CPUs of the plan for half a second, where a cell leaves its window to the noise;
// choose() says what follows from that for each such cell.
void choose_windows(Plan& plan, const Config& config);
void choose(Plan& plan, const Chosen& chosen);
// As was chosen when the store was made. Throws StoreError where it does not say so.
void choose_as_before(Plan& plan, const Store& store);

// results/<time>-<host>-<name>; `name`: of the config, or of what else is kept there.
std::filesystem::path default_folder(const std::string& name);

// A new store that says what will run, where and why; `status`: of the cells that can. Throws
// StoreError.
Store begin_store(const std::filesystem::path& folder, const Config& config, const Machine& machine,
                  const Plan& plan, const std::string& command,
                  std::string_view status = "planned");
void mark_finished(Store& store);

// The config a store was made from. Throws StoreError when this machine or its allowed CPUs
// are not those it was made on, or a file that the config names has changed: its results would not
// be comparable.
Config stored_config(const Store& store, const Machine& machine);

}  // namespace ringbench
