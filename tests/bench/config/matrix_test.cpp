#include "bench/config/matrix.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <limits>
#include <set>

#include "bench/config/options.hpp"
#include "impls/list.hpp"

namespace ringbench {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TransportAxis transport(std::string_view name) {
  return {find_transport(name), {}};
}

OptionAxis option_axis(std::string_view transport, std::string_view key,
                       std::vector<std::string> values) {
  const auto spec = std::ranges::find(find_transport(transport)->options, key, &OptionSpec::key);
  return {&*spec, std::move(values)};
}

template <class T>
Axis axis(std::string_view key, std::initializer_list<T> values) {
  Axis axis{find_parameter(key), {}};
  for (const T& value : values) axis.values.emplace_back(value);
  return axis;
}
Axis counts(std::string_view key, std::initializer_list<std::uint64_t> values) {
  return axis<std::uint64_t>(key, values);
}
Axis words(std::string_view key, std::initializer_list<std::string> values) {
  return axis<std::string>(key, values);
}

std::vector<std::string> names(const Product& product) {
  std::vector<std::string> result;
  for_each_cell(product, [&](Cell& cell) { result.push_back(name_of(cell)); });
  return result;
}

Cell bare_cell(const std::string& name) {
  Cell cell;
  cell.transport = name;
  return cell;
}

TEST(Matrix, ExpandsTheLastAxisFastestAndEachTransportsOwnOptions) {
  Product product{{transport("null"), transport("ringbuf")},
                  {counts("producers", {1, 2}), counts("record_size", {8, 64})}};
  product.transports[1].options = {option_axis("ringbuf", "lock", {"mcs", "ttas"})};
  EXPECT_THAT(names(product),
              ElementsAre("null/producers:1/record_size:8", "null/producers:1/record_size:64",
                          "null/producers:2/record_size:8", "null/producers:2/record_size:64",
                          "ringbuf/producers:1/bytes:1048576/record_size:8",
                          "ringbuf/producers:1/bytes:1048576/record_size:64",
                          "ringbuf/producers:2/bytes:1048576/record_size:8",
                          "ringbuf/producers:2/bytes:1048576/record_size:64",
                          "ringbuf/producers:1/bytes:1048576/record_size:8/lock:ttas",
                          "ringbuf/producers:1/bytes:1048576/record_size:64/lock:ttas",
                          "ringbuf/producers:2/bytes:1048576/record_size:8/lock:ttas",
                          "ringbuf/producers:2/bytes:1048576/record_size:64/lock:ttas"));
  EXPECT_EQ(size_of(product), 12U);
  EXPECT_EQ(axes_of(product), "transport 2 (with options 3), producers 2, record_size 2");
}

TEST(Matrix, SizeStopsAtTheLargestNumber) {
  Product product{{transport("null")}, {}};
  const std::vector<Setting> long_axis(1 << 16, Setting{std::uint64_t{1}});
  for (int i = 0; i < 3; ++i) product.axes.push_back({find_parameter("producers"), long_axis});
  EXPECT_EQ(size_of(product), std::uint64_t{1} << 48);
  for (int i = 0; i < 3; ++i) product.axes.push_back({find_parameter("producers"), long_axis});
  EXPECT_EQ(size_of(product), std::numeric_limits<std::uint64_t>::max());
}

TEST(Matrix, ResolveCompletesTheOptions) {
  Cell cell = bare_cell("ringbuf");
  resolve(cell);
  const auto& specs = find_transport("ringbuf")->options;
  EXPECT_EQ(cell.options.size(), specs.size());
  for (const auto& spec : specs) EXPECT_EQ(option(cell.options, spec), spec.fallback) << spec.key;
  EXPECT_EQ(cell.options.at("lock"), "mcs");
}

TEST(Matrix, ResolveResetsWhatHasNoMeaning) {
  Cell cell = bare_cell("null");
  cell.bytes = 4096;
  cell.poll = "epoll";
  cell.service_ns = 5;
  cell.rate = 7;
  cell.burst_width = 3;
  cell.cpus = {1};
  resolve(cell);
  Cell expected = bare_cell("null");
  EXPECT_EQ(id_of(cell), id_of(expected));
  for (const auto& parameter : parameters()) {
    EXPECT_EQ(setting_of(parameter, cell), setting_of(parameter, expected)) << parameter.key;
  }
}

TEST(Matrix, ResolveResetsOptionsThatAnotherMakesIdle) {
  Cell cell = bare_cell("ringbuf");
  cell.options = {{"notify", "never"}, {"notify_every", "7"}};
  resolve(cell);
  EXPECT_EQ(cell.options.at("notify_every"), "100");
  cell.options = {{"notify", "sampled"}, {"notify_every", "7"}};
  resolve(cell);
  EXPECT_EQ(cell.options.at("notify_every"), "7");

  cell = bare_cell("perfbuf");
  cell.options = {{"notify", "always"}, {"watermark_bytes", "512"}};
  resolve(cell);
  EXPECT_EQ(cell.options.at("watermark_bytes"), "0");
}

TEST(Matrix, GroupingByTopologyAsksForNoNumberOfCpus) {
  for (const auto* mapping : {"per_core", "per_l3", "per_node"}) {
    Cell cell = bare_cell("hybrid");
    cell.producers = 8;
    cell.options = {{"mapping", mapping}, {"cpus_per_ring", "4"}};
    resolve(cell);
    EXPECT_EQ(cell.options.at("cpus_per_ring"), "0") << mapping;
  }
}

TEST(Matrix, ARingForMoreCpusThanProducersIsTheRingOfAll) {
  Cell cell = bare_cell("hybrid");
  cell.producers = 3;
  cell.options = {{"cpus_per_ring", "16"}};
  resolve(cell);
  EXPECT_EQ(cell.options.at("cpus_per_ring"), "3");
}

TEST(Matrix, WithOneRingThereIsOneConsumerAndOneSize) {
  const auto resolved = [](const std::string& name, std::uint64_t producers) {
    Cell cell = bare_cell(name);
    cell.producers = producers;
    cell.consumers = "per_ring";
    cell.bytes_are = "per_ring";
    resolve(cell);
    return cell.consumers + "," + cell.bytes_are;
  };
  EXPECT_EQ(resolved("ringbuf", 8), "one,total");
  EXPECT_EQ(resolved("perfbuf", 1), "one,total");
  EXPECT_EQ(resolved("perfbuf", 2), "per_ring,per_ring");
  EXPECT_EQ(resolved("hybrid", 2), "one,total");
  EXPECT_EQ(resolved("hybrid", 3), "per_ring,per_ring");
}

TEST(Matrix, AFilterMatchesWhenEveryKeyDoes) {
  Cell cell = bare_cell("hybrid");
  cell.producers = 4;
  resolve(cell);
  EXPECT_TRUE(matches({{}, {counts("producers", {2, 4})}}, cell));
  EXPECT_FALSE(matches({{}, {counts("producers", {2, 4}), counts("record_size", {8})}}, cell));
  EXPECT_FALSE(matches({{transport("ringbuf")}, {counts("producers", {4})}}, cell));
  EXPECT_FALSE(matches({{}, {axis<double>("rate", {100'000})}}, cell))
      << "rate has no meaning here";

  Product filter{{transport("hybrid")}, {}};
  filter.transports[0].options = {option_axis("hybrid", "cpus_per_ring", {"1", "2"})};
  EXPECT_TRUE(matches(filter, cell));
  cell.options["cpus_per_ring"] = "4";
  EXPECT_FALSE(matches(filter, cell));
}

TEST(Matrix, AFilterWithOptionsSpeaksOfTheirTransportAlone) {
  Product filter{{transport("hybrid")}, {counts("producers", {1})}};
  filter.transports[0].options = {option_axis("hybrid", "base", {"ringbuf"})};
  Cell cell = bare_cell("ringbuf");
  resolve(cell);
  EXPECT_FALSE(matches(filter, cell));
}

std::string complaint(const Cell& cell) {
  std::string text;
  for (const auto& [keys, sentence] : complaints_about(*find_transport(cell.transport), cell)) {
    text += keys.front() + ": " + sentence + "\n";
  }
  return text;
}

TEST(Matrix, ComplainsOfCellsThatMakeNoSense) {
  Cell good = bare_cell("ringbuf");
  good.producers = 2;
  resolve(good);
  EXPECT_EQ(complaint(good), "");

  Cell cell = good;
  cell.arrival = "bursty";
  cell.burst_width = 3;
  EXPECT_THAT(complaint(cell), HasSubstr("burst_width: found a burst on 3 of 2 producers"));

  cell = good;
  cell.placement = "explicit";
  EXPECT_THAT(complaint(cell), HasSubstr("placement: \"explicit\" needs the CPU of each producer"));
  cell.cpus = {0};
  EXPECT_THAT(complaint(cell), HasSubstr("cpus: found 1 CPUs for 2 producers"));
  cell.cpus = {3, 3};
  EXPECT_THAT(complaint(cell), HasSubstr("cpus: found CPU 3 twice"));
  cell.oversubscribe = true;
  EXPECT_EQ(complaint(cell), "");

  cell = good;
  cell.poll = "after_window";
  EXPECT_EQ(complaint(cell), "");
  cell.consumers = "per_ring";
  EXPECT_THAT(complaint(cell),
              HasSubstr("poll: found \"after_window\" with consumers = \"per_ring\""));
}

TEST(Matrix, ComplainsOfSchedulesThatDoNotFitInMemory) {
  Cell cell = bare_cell("ringbuf");
  resolve(cell);
  cell.arrival = "constant";
  cell.warmup_ms = 0;
  cell.duration_ms = 1000;
  cell.rate = 1 << 26;
  EXPECT_EQ(complaint(cell), "");
  cell.rate += 1;
  EXPECT_THAT(complaint(cell), HasSubstr("rate: found 67108865 events a second for 1000 ms"));
  cell.arrival = "saturate";
  EXPECT_EQ(complaint(cell), "");
}

TEST(Matrix, PassesATransportsRefusalOn) {
  Row row = *find_transport("ringbuf");
  row.refuse = [](const Options& options) -> std::string {
    return options.at("overwrite") == "on" ? "nobody reads it" : "";
  };
  Cell cell = bare_cell("ringbuf");
  resolve(cell);
  EXPECT_THAT(complaints_about(row, cell), IsEmpty());
  cell.options["overwrite"] = "on";
  const auto complaints = complaints_about(row, cell);
  ASSERT_EQ(complaints.size(), 1U);
  EXPECT_THAT(complaints[0].keys, ElementsAre("ringbuf", "transport"));
  EXPECT_EQ(complaints[0].sentence, "the combination makes no sense: nobody reads it");
}

// Draws a product over a few axes, some of which lose their meaning under others.
rc::Gen<Product> products() {
  return rc::gen::exec([] {
    Product product;
    for (const auto* name : {"null", "ringbuf", "perfbuf", "hybrid"}) {
      if (*rc::gen::arbitrary<bool>()) product.transports.push_back(transport(name));
    }
    if (product.transports.empty()) product.transports.push_back(transport("hybrid"));
    for (auto& chosen : product.transports) {
      if (chosen.row->name != "hybrid") continue;
      chosen.options = {option_axis("hybrid", "mapping", {"contiguous", "per_core"}),
                        option_axis("hybrid", "cpus_per_ring", {"1", "2", "8"})};
    }
    product.axes = {counts("producers", {1, 2, 4}), words("consumers", {"one", "per_ring"}),
                    words("arrival", {"saturate", "constant"}), axis<double>("rate", {10, 20})};
    std::erase_if(product.axes, [](const Axis&) { return *rc::gen::arbitrary<bool>(); });
    return product;
  });
}

bool holds_no_idle_value(const Cell& cell) {
  static const Cell defaults;
  return std::ranges::all_of(parameters(), [&](const Parameter& parameter) {
    return parameter.applies(cell) ||
           setting_of(parameter, cell) == setting_of(parameter, defaults);
  });
}

RC_GTEST_PROP(MatrixProperty, MakesAsManyCombinationsAsItSays, ()) {
  const Product product = *products();
  RC_ASSERT(names(product).size() == size_of(product));
}

RC_GTEST_PROP(MatrixProperty, ResolvedCellsAreFixedPointsWithoutIdleValues, ()) {
  for_each_cell(*products(), [](Cell& cell) {
    RC_ASSERT(holds_no_idle_value(cell));
    Cell again = cell;
    resolve(again);
    RC_ASSERT(again.options == cell.options);
    RC_ASSERT(id_of(again) == id_of(cell));
  });
}

RC_GTEST_PROP(MatrixProperty, NamesAreAsDifferentAsIds, ()) {
  std::set<std::string> ids;
  std::set<std::string> different;
  for_each_cell(*products(), [&](Cell& cell) {
    ids.insert(id_of(cell));
    different.insert(name_of(cell));
  });
  RC_ASSERT(ids.size() == different.size());
}

RC_GTEST_PROP(MatrixProperty, AFilterOfOneCellsValuesMatchesThatCell, ()) {
  for_each_cell(*products(), [](Cell& cell) {
    Product filter{{transport(cell.transport)}, {}};
    for (const auto& parameter : parameters()) {
      if (!parameter.applies(cell)) continue;
      filter.axes.push_back({&parameter, {setting_of(parameter, cell)}});
    }
    RC_ASSERT(matches(filter, cell));
    Cell other = cell;
    other.record_size += 1;
    RC_ASSERT(!matches(filter, other));
  });
}

}  // namespace
}  // namespace ringbench
