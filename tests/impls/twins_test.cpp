// The transports of tests/twins, of which ./run.sh instrument builds a program.
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/twins/same.hpp"
#include "tests/twins/slower.hpp"
#include "tests/twins/twin.hpp"
#include "topology/clock.hpp"

namespace ringbench {
namespace {

TEST(Twins, AreRingsUnderOtherNames) {
  EXPECT_EQ(twin::row.name, "twin");
  EXPECT_EQ(same::row.name, "same");
  EXPECT_EQ(slower::row.name, "slower");
  const auto size = []<class Rings>() { return sizeof(Rings); };
  for (const char* overwrite : {"off", "on"}) {
    const Options options{{"overwrite", overwrite}};
    EXPECT_EQ(twin::with_variant(options, size), same::with_variant(options, size));
    EXPECT_EQ(twin::with_variant(options, size), slower::with_variant(options, size));
  }
}

TEST(Twins, WaitTheirShareOfTheTimeSinceTheLastWait) {
  constexpr std::uint64_t kLongest = 10'000'000;
  twin::Waiting<McsLock, 50> lock;
  McsLock::Node node;
  std::uint64_t last = begin_timing();
  for (int wait = 0; wait < 20; ++wait) {
    for (int call = 1; call < 1'024; ++call) {
      lock.lock(node);
      lock.unlock(node);
    }
    const std::uint64_t begin = begin_timing();
    lock.lock(node);
    const std::uint64_t end = end_timing();
    lock.unlock(node);
    EXPECT_GE(2 * (end - begin), std::min(begin - last, kLongest));
    last = end;
  }
}

}  // namespace
}  // namespace ringbench
