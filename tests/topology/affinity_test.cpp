#include "topology/affinity.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mman.h>
#include <unistd.h>

#include <future>
#include <stdexcept>
#include <system_error>

#include "topology/machine.hpp"

namespace ringbench {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;
using testing::ThrowsMessage;

// A pin lasts, so it is tried on a thread that ends with the test.
template <class Body>
auto on_own_thread(Body body) {
  return std::async(std::launch::async, body).get();
}

TEST(PinTo, EveryAllowedCpu) {
  for (const Cpu& cpu : this_machine().cpus)
    EXPECT_EQ(on_own_thread([&] {
                pin_to(cpu.os);
                return current_cpu();
              }),
              cpu.os);
}

TEST(PinTo, LeavesNothingButThatCpuInTheMask) {
  const unsigned cpu = this_machine().cpus.back().os;
  on_own_thread([&] {
    pin_to(cpu);
    cpu_set_t mask{};
    EXPECT_EQ(sched_getaffinity(0, sizeof mask, &mask), 0);
    EXPECT_EQ(CPU_COUNT(&mask), 1);
    EXPECT_TRUE(CPU_ISSET(cpu, &mask));
  });
}

TEST(PinTo, CpuThatDoesNotExistIsRefusedWithTheAllowedOnes) {
  const std::string allowed = cpu_list(this_machine().cpus);
  for (const unsigned cpu : {8191U, 8192U, 4294967295U}) {
    EXPECT_THAT([&] { on_own_thread([&] { pin_to(cpu); }); },
                ThrowsMessage<std::system_error>(
                    HasSubstr("cannot be pinned to CPU " + std::to_string(cpu) + ":")));
    EXPECT_THAT([&] { on_own_thread([&] { pin_to(cpu); }); },
                ThrowsMessage<std::system_error>(HasSubstr("may now use " + allowed + ")")));
  }
}

class Pages : public testing::Test {
 protected:
  // More than one chunk of the read-back.
  static constexpr std::size_t kPages = 1300;

  void SetUp() override {
    void* at = mmap(nullptr, size(), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    ASSERT_NE(at, MAP_FAILED);
    madvise(at, size(), MADV_NOHUGEPAGE);  // a huge page would make untouched neighbours present
    pages_ = {static_cast<std::byte*>(at), size()};
  }
  void TearDown() override { munmap(pages_.data(), pages_.size()); }

  static std::size_t page_bytes() { return static_cast<std::size_t>(sysconf(_SC_PAGESIZE)); }
  static std::size_t size() { return kPages * page_bytes(); }
  void touch(std::size_t count) {
    for (std::size_t page = 0; page < count; ++page) pages_[page * page_bytes()] = std::byte{1};
  }

  std::span<std::byte> pages_;
};

TEST_F(Pages, BoundPagesAreReadBackOnTheirNode) {
  for (const Node& node : this_machine().nodes) {
    if (node.bytes == 0) continue;
    TearDown();
    SetUp();
    bind_pages(pages_, {node.os});
    touch(kPages);
    EXPECT_THAT(nodes_of(pages_), ElementsAre(Pair(static_cast<int>(node.os), kPages)));
  }
}

TEST_F(Pages, InterleavedPagesAreSpreadEvenly) {
  std::vector<unsigned> nodes;
  for (const Node& node : this_machine().nodes)
    if (node.bytes != 0) nodes.push_back(node.os);
  bind_pages(pages_, nodes);
  touch(kPages);
  const auto found = nodes_of(pages_);
  EXPECT_EQ(found.size(), nodes.size());
  for (const auto& [node, count] : found)
    EXPECT_NEAR(static_cast<double>(count), static_cast<double>(kPages) / double(nodes.size()), 1)
        << node;
}

TEST_F(Pages, UntouchedPagesAreOnNoNode) {
  EXPECT_THAT(nodes_of(pages_), ElementsAre(Pair(-1, kPages)));
  touch(7);
  const auto found = nodes_of(pages_);
  ASSERT_TRUE(found.contains(-1));
  EXPECT_EQ(found.at(-1), kPages - 7);
}

TEST_F(Pages, PartsOfPagesCountAsPages) {
  touch(kPages);
  const auto found = nodes_of(pages_.subspan(page_bytes() - 1, 2));
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found.begin()->second, 2U);
  EXPECT_THAT(nodes_of(pages_.first(0)), IsEmpty());
}

TEST_F(Pages, WithoutNodesThePolicyIsLeftAlone) {
  EXPECT_NO_THROW(bind_pages(pages_, {}));
  EXPECT_NO_THROW(bind_pages({}, {0}));
}

// Never touched: it is refused before anything is bound.
TEST_F(Pages, MoreThanANodeHasLeftIsRefused) {
  const unsigned node = this_machine().nodes.front().os;
  const auto available = available_bytes(node);
  if (available == 0) GTEST_SKIP() << "this kernel does not tell what a node has left";
  EXPECT_LE(available, std::size_t{1} << 46);
  const std::span<std::byte> too_many(pages_.data(), 2 * available);
  EXPECT_THAT([&] { bind_pages(too_many, {node}); },
              ThrowsMessage<std::system_error>(AllOf(
                  HasSubstr("cannot be bound to NUMA node " + std::to_string(node) + ", which has"),
                  HasSubstr("KiB left"), HasSubstr("ring_memory"))));
}

TEST_F(Pages, NodeThatDoesNotExistIsRefused) {
  for (const unsigned node : {1023U, 1024U, 4294967295U})
    EXPECT_THAT([&] { bind_pages(pages_, {node}); },
                ThrowsMessage<std::system_error>(
                    HasSubstr("cannot be bound to NUMA node " + std::to_string(node) + ":")));
}

}  // namespace
}  // namespace ringbench
