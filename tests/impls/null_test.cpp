#include "impls/null.hpp"

#include <gtest/gtest.h>

#include "tests/impls/rig.hpp"

namespace ringbench::conformance {
namespace {

TEST(Null, GivesEachProducerScratchMemoryAndCounts) {
  Rig rig(null::row, {}, 4096, 2);
  const auto first = rig.reserve(0, 64)->payload().data();
  EXPECT_EQ(rig.reserve(0, 64)->payload().data(), first);
  EXPECT_NE(rig.reserve(1, 64)->payload().data(), first);
  EXPECT_EQ(rig.emit(0, 64, 1'000).size(), 1'000U);
  EXPECT_EQ(rig.writers[0]->tally().committed, 1'000U);
}

TEST(Null, CountsEveryCommittedRecordAsOverwrittenOnceTheProducerIsGone) {
  Rig rig(null::row, {}, 4096, 2);
  rig.emit(0, 64, 30);
  rig.emit(1, 64, 12);
  rig.reserve(1, 64)->discard();
  rig.writers.clear();
  EXPECT_EQ(rig.subject->overwritten(), 42U);
}

TEST(Null, RefusesWhatIsLargerThanItsScratchMemory) {
  Rig rig(null::row, {}, 4096);
  EXPECT_TRUE(rig.emit(0, null::kScratchBytes));
  EXPECT_FALSE(rig.emit(0, null::kScratchBytes + 1));
  EXPECT_EQ(rig.drops(0, Drop::too_big), 1U);
}

}  // namespace
}  // namespace ringbench::conformance
