// What every transport promises whose events the kernel makes: impls/transport.hpp as tests.
#include <gtest/gtest.h>

#include <functional>
#include <random>

#include "tests/impls/kernel_rig.hpp"

namespace ringbench::conformance {
namespace {

constexpr std::size_t kPage = 4096;

bool by_library(const Variant& variant) {
  return has(variant, "reader", "libbpf");
}
bool is_perf(const Variant& variant) {
  return variant.row->name == "kernel_perfbuf";
}

// Overwriting has a test of its own.
std::vector<Variant> without_overwriting(const std::function<bool(const Variant&)>& predicate) {
  return emitted_variants_where(
      [&](const Variant& v) { return !has(v, "overwrite", "on") && predicate(v); });
}

// Each value of each option once, with the others at their fallbacks.
bool changes_one_option(const Variant& variant) {
  const std::size_t needed = has(variant, "call", "output") && has(variant, "source", "stack") ? 2
                             : notifies(variant, "sampled") && !has_fallback_numbers(variant)  ? 2
                             : notifies(variant, "bytes") && !has_fallback_numbers(variant)    ? 2
                                                                                               : 1;
  return changed_options(variant) <= needed;
}
// The same, without the wake-ups, and of the hybrid the fallbacks alone: it differs from the single
// ring only in how it finds its ring.
bool moves_records_otherwise(const Variant& variant) {
  if (variant.row->name == "kernel_hybrid" && changed_options(variant) != 0) return false;
  return delivers(variant) && changes_one_option(variant) && has_fallback_numbers(variant) &&
         (notifies(variant, "adaptive") || notifies(variant, "watermark"));
}

// Skips what cannot run here, with the reason.
class KernelVariant : public testing::TestWithParam<Variant> {
 protected:
  void SetUp() override {
    if (const auto why = why_not(GetParam()); !why.empty()) GTEST_SKIP() << why;
  }
  KernelRig make(Shape shape = {}) const { return KernelRig(GetParam(), shape); }
  std::size_t capacity(std::uint32_t size) const {
    return (kRing - 1) / record_bytes(GetParam(), size);
  }
};

// To load a program takes 50 ms: of the hybrid and of libbpf's reader there are not all
// combinations.
bool is_worth_a_load(const Variant& variant) {
  const bool is_simple = variant.row->name != "kernel_hybrid" && !by_library(variant);
  return changes_one_option(variant) ||
         (has_fallback_numbers(variant) && (is_simple || changed_options(variant) == 2));
}
class KernelCombination : public KernelVariant {};
INSTANTIATE_TEST_SUITE_P(Every, KernelCombination,
                         testing::ValuesIn(without_overwriting(is_worth_a_load)), name);

class KernelDelivering : public KernelVariant {};
INSTANTIATE_TEST_SUITE_P(Every, KernelDelivering,
                         testing::ValuesIn(without_overwriting(moves_records_otherwise)), name);

// Every combination of options: full twice over, with a drain between.
TEST_P(KernelCombination, CarriesWhatItIsGivenAndCountsTheRest) {
  auto rig = make({.size = 24, .producers = 2});
  for (int round = 0; round < 2; ++round) {
    for (const unsigned p : {0U, 1U}) {
      rig.emit_nothing(p, 7);
      rig.emit(p, 130);
    }
    rig.drain();
  }
  EXPECT_EQ(rig.attempted(1), 260U);
  if (!delivers(GetParam())) {
    EXPECT_EQ(rig.subject->overwritten(), 520U);
    EXPECT_EQ(rig.consume(0), 0U);
    EXPECT_EQ(rig.subject->audit(), "");
    return;
  }
  rig.emit(0, 2);  // where perf tells of the records lost before
  rig.emit(1, 2);
  expect_all_arrived(rig);
  if (is_perf(GetParam())) {
    EXPECT_EQ(rig.reader.lost_in_all(),
              rig.drops(0, Drop::no_space) + rig.drops(1, Drop::no_space));
  }
  EXPECT_FALSE(rig.subject->describe().empty());
}

TEST_P(KernelDelivering, AnEmptyCallSendsNothing) {
  auto rig = make();
  rig.emit_nothing(0, 64);
  rig.emit_nothing(0, 1);
  EXPECT_EQ(rig.emitters[0]->tally(), Tally{});
  EXPECT_EQ(rig.subject->occupancy(0), 0U);
  EXPECT_EQ(rig.consume(0), 0U);
  rig.emit(0, 3);
  rig.emit_nothing(0, 64);
  EXPECT_EQ(rig.emitters[0]->tally().committed, 3U);
  EXPECT_EQ(rig.subject->occupancy(0), 3 * record_bytes(GetParam(), 8));
  expect_all_arrived(rig);
}

TEST_P(KernelDelivering, ARingIsFullOneRecordBeforeItsLastByte) {
  auto rig = make();
  ASSERT_EQ(capacity(8), is_perf(GetParam()) ? 170U : 255U);
  rig.emit(0, 300);
  EXPECT_EQ(rig.sent(0).size(), capacity(8));
  EXPECT_EQ(rig.sent(0).back(), capacity(8) - 1) << "the first that came, not any";
  EXPECT_EQ(rig.drops(0, Drop::no_space), 300 - capacity(8));
  const auto full = rig.subject->occupancy(0);
  EXPECT_EQ(full, capacity(8) * record_bytes(GetParam(), 8));
  rig.emit(0, 50);
  EXPECT_EQ(rig.subject->occupancy(0), full) << "a refusal changes nothing";
  EXPECT_EQ(rig.sent(0).size(), capacity(8));
  EXPECT_EQ(rig.emitters[0]->tally().dropped(), rig.drops(0, Drop::no_space));
  rig.drain();
  rig.emit(0, 5);
  EXPECT_EQ(rig.sent(0).size(), capacity(8) + 5) << "a drained ring refuses";
  expect_all_arrived(rig);
}

TEST_P(KernelDelivering, ARecordOfTheWholeRingIsTooBig) {
  const Shape shape{.size = largest_payload_of(GetParam(), kRing) + 1};
  if (const auto why = why_not(GetParam(), shape); !why.empty()) GTEST_SKIP() << why;
  auto rig = make(shape);
  rig.emit(0, 70);
  EXPECT_EQ(rig.drops(0, Drop::too_big), 70U);
  EXPECT_EQ(rig.emitters[0]->tally().dropped(), 70U);
  EXPECT_EQ(rig.subject->occupancy(0), 0U);
  EXPECT_EQ(rig.consume(0), 0U);
  EXPECT_EQ(rig.subject->audit(), "") << "no loss that the kernel knows of";
}

TEST_P(KernelDelivering, MemoryIsTold) {
  constexpr std::size_t kLarge = 65'536;
  std::size_t footprint = 0;
  MappedMemory mapped;
  {
    const auto rig = make({.ring_bytes = kRing, .producers = 4});
    footprint = rig.subject->footprint();
    EXPECT_GE(footprint, rig.geometry.rings * kRing);
    mapped = rig.subject->mapped();
    if (!by_library(GetParam())) {  // which maps a BPF ring buffer once more
      const auto each = is_perf(GetParam()) ? kPage + kRing : 2 * kPage + 2 * kRing;
      EXPECT_EQ(mapped.virtual_bytes, rig.geometry.rings * each) << "positions and data";
    }
    EXPECT_FALSE(rig.subject->describe().empty());
  }
  const auto large = make({.ring_bytes = kLarge, .producers = 4});
  const auto more = large.geometry.rings * (kLarge - kRing);
  EXPECT_GE(large.subject->footprint() - footprint, more);
  EXPECT_LE(large.subject->footprint() - footprint, 2 * more) << "pages that are mapped twice";
  // A BPF ring buffer's data is mapped twice in a row, perf's once.
  EXPECT_EQ(large.subject->mapped().virtual_bytes - mapped.virtual_bytes,
            is_perf(GetParam()) ? more : 2 * more);
  EXPECT_LE(large.subject->mapped().resident_bytes, large.subject->mapped().virtual_bytes);
}

// Whatever happens in whatever order, the counts balance and each record arrives once.
TEST_P(KernelDelivering, CountsBalanceAfterAMixOfEverything) {
  std::mt19937 random(4);
  auto rig = make({.size = 40, .ring_bytes = 2 * kRing, .producers = 3});
  const auto below = [&](unsigned n) { return static_cast<unsigned>(random() % n); };
  for (int step = 0; step < 150; ++step) {
    const auto producer = below(3);
    switch (below(4)) {
      case 0:
        rig.emit_nothing(producer, 1 + below(64));
        break;
      case 1:
        rig.consume(below(rig.geometry.rings), by_library(GetParam()) ? 0 : below(30));
        break;
      default:
        rig.emit(producer, 1 + below(100));
    }
  }
  rig.drain();
  for (const unsigned p : {0U, 1U, 2U}) rig.emit(p, 1);
  expect_all_arrived(rig);
  std::uint64_t refused = 0;
  for (const unsigned p : {0U, 1U, 2U}) refused += rig.drops(p, Drop::no_space);
  EXPECT_GT(refused, 100U) << "it was never full";
  EXPECT_GT(rig.reader.records(), 500U);
  EXPECT_EQ(rig.reader.lost_in_all(), is_perf(GetParam()) ? refused : 0);
}

// Batches that do not end where a word of refused() does, one that crosses the full point, and the
// largest that there are.
class KernelBatch : public KernelVariant {};
INSTANTIATE_TEST_SUITE_P(Every, KernelBatch,
                         testing::ValuesIn(without_overwriting([](const Variant& v) {
                           return moves_records_otherwise(v) && has(v, "driver", "test_run") &&
                                  !by_library(v);
                         })),
                         name);

TEST_P(KernelBatch, RefusedEventsAreNamedOneByOne) {
  auto variant = GetParam();
  variant.options["batch"] = "1024";
  KernelRig rig(variant, {});
  ASSERT_EQ(rig.emitters[0]->batch(), 1'024U);
  rig.emit(0, 100);
  EXPECT_TRUE(rig.emitters[0]->refused().empty()) << "nothing was refused";
  rig.emit(0, 1'024);
  EXPECT_EQ(rig.emitters[0]->refused().size(), 16U);
  EXPECT_EQ(rig.sent(0).size(), capacity(8));
  rig.emit(0, 1'024);
  EXPECT_EQ(rig.sent(0).size(), capacity(8)) << "every one of them";
  rig.consume(0, 70);
  rig.emit(0, 65);
  rig.emit(0, 200);
  rig.drain();
  rig.emit(0, 1);
  EXPECT_TRUE(rig.emitters[0]->refused().empty()) << "those of the call before";
  expect_all_arrived(rig);
}

TEST_P(KernelBatch, ABudgetBoundsEachConsume) {
  auto rig = make();
  rig.emit(0, 10);
  EXPECT_EQ(rig.consume(0, 3), 3U);
  EXPECT_EQ(rig.reader.records(), 3U);
  EXPECT_EQ(rig.subject->occupancy(0), 7 * record_bytes(GetParam(), 8));
  EXPECT_EQ(rig.consume(0, 6), 6U);
  EXPECT_EQ(rig.consume(0, 5), 1U);
  EXPECT_EQ(rig.consume(0, 5), 0U);
  rig.emit(0, 7);
  EXPECT_EQ(rig.consume(0, 0), 7U);
  expect_all_arrived(rig);
}

TEST_P(KernelBatch, LibbpfReadsWhatWeRead) {
  auto other = GetParam();
  other.options["reader"] = "libbpf";
  KernelRig ours(GetParam(), {.size = 33}), theirs(other, {.size = 33});
  for (KernelRig* rig : {&ours, &theirs}) {
    for (const unsigned events : {30, 1, 200, 5, 64, 90, 2}) {
      rig->emit(0, events);
      rig->drain();
    }
  }
  EXPECT_GT(ours.reader.records(), 200U);
  EXPECT_EQ(ours.reader.arrivals, theirs.reader.arrivals);
  expect_all_arrived(ours);
  expect_all_arrived(theirs);
}

// Payloads of every kind of length, from each place where they are made, many times around the
// ring.
struct Sized {
  Variant variant;
  std::uint32_t size;  // 0: the largest that the ring takes
  bool stamps;
};
// All of them where the fallbacks make the payload, some where other options do.
std::vector<std::uint32_t> sizes_for(const Variant& variant) {
  if (changed_options(variant) == 0) {
    return {8, 9, 15, 16, 17, 24, 61, 64, 127, 384, 1'001, 2'000, 0};
  }
  if (has(variant, "source", "stack")) return {8, 17, 61, 384};
  return {8, 17, 61, 384, 0};
}
std::vector<Sized> all_sizes() {
  std::vector<Sized> all;
  for (const auto& variant : without_overwriting([](const Variant& v) {
         return moves_records_otherwise(v) && has(v, "driver", "test_run") &&
                v.row->name != "kernel_hybrid";
       })) {
    for (const auto size : sizes_for(variant)) {
      all.push_back({variant, size, false});
      if (size == 9 || size == 15) all.push_back({variant, size, true});
    }
  }
  return all;
}
class KernelSize : public testing::TestWithParam<Sized> {};
INSTANTIATE_TEST_SUITE_P(Every, KernelSize, testing::ValuesIn(all_sizes()), [](const auto& param) {
  return name_of(param.param.variant) + "_" + std::to_string(param.param.size) +
         (param.param.stamps ? "_stamps" : "");
});

TEST_P(KernelSize, ArrivesWholeManyTimesAroundTheRing) {
  const auto& [variant, wanted, stamps] = GetParam();
  const Shape shape{.size = wanted == 0 ? largest_payload_of(variant, kRing) : wanted,
                    .stamps = stamps};
  if (const auto why = why_not(variant, shape); !why.empty()) GTEST_SKIP() << why;
  KernelRig rig(variant, shape);
  const auto room = static_cast<unsigned>((kRing - 1) / record_bytes(variant, shape.size));
  for (unsigned round = 0; round < 40; ++round) {
    rig.emit(0, room > 2 ? room - round % 3 : 1);
    rig.drain();
  }
  EXPECT_EQ(rig.emitters[0]->tally().dropped(), 0U);
  EXPECT_GT(rig.sent(0).size() * record_bytes(variant, shape.size), 19 * kRing);
  expect_all_arrived(rig);
}

TEST(KernelSizes, TheLargestOfAllAreCarried) {
  for (const auto& variant : without_overwriting(moves_records_otherwise)) {
    for (const std::uint32_t size : {384, 32'768, 65'000}) {
      const Shape shape{.size = size, .ring_bytes = 1 << 17};
      const bool fits = size == 384 || (size == 32'768 && !has(variant, "source", "stack")) ||
                        has(variant, "call", "reserve");
      if (!variant.row->unavailable().empty()) GTEST_SKIP() << variant.row->unavailable();
      ASSERT_EQ(why_not(variant, shape).empty(), fits) << variant << " " << size;
      if (!fits || (size == 384 && !has(variant, "source", "stack"))) continue;
      KernelRig rig(variant, shape);
      for (int round = 0; round < 5; ++round) {
        rig.emit(0, 1);
        rig.drain();
      }
      EXPECT_EQ(rig.sent(0).size(), 5U) << variant << " " << size;
      expect_all_arrived(rig);
    }
  }
}

class KernelOverwriting : public testing::TestWithParam<Variant> {};
INSTANTIATE_TEST_SUITE_P(Every, KernelOverwriting,
                         testing::ValuesIn(emitted_variants_where([](const Variant& v) {
                           return has(v, "overwrite", "on") && changed_options(v) == 1;
                         })),
                         name);

TEST_P(KernelOverwriting, KeepsTheNewest) {
  const auto& row = *GetParam().row;
  if (const auto why = row.unavailable(); !why.empty()) GTEST_SKIP() << why;
  const Demands demands{.record_size = 8, .reads_after_window = true};
  if (const auto why = row.unfit(GetParam().options, demands); !why.empty()) GTEST_SKIP() << why;
  KernelRig rig(GetParam(), {});
  rig.emit(0, 1'000);
  EXPECT_EQ(rig.sent(0).size(), 1'000U) << "nothing is refused";
  rig.drain();
  const auto found = rig.reader.sequences(0);
  ASSERT_GT(found.size(), 200U);
  EXPECT_EQ(found.back(), 999U);
  EXPECT_EQ(found.front(), 1'000 - found.size());
  EXPECT_EQ(rig.subject->overwritten(), 1'000 - found.size());
}

}  // namespace
}  // namespace ringbench::conformance
