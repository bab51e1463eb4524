#include "planner/layout.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "planner/sizes.hpp"

namespace ringbench::planner {
namespace {

using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;

constexpr std::uint64_t kKiB = 1024;
constexpr std::uint64_t kMiB = 1024 * kKiB;
constexpr std::uint64_t kPage = 4096;

Layout layout(Kind kind, unsigned rings, std::uint64_t ring_bytes) {
  Layout made;
  made.kind = kind;
  made.rings = rings;
  made.ring_bytes = ring_bytes;
  made.mapping = "contiguous";
  made.cpus_per_ring = 8;
  return made;
}

TEST(Sizes, AreReadWithAndWithoutUnits) {
  EXPECT_EQ(bytes_from_text("5 MiB"), 5.0 * kMiB);
  EXPECT_EQ(bytes_from_text("640KiB"), 640.0 * kKiB);
  EXPECT_EQ(bytes_from_text(" 1.5 KiB "), 1536);
  EXPECT_EQ(bytes_from_text("2 GiB"), 0x1p31);
  EXPECT_EQ(bytes_from_text("1 TiB"), 0x1p40);
  EXPECT_EQ(bytes_from_text("300 B"), 300);
  EXPECT_EQ(bytes_from_text("300"), 300);
}

TEST(Sizes, AreRefusedWhereTheyAreNone) {
  for (const auto* text : {"", " ", "MiB", "5 MB", "5 mib", "x KiB", "5 MiB x", "0.1 B", "nan KiB",
                           "inf", "1e3", "5 5 KiB", "1e400"})
    EXPECT_EQ(bytes_from_text(text), std::nullopt) << text;
}

TEST(Sizes, AreWrittenInTheLargestWholeUnit) {
  EXPECT_EQ(text_of_bytes(5 * kMiB), "5 MiB");
  EXPECT_EQ(text_of_bytes(640 * kKiB), "640 KiB");
  EXPECT_EQ(text_of_bytes(1536), "1536 B");
  EXPECT_EQ(text_of_bytes(0), "0 B");
  EXPECT_EQ(text_of_bytes(3 * 1024 * kMiB), "3 GiB");
}

TEST(RecordBytes, HaveTheHeaderAndTheRoundingOfTheirKind) {
  EXPECT_EQ(bytes_of_record(Kind::shared, 1), 16);
  EXPECT_EQ(bytes_of_record(Kind::shared, 8), 16);
  EXPECT_EQ(bytes_of_record(Kind::shared, 9), 24);
  EXPECT_EQ(bytes_of_record(Kind::rings, 192), 200);
  EXPECT_EQ(bytes_of_record(Kind::perf, 4), 16);
  EXPECT_EQ(bytes_of_record(Kind::perf, 5), 24);
  EXPECT_EQ(bytes_of_record(Kind::perf, 192), 208);
  // A draw between two whole sizes needs the bytes of the larger one.
  EXPECT_EQ(bytes_of_record(Kind::shared, 8.25), 24);
}

TEST(RecordsHeld, AreWhole) {
  // 80 rings of 64 KiB and 8 of 640 KiB, 200 bytes a record: the numbers of drops_reference.csv.
  EXPECT_EQ(records_held(layout(Kind::rings, 80, 65536), 192), 327);
  EXPECT_EQ(records_held(layout(Kind::rings, 8, 655360), 192), 3276);
  EXPECT_EQ(records_held(layout(Kind::shared, 1, 4096), 8000), 0);
}

TEST(SettableBytes, ArePowersOfTwoOfPages) {
  EXPECT_EQ(settable_bytes(layout(Kind::shared, 1, 1)), kPage);
  EXPECT_EQ(settable_bytes(layout(Kind::shared, 1, 4096)), kPage);
  EXPECT_EQ(settable_bytes(layout(Kind::shared, 1, 4097)), 2 * kPage);
  EXPECT_EQ(settable_bytes(layout(Kind::rings, 8, 640 * kKiB)), kMiB);
  EXPECT_EQ(settable_bytes(layout(Kind::shared, 1, 5 * kMiB)), 8 * kMiB);
}

TEST(MemoryOf, ARingMapsItsDataTwice) {
  const auto memory = memory_of(layout(Kind::shared, 1, 4 * kMiB));
  EXPECT_EQ(memory.held, 4 * kMiB + 3 * kPage);
  EXPECT_EQ(memory.mapped, 8 * kMiB + 2 * kPage);
  EXPECT_EQ(memory.resident, memory.mapped);
}

TEST(MemoryOf, EveryRingHasItsOwnControlPages) {
  const auto memory = memory_of(layout(Kind::rings, 80, 64 * kKiB));
  EXPECT_EQ(memory.held, 80 * (64 * kKiB + 3 * kPage));
  EXPECT_EQ(memory.mapped, 80 * (128 * kKiB + 2 * kPage));
}

TEST(MemoryOf, APerfBufferMapsItsDataOnce) {
  const auto memory = memory_of(layout(Kind::perf, 80, 64 * kKiB));
  EXPECT_EQ(memory.held, 80 * (64 * kKiB + kPage));
  EXPECT_EQ(memory.mapped, memory.held);
  EXPECT_EQ(memory.resident, memory.held);
}

TEST(MemoryOf, IsThatOfTheSizeThatTheKernelTakes) {
  EXPECT_EQ(memory_of(layout(Kind::rings, 8, 640 * kKiB)).held, 8 * (kMiB + 3 * kPage));
  EXPECT_EQ(memory_of(layout(Kind::perf, 2, 5000)).held, 2 * 3 * kPage);
}

TEST(SettingsOf, SharedRing) {
  EXPECT_THAT(settings_of(layout(Kind::shared, 1, 32 * kMiB)),
              ElementsAre("bpf_map__set_max_entries(map, 33554432);  // 32 MiB; between open and "
                          "load"));
}

TEST(SettingsOf, RingsStateInnerSizeAndOuterCount) {
  EXPECT_THAT(
      settings_of(layout(Kind::rings, 24, 512 * kKiB)),
      ElementsAre(HasSubstr("bpf_map__set_max_entries(outer, 24);"),
                  HasSubstr("bpf_map__set_max_entries(bpf_map__inner_map(outer), 524288);"),
                  HasSubstr("bpf_map_create(BPF_MAP_TYPE_RINGBUF, NULL, 0, 0, 524288, NULL)"),
                  HasSubstr("bpf_map_update_elem(bpf_map__fd(outer), &i, &fd, BPF_ANY);"),
                  EndsWith("plan's CPUs: ring = p / 8")));
}

TEST(SettingsOf, RingsSayWhichCpuWritesWhere) {
  auto rings = layout(Kind::rings, 8, 32 * kMiB);
  rings.mapping = "modulo";
  EXPECT_THAT(settings_of(rings).back(), EndsWith("ring = p % 8"));
  rings.cpus_per_ring = 1;
  EXPECT_THAT(settings_of(rings).back(), EndsWith(": ring = p"));
  rings.cpus_per_ring = 0;
  rings.mapping = "per_l3";
  rings.ring_of_cpu = {0, 0, 1, 1};
  EXPECT_THAT(settings_of(rings).back(), EndsWith("ring = ((const __u32[]){0, 0, 1, 1})[p]"));
}

TEST(SettingsOf, ThreadsSayWhichRingsTheyRead) {
  auto rings = layout(Kind::rings, 8, 32 * kMiB);
  rings.consumers = 4;
  EXPECT_THAT(settings_of(rings).back(), HasSubstr("4 threads: number t has a ring_buffer__new()"));
  EXPECT_THAT(settings_of(rings).back(), EndsWith("i % 4 == t"));
  rings.kind = Kind::perf;
  EXPECT_THAT(settings_of(rings).back(), HasSubstr("perf_buffer__consume_buffer(pb, i)"));
}

TEST(SettingsOf, PerfStatesPagesForEachCpu) {
  EXPECT_THAT(settings_of(layout(Kind::perf, 80, 64 * kKiB)),
              ElementsAre(HasSubstr("perf_buffer__new(bpf_map__fd(events), 16, on_sample, on_lost, "
                                    "NULL, NULL);")));
}

TEST(SettingsOf, SayWhereTheKernelTakesMore) {
  EXPECT_THAT(settings_of(layout(Kind::shared, 1, 5 * kMiB)),
              ElementsAre("// the kernel takes powers of two of pages: 8 MiB for the 5 MiB asked "
                          "for",
                          HasSubstr("bpf_map__set_max_entries(map, 8388608);")));
}

}  // namespace
}  // namespace ringbench::planner
