// Every transport in the list, on a few kinds of cell each.
#include <gtest/gtest.h>

#include <tuple>
#include <variant>

#include "bench/trial/entry.hpp"
#include "bench/trial/isolation.hpp"
#include "tests/bench/trial/short_trial.hpp"

namespace ringbench {
namespace {

struct Kind {
  const char* name;
  void (*shape)(Cell&);
};

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
  expect_sound(runnable, run_isolated(*std::get<0>(GetParam()), runnable));
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
