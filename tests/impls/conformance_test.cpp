// What every transport promises, whatever it is: impls/transport.hpp as tests.
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <random>

#include "tests/impls/rig.hpp"

namespace ringbench::conformance {
namespace {

constexpr std::size_t kSmallRing = 4096;
constexpr std::size_t kLargeRing = 65'536;

class Accounting : public testing::TestWithParam<Variant> {};
INSTANTIATE_TEST_SUITE_P(Every, Accounting, testing::ValuesIn(all_variants()), name);

class Delivering : public testing::TestWithParam<Variant> {};
INSTANTIATE_TEST_SUITE_P(Every, Delivering, testing::ValuesIn(variants_where(delivers)), name);

class SeveralRings : public testing::TestWithParam<Variant> {};
INSTANTIATE_TEST_SUITE_P(Every, SeveralRings, testing::ValuesIn(variants_where(has_several_rings)),
                         name);

Rig make(const Variant& variant, std::size_t ring_bytes, unsigned producers = 1) {
  return Rig(*variant.row, variant.options, ring_bytes, producers);
}

TEST_P(Accounting, TallyCountsWhatHappenedByCause) {
  auto rig = make(GetParam(), kLargeRing);
  rig.emit(0, 40, 3);
  rig.reserve(0, 40)->discard();
  { const auto open = rig.reserve(0, 40); }
  EXPECT_FALSE(rig.emit(0, UINT32_MAX));
  Tally expected;
  expected.committed = 3;
  expected.discarded = 2;
  expected.drops[static_cast<std::size_t>(Drop::too_big)] = 1;
  expected.notifications = rig.notifications();
  EXPECT_EQ(rig.writers[0]->tally(), expected);
  EXPECT_EQ(expected.dropped(), 1U);
}

TEST_P(Accounting, RefusalSaysItsCauseAndGivesNoMemory) {
  auto rig = make(GetParam(), kSmallRing);
  const auto refused = rig.reserve(0, UINT32_MAX);
  EXPECT_FALSE(refused->granted());
  EXPECT_EQ(refused->cause(), Drop::too_big);
  EXPECT_TRUE(refused->payload().empty());
}

// Committed is consumed plus overwritten, and attempted is committed plus discarded plus dropped,
// whatever was done in between.
TEST_P(Accounting, BalancesAfterAMixOfEverything) {
  constexpr unsigned kProducers = 3;
  auto rig = make(GetParam(), kSmallRing, kProducers);
  std::mt19937 random(20'240'607);
  constexpr std::uint64_t kAttempts = 6'000;
  for (std::uint64_t i = 0; i < kAttempts; ++i) {
    const auto producer = static_cast<unsigned>(random() % kProducers);
    const auto size = static_cast<std::uint32_t>(random() % (i % 50 == 0 ? 5'000 : 200));
    const auto open = rig.reserve(producer, size);
    if (open->granted() && random() % 4 != 0) open->commit();
    if (random() % 40 == 0 && rig.geometry.rings != 0) {
      rig.consume(static_cast<unsigned>(random() % rig.geometry.rings), random() % 9);
    }
  }
  rig.drain();
  Tally sum;
  for (const auto& writer : rig.writers) {
    sum.committed += writer->tally().committed;
    sum.discarded += writer->tally().discarded;
    sum.drops[0] += writer->tally().dropped();
  }
  rig.writers.clear();
  EXPECT_EQ(sum.committed + sum.discarded + sum.drops[0], kAttempts);
  EXPECT_EQ(sum.committed, rig.inbox.records().size() + rig.subject->overwritten());
  EXPECT_GT(sum.committed, kAttempts / 10);
  EXPECT_GT(sum.discarded, kAttempts / 50);
}

TEST_P(Accounting, DescribesItself) {
  EXPECT_FALSE(make(GetParam(), kSmallRing, 2).subject->describe().empty());
}

TEST_P(Accounting, PayloadsAreAlignedToFourBytes) {
  auto rig = make(GetParam(), kSmallRing);
  for (const std::uint32_t size : {1, 5, 8, 13}) {
    const auto open = rig.reserve(0, size);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(open->payload().data()) % 4, 0U);
    EXPECT_EQ(open->payload().size(), size);
  }
}

TEST_P(Delivering, KeepsEachProducersOrder) {
  constexpr unsigned kProducers = 3;
  auto rig = make(GetParam(), kLargeRing, kProducers);
  std::vector<std::vector<Payload>> sent(kProducers);
  for (std::uint32_t round = 0; round < 40; ++round) {
    for (unsigned p = 0; p < kProducers; ++p) {
      sent[p].push_back(
          rig.emit(p, static_cast<std::uint32_t>(sizeof(Stamp)) + round * 5 + p).value());
    }
  }
  std::vector<std::vector<Payload>> delivered(kProducers);
  for (auto& payload : rig.drain()) {
    const auto stamp = read_stamp(payload);
    ASSERT_TRUE(stamp && stamp->producer < kProducers);
    delivered[stamp->producer].push_back(std::move(payload));
  }
  for (unsigned p = 0; p < kProducers; ++p) EXPECT_TRUE(arrived(delivered[p], sent[p])) << p;
}

TEST_P(Delivering, CarriesEverySizeAcrossTheEnd) {
  auto sizes = std::vector<std::uint32_t>{0,  1,  2,   7,   8,   9,   12,  13,   16,   24,  31,
                                          61, 64, 127, 251, 256, 509, 997, 1000, 1021, 2003};
  const auto largest = largest_payload(GetParam(), kSmallRing);
  for (std::uint32_t below = 0; below < 9; ++below) sizes.push_back(largest - below);
  auto rig = make(GetParam(), kSmallRing);
  for (const auto size : sizes) {
    const std::size_t at_once = std::max<std::size_t>(1, kSmallRing / 4 / (size + 24));
    const std::size_t rounds = 2 * kSmallRing / (at_once * (size + 24)) + 2;
    for (std::size_t round = 0; round < rounds; ++round) {
      const auto sent = rig.emit(0, size, at_once);
      ASSERT_EQ(sent.size(), at_once) << size << " bytes, round " << round;
      ASSERT_TRUE(arrived(rig.drain(), sent)) << size << " bytes, round " << round;
    }
  }
}

TEST_P(Delivering, CarriesSizesThatChange) {
  auto rig = make(GetParam(), kSmallRing);
  std::mt19937 random(4'711);
  for (int round = 0; round < 400; ++round) {
    std::vector<Payload> sent;
    std::size_t bytes = 0;
    for (auto size = random() % 700; bytes + size + 24 < kSmallRing / 2; size = random() % 700) {
      bytes += size + 24;
      sent.push_back(rig.emit(0, static_cast<std::uint32_t>(size)).value());
    }
    ASSERT_TRUE(arrived(rig.drain(), sent)) << "round " << round;
  }
}

TEST_P(Delivering, RefusesARecordOfTheWholeRingAsTooBig) {
  auto rig = make(GetParam(), kSmallRing);
  for (const std::uint32_t size : {4'096U, 4'097U, 65'536U, 1U << 30, (1U << 30) + 8, 1U << 31}) {
    EXPECT_FALSE(rig.emit(0, size)) << size;
  }
  EXPECT_EQ(rig.drops(0, Drop::too_big), 6U);
  EXPECT_EQ(rig.subject->occupancy(0), 0U);
  EXPECT_LT(largest_payload(GetParam(), kSmallRing), kSmallRing);
  EXPECT_GT(largest_payload(GetParam(), kSmallRing), kSmallRing - 64);
}

// Either the newest records are refused, or the oldest are overwritten: never both, and none is
// torn.
TEST_P(Delivering, AFullRingRefusesOrOverwrites) {
  auto rig = make(GetParam(), kSmallRing);
  constexpr std::size_t kCount = 200;
  std::vector<Payload> sent = rig.emit(0, 100, kCount);
  const auto refused = rig.drops(0, Drop::no_space);
  EXPECT_EQ(refused, kCount - sent.size());
  EXPECT_LE(rig.subject->occupancy(0), kSmallRing);
  const auto delivered = rig.drain();
  const auto overwritten = rig.subject->overwritten();
  EXPECT_TRUE((refused == 0) != (overwritten == 0)) << refused << " and " << overwritten;
  ASSERT_EQ(overwritten, sent.size() - delivered.size());
  sent.erase(sent.begin(), sent.begin() + static_cast<std::ptrdiff_t>(overwritten));
  EXPECT_TRUE(arrived(delivered, sent));
  EXPECT_GT(delivered.size() * 128, kSmallRing - 256);
  const auto next = rig.emit(0, 100);
  ASSERT_TRUE(next) << "a drained ring refuses";
  EXPECT_TRUE(arrived(rig.drain(), {*next}));
}

TEST_P(Delivering, ARefusalChangesNothing) {
  auto rig = make(GetParam(), kSmallRing);
  if (rig.emit_until_refused(0, 100, 200) == 200) return;  // overwrites: see above
  const auto occupancy = rig.subject->occupancy(0);
  EXPECT_EQ(rig.emit(0, 100, 50).size(), 0U);
  EXPECT_EQ(rig.subject->occupancy(0), occupancy);
  EXPECT_EQ(rig.drops(0, Drop::no_space), 51U);
}

TEST_P(Delivering, ADiscardedRecordIsNotDelivered) {
  auto rig = make(GetParam(), kLargeRing);
  std::vector<Payload> sent;
  for (int i = 0; i < 30; ++i) {
    if (i % 3 == 0) rig.reserve(0, 48)->discard();
    if (i % 3 == 1) rig.reserve(0, 48).reset();
    sent.push_back(rig.emit(0, 48).value());
  }
  EXPECT_TRUE(arrived(rig.drain(), sent));
  EXPECT_EQ(rig.writers[0]->tally().discarded, 20U);
}

TEST_P(Delivering, DiscardedRecordsGiveTheirSpaceBack) {
  auto rig = make(GetParam(), kSmallRing);
  for (int i = 0; i < 100; ++i) {
    ASSERT_TRUE(rig.reserve(0, 1'000)->granted()) << "discard " << i << " left its space taken";
    EXPECT_EQ(rig.drain().size(), 0U);
  }
  EXPECT_EQ(rig.subject->occupancy(0), 0U);
  EXPECT_EQ(rig.subject->overwritten(), 0U);
}

TEST_P(Delivering, ABudgetBoundsEachCall) {
  auto rig = make(GetParam(), kLargeRing);
  const auto sent = rig.emit(0, 32, 10);
  EXPECT_EQ(rig.consume(0, 3), 3U);
  EXPECT_EQ(rig.inbox.records().size(), 3U);
  EXPECT_EQ(rig.consume(0, 6), 6U);
  EXPECT_EQ(rig.consume(0, 5), 1U);
  EXPECT_EQ(rig.consume(0, 5), 0U);
  EXPECT_TRUE(arrived(rig.inbox.records(), sent));
  EXPECT_EQ(rig.emit(0, 32, 7).size(), 7U);
  EXPECT_EQ(rig.consume(0, 0), 7U);
}

TEST_P(Delivering, OccupancyIsWhatIsNotYetFree) {
  auto rig = make(GetParam(), kLargeRing);
  EXPECT_EQ(rig.subject->occupancy(0), 0U);
  rig.emit(0, 120, 4);
  const auto four = rig.subject->occupancy(0);
  EXPECT_GE(four, 4U * 120);
  EXPECT_LE(four, 4U * (120 + 24));
  rig.consume(0, 3);
  EXPECT_EQ(rig.subject->occupancy(0), four / 4);
  rig.drain();
  EXPECT_EQ(rig.subject->occupancy(0), 0U);
}

TEST_P(Delivering, PagesAreOfferedOnceARingBeforeTheyAreTouched) {
  auto geometry = geometry_for(*GetParam().row, kSmallRing, 4);
  std::vector<unsigned> rings;
  std::size_t bound = 0;
  geometry.bind = [&](unsigned ring, std::span<std::byte> pages) {
    rings.push_back(ring);
    bound += pages.size();
    EXPECT_GE(pages.size(), kSmallRing);
    std::vector<unsigned char> resident(pages.size() /
                                        static_cast<std::size_t>(sysconf(_SC_PAGESIZE)));
    ASSERT_EQ(mincore(pages.data(), pages.size(), resident.data()), 0);
    EXPECT_TRUE(std::ranges::none_of(resident, [](unsigned char page) { return (page & 1) != 0; }));
  };
  const auto subject = make_subject(*GetParam().row, geometry, GetParam().options);
  std::vector<unsigned> each(geometry.rings);
  for (unsigned r = 0; r < geometry.rings; ++r) each[r] = r;
  EXPECT_EQ(rings, each);
  EXPECT_GE(subject->footprint(), bound);
}

TEST_P(Delivering, FootprintGrowsByTheBytesOfTheRings) {
  const auto small = make(GetParam(), kSmallRing, 4);
  const auto large = make(GetParam(), kLargeRing, 4);
  EXPECT_GE(large.subject->footprint() - small.subject->footprint(),
            large.geometry.rings * (kLargeRing - kSmallRing));
}

TEST_P(SeveralRings, OneRingsFullnessIsNotAnothers) {
  auto rig = make(GetParam(), kSmallRing, 4);
  const unsigned other = rig.geometry.ring_of[3];
  ASSERT_NE(rig.geometry.ring_of[0], other);
  rig.emit_until_refused(0, 64, 500);
  EXPECT_EQ(rig.subject->occupancy(other), 0U);
  const auto sent = rig.emit(3, 64);
  ASSERT_TRUE(sent);
  const auto first = rig.subject->occupancy(0);
  EXPECT_EQ(rig.consume(other), 1U);
  EXPECT_TRUE(arrived(rig.inbox.records(), {*sent}));
  EXPECT_EQ(rig.subject->occupancy(0), first);
}

TEST_P(SeveralRings, EachProducerWritesToItsOwn) {
  auto rig = make(GetParam(), kLargeRing, 4);
  for (unsigned p = 0; p < 4; ++p) rig.emit(p, 40, p + 1);
  for (unsigned ring = 0; ring < rig.geometry.rings; ++ring) {
    rig.inbox.items.clear();
    rig.consume(ring);
    EXPECT_FALSE(rig.inbox.items.empty());
    for (const auto& payload : rig.inbox.records()) {
      EXPECT_EQ(rig.geometry.ring_of[read_stamp(payload).value().producer], ring);
    }
  }
}

}  // namespace
}  // namespace ringbench::conformance
