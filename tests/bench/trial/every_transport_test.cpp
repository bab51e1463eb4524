// Every transport in the list, on a few kinds of cell each.
#include <gtest/gtest.h>

#include <memory>
#include <tuple>
#include <variant>

#include "bench/trial/entry.hpp"
#include "tests/bench/trial/short_trial.hpp"

namespace ringbench {
namespace {

struct Kind {
  const char* name;
  void (*shape)(Cell&);
};

// Ten bursts of thirty records, short and long, a third of them the second producer's.
FromFile<Trace> some_trace() {
  Trace trace;
  for (std::uint32_t i = 0; i < 300; ++i) {
    trace.events.push_back(
        {1'000.0 * (i / 30), i % 3 == 0 ? 1U : 0U, static_cast<std::uint16_t>(8 + i % 50)});
  }
  trace.has_sizes = trace.names_producers = true;
  trace.period_us = 10'000;
  return {"bursts", "1", std::make_shared<const Trace>(std::move(trace))};
}

const Kind kKinds[] = {
    {"saturate", [](Cell&) {}},
    {"constant",
     [](Cell& cell) {
       cell.arrival = "constant";
       cell.rate = 50'000;
     }},
    {"poisson",
     [](Cell& cell) {
       cell.arrival = "poisson";
       cell.rate = 50'000;
     }},
    {"bursty",
     [](Cell& cell) {
       cell.arrival = "bursty";
       cell.rate = 1e6;
       cell.burst_on_us = 500;
       cell.burst_every_us = 1'000;
     }},
    {"epoll", [](Cell& cell) { cell.poll = "epoll"; }},
    {"after_window", [](Cell& cell) { cell.poll = "after_window"; }},
    {"two_producers", [](Cell& cell) { cell.producers = 2; }},
    {"two_producers_a_consumer_each",
     [](Cell& cell) {
       cell.producers = 2;
       cell.consumers = "per_ring";
     }},
    {"budget", [](Cell& cell) { cell.budget = 8; }},
    {"service_time", [](Cell& cell) { cell.service_ns = 500; }},
    {"records_of_8_bytes", [](Cell& cell) { cell.record_size = 8; }},
    {"records_of_8_bytes_without_stamps",
     [](Cell& cell) {
       cell.record_size = 8;
       cell.stamps = false;
     }},
    {"records_of_1001_bytes", [](Cell& cell) { cell.record_size = 1'001; }},
    {"sizes_around_the_short_ones",
     [](Cell& cell) {
       cell.sizes = "uniform";
       cell.record_size = 8;
       cell.record_size_max = 24;
     }},
    {"sizes_around_the_short_ones_without_stamps",
     [](Cell& cell) {
       cell.sizes = "uniform";
       cell.record_size = 8;
       cell.record_size_max = 24;
       cell.stamps = false;
     }},
    {"lognormal_sizes_overwritten",
     [](Cell& cell) {
       cell.sizes = "lognormal";
       cell.bytes = 16'384;
       cell.poll = "after_window";
       if (has_option(cell.transport, "overwrite")) cell.options["overwrite"] = "on";
     }},
    {"a_list_of_sizes",
     [](Cell& cell) {
       cell.sizes = "empirical";
       cell.size_list = {"l", "1", std::make_shared<const SizeList>(SizeList{{8, 1}, {900, 2}})};
       cell.producers = 2;
     }},
    {"trace",
     [](Cell& cell) {
       cell.arrival = "trace";
       cell.producers = 2;
       cell.trace = some_trace();
     }},
    {"zipf",
     [](Cell& cell) {
       cell.arrival = "poisson";
       cell.rate = 50'000;
       cell.producers = 2;
       cell.skew = "zipf";
     }},
    {"moving_hot",
     [](Cell& cell) {
       cell.arrival = "constant";
       cell.rate = 50'000;
       cell.producers = 2;
       cell.skew = "moving_hot";
       cell.hot_every_ms = 2;
       cell.bytes = 8'192;
     }},
    {"stalls",
     [](Cell& cell) {
       cell.arrival = "constant";
       cell.stall_ms = 2;
       cell.stall_every_ms = 5;
       cell.bytes = 8'192;
     }},
    {"a_stage_downstream",
     [](Cell& cell) {
       cell.producers = 2;
       cell.consumers = "per_ring";
       cell.arrival = "constant";
       cell.rate = 20'000;
       cell.downstream_ns = 2'000;
     }},
    {"lifecycle",
     [](Cell& cell) {
       cell.producers = 2;
       if (has_option(cell.transport, "driver")) cell.options["driver"] = "lifecycle";
     }},
    {"interrupts",
     [](Cell& cell) {
       cell.producers = 2;
       if (has_option(cell.transport, "interrupt_every")) cell.options["driver"] = "timer";
     }},
    {"a_small_ring", [](Cell& cell) { cell.bytes = 8'192; }},
    {"a_small_ring_overwritten",
     [](Cell& cell) {
       cell.bytes = 8'192;
       cell.poll = "after_window";
       if (has_option(cell.transport, "overwrite")) cell.options["overwrite"] = "on";
     }},
    {"overwritten_while_read",
     [](Cell& cell) {
       cell.bytes = 8'192;
       cell.consumer = "own_core_same_node";
       if (has_option(cell.transport, "overwrite")) cell.options["overwrite"] = "on";
     }},
};

class TrialOf : public ::testing::TestWithParam<std::tuple<const Entry*, Kind>> {
 protected:
  std::string_view transport() const { return std::get<0>(GetParam())->row->name; }
};

TEST_P(TrialOf, Balances) {
  Cell cell = short_cell(transport());
  std::get<1>(GetParam()).shape(cell);
  const auto spec = specified(cell);
  if (const auto* refusal = std::get_if<Refusal>(&spec)) GTEST_SKIP() << refusal->why;
  const auto& runnable = std::get<TrialSpec>(spec);
  expect_sound(runnable, run_awake(runnable));
}

INSTANTIATE_TEST_SUITE_P(EveryTransport, TrialOf,
                         ::testing::Combine(::testing::ValuesIn(entries().begin(), entries().end()),
                                            ::testing::ValuesIn(kKinds)),
                         [](const auto& param) {
                           return std::string(std::get<0>(param.param)->row->name) + "_" +
                                  std::get<1>(param.param).name;
                         });

}  // namespace
}  // namespace ringbench
