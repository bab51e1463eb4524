// What makes the kernel's programs run but for our own calls: processes that are spawned, and
// interrupts; and what no driver can do.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "impls/kernel/kernel_hybrid.hpp"
#include "impls/kernel/kernel_ringbuf.hpp"
#include "impls/payload.hpp"
#include "tests/impls/kernel_rig.hpp"

namespace ringbench::conformance {
namespace {

using testing::HasSubstr;

constexpr std::uint32_t kRecordSize = 64;

// Producers on the first CPU of this process, and on the next if there is one.
Geometry geometry(std::size_t ring_bytes) {
  Geometry geometry;
  geometry.ring_bytes = ring_bytes;
  geometry.cpus = allowed_cpus();
  geometry.cpus.resize(std::min<std::size_t>(geometry.cpus.size(), 2));
  geometry.ring_of.resize(geometry.cpus.size());
  geometry.events.size = kRecordSize;
  return geometry;
}

Options with_driver(const Row& row, std::string_view driver) {
  return options_of(row, {{"driver", driver}});
}

struct Links {
  void record(std::span<const std::byte> payload) {
    EXPECT_TRUE(read_payload(payload, false, true));
    found.push_back(read_link(payload));
  }
  void lost(std::uint64_t /*count*/) {}
  std::vector<Link> found;
};

struct Events {
  void record(std::span<const std::byte> payload) {
    const auto event = read_payload(payload, false);
    ASSERT_TRUE(event);
    EXPECT_GE(event->sequence, next[event->producer]) << "producer " << event->producer;
    next[event->producer] = event->sequence + 1;
    ++count;
  }
  void lost(std::uint64_t /*count*/) {}
  std::map<std::uint32_t, std::uint64_t> next;
  std::uint64_t count = 0;
};

class KernelDrivers : public testing::Test {
 protected:
  void SetUp() override {
    if (const auto why = kernel::unavailable(); !why.empty()) GTEST_SKIP() << why;
  }
  const Row& row = kernel_ringbuf::row;
};

// Runs `work` for each producer, each on its own CPU.
template <class Producer, class T, class Work>
void on_each_cpu(T& transport, const Geometry& geometry, Work work) {
  std::vector<std::thread> threads;
  for (unsigned p = 0; p < geometry.cpus.size(); ++p) {
    threads.emplace_back([&, p] {
      const Pinned pinned(geometry.cpus[p]);
      Producer producer = transport.producer(p);
      work(p, producer);
    });
  }
  for (auto& thread : threads) thread.join();
}

// Fork, exec and exit of each process, in that order by the shadow counter, in one ring.
TEST_F(KernelDrivers, AProcessIsAChainOfThree) {
  constexpr std::uint64_t kProcesses = 6;
  const auto shape = geometry(65'536);
  kernel_ringbuf::KernelRingbuf<kernel::SpawnProducer> transport(shape,
                                                                 with_driver(row, "lifecycle"));
  std::atomic<std::uint64_t> attempted{0};
  Tally sum;
  std::mutex guard;
  on_each_cpu<kernel::SpawnProducer>(transport, shape, [&](unsigned p, auto& producer) {
    if (p == 0) {
      for (std::uint64_t i = 0; i < kProcesses; ++i) attempted += producer.emit(i, 1);
    }
    attempted += producer.settle();
    const std::lock_guard lock(guard);
    sum += producer.tally;
  });
  Links links;
  transport.consume(0, links, 0);
  EXPECT_EQ(attempted.load(), 3 * kProcesses);
  EXPECT_EQ(sum.committed, 3 * kProcesses);
  EXPECT_EQ(sum.dropped(), 0U);
  std::map<std::uint64_t, std::vector<Link>> chains;
  for (const auto& link : links.found) chains[link.chain].push_back(link);
  EXPECT_EQ(chains.size(), kProcesses);
  for (const auto& [chain, steps] : chains) {
    ASSERT_EQ(steps.size(), 3U) << chain;
    for (std::uint32_t step = 0; step < 3; ++step) {
      EXPECT_EQ(steps[step].step, step);
      EXPECT_EQ(steps[step].length, 3U);
      if (step > 0) {
        EXPECT_GT(steps[step].counter, steps[step - 1].counter);
      }
    }
  }
  EXPECT_EQ(transport.audit(), "");
}

TEST_F(KernelDrivers, OtherProcessesMakeNoEvents) {
  const auto shape = geometry(65'536);
  kernel_ringbuf::KernelRingbuf<kernel::SpawnProducer> transport(shape,
                                                                 with_driver(row, "lifecycle"));
  std::thread([] { EXPECT_EQ(system("/bin/true"), 0); }).join();
  Links links;
  EXPECT_EQ(transport.consume(0, links, 0), 0U);
}

TEST_F(KernelDrivers, ASpawnerThatFailedKeepsNobodyWaiting) {
  auto shape = geometry(4'096);
  if (shape.cpus.size() < 2) GTEST_SKIP() << "needs 2 CPUs";
  kernel_ringbuf::KernelRingbuf<kernel::SpawnProducer> transport(shape,
                                                                 with_driver(row, "lifecycle"));
  { const auto spawner = transport.producer(0); }
  auto other = transport.producer(1);
  EXPECT_EQ(other.settle(), 0U);
}

TEST_F(KernelDrivers, AnEventThatIsMissingFailsTheAudit) {
  const auto loaded = kernel::load_kernel_ringbuf(geometry(4'096), with_driver(row, "lifecycle"));
  EXPECT_EQ(kernel::audit(loaded.program), "");
  ++loaded.program.states[0].runs;
  EXPECT_THAT(kernel::audit(loaded.program), HasSubstr("0 processes were spawned, but 1 events"));
}

// The timer's interrupts are held off while the lock is held: none is refused for its sake.
TEST_F(KernelDrivers, InterruptsSendWhatThreadsDiscard) {
  for (const std::size_t bytes : {std::size_t{4'096}, std::size_t{1} << 20}) {
    auto shape = geometry(bytes);
    auto options = with_driver(row, "timer");
    options["interrupt_every"] = "20000";
    kernel_ringbuf::KernelRingbuf<kernel::InterruptProducer> transport(shape, options);
    std::atomic<std::uint64_t> attempted{0};
    Tally sum;
    std::mutex guard;
    on_each_cpu<kernel::InterruptProducer>(transport, shape, [&](unsigned, auto& producer) {
      for (int i = 0; i < 20'000 && producer.tally.committed < 200; ++i) {
        attempted += producer.emit(0, producer.batch());
      }
      attempted += producer.settle();
      const std::lock_guard lock(guard);
      sum += producer.tally;
    });
    Events events;
    transport.consume(0, events, 0);
    EXPECT_EQ(attempted.load(), sum.committed + sum.discarded + sum.dropped()) << bytes;
    EXPECT_EQ(events.count, sum.committed);
    EXPECT_GT(sum.committed, 0U);
    // Interrupts alone fill the small ring before a thread has its first.
    EXPECT_TRUE(sum.discarded > 0 || bytes == 4'096);
    const auto drops = [&](Drop cause) { return sum.drops[static_cast<std::size_t>(cause)]; };
    EXPECT_EQ(drops(Drop::lock_busy), 0U);
    EXPECT_EQ(drops(Drop::no_space) > 0, bytes == 4'096) << "nobody reads meanwhile";
    EXPECT_EQ(transport.audit(), "");
  }
}

struct Unfit {
  const char* name;
  std::map<std::string, std::string> options;
  void (*ask)(Demands&);
  const char* because;
};

class KernelUnfit : public testing::TestWithParam<Unfit> {};

TEST_P(KernelUnfit, IsSaidInASentenceWithItsMend) {
  auto options = options_of(kernel_hybrid::row);
  for (const auto& [key, value] : GetParam().options) options[key] = value;
  Demands demands{.ring_bytes = 65'536, .record_size = 64};
  EXPECT_EQ(kernel::unfit(options_of(kernel_hybrid::row), demands), "");
  GetParam().ask(demands);
  EXPECT_THAT(kernel::unfit(options, demands), HasSubstr(GetParam().because));
}

INSTANTIATE_TEST_SUITE_P(
    Every, KernelUnfit,
    testing::Values(Unfit{"a_ring_of_4_gib",
                          {},
                          [](Demands& demands) { demands.ring_bytes = std::size_t{1} << 32; },
                          "make bytes smaller"},
                    Unfit{"pages_on_several_nodes",
                          {},
                          [](Demands& demands) { demands.interleaved = true; },
                          "set ring_memory"},
                    Unfit{"processes_at_a_rate",
                          {{"driver", "lifecycle"}},
                          [](Demands& demands) { demands.paced = true; },
                          "set arrival = \"saturate\""},
                    Unfit{"links_in_short_records",
                          {{"driver", "lifecycle"}},
                          [](Demands& demands) { demands.record_size = 31; },
                          "32 bytes at least"},
                    Unfit{"processes_on_a_shared_cpu",
                          {{"driver", "lifecycle"}},
                          [](Demands& demands) { demands.oversubscribed = true; },
                          "set oversubscribe = false"},
                    Unfit{"interrupts_at_a_rate",
                          {{"driver", "timer"}},
                          [](Demands& demands) { demands.paced = true; },
                          "set arrival = \"saturate\""},
                    Unfit{"interrupts_on_a_shared_cpu",
                          {{"driver", "timer"}},
                          [](Demands& demands) { demands.oversubscribed = true; },
                          "set oversubscribe = false"},
                    Unfit{"output_that_would_be_discarded",
                          {{"driver", "timer"}, {"call", "output"}},
                          [](Demands&) {},
                          "set call = \"reserve\""}),
    [](const auto& row) { return std::string(row.param.name); });

}  // namespace
}  // namespace ringbench::conformance
