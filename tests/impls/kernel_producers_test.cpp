// How the kernel's events are made: who makes them, where, when, and what goes wrong.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <fstream>
#include <stdexcept>
#include <system_error>
#include <thread>

#include "impls/kernel/libbpf.hpp"
#include "impls/kernel/options.hpp"
#include "impls/kernel/program.hpp"
#include "impls/list.hpp"
#include "tests/impls/kernel_rig.hpp"

namespace ringbench::conformance {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

Variant variant_of(std::string_view transport,
                   std::initializer_list<std::pair<std::string_view, std::string_view>> given) {
  const Row& row = *find_transport(transport);
  return {&row, options_of(row, given)};
}

class KernelProducers : public testing::Test {
 protected:
  void SetUp() override {
    if (const auto why = kernel::unavailable(); !why.empty()) GTEST_SKIP() << why;
  }
};

// --- several producers, each on its CPU, while the consumer reads ------------------------------

class KernelRace : public testing::TestWithParam<Variant> {
 protected:
  void SetUp() override {
    if (const auto why = why_not(GetParam()); !why.empty()) GTEST_SKIP() << why;
  }
};
INSTANTIATE_TEST_SUITE_P(Every, KernelRace,
                         testing::ValuesIn(emitted_variants_where([](const Variant& v) {
                           return delivers(v) && changed_options(v) <= 1 &&
                                  (notifies(v, "adaptive") || notifies(v, "watermark")) &&
                                  has_fallback_numbers(v) && !has(v, "source", "stack") &&
                                  !has(v, "overwrite", "on");
                         })),
                         name);

TEST_P(KernelRace, NothingIsLostOrTornOrTwice) {
  constexpr unsigned kProducers = 3;
  constexpr unsigned kEvents = 4'000;
  const Shape shape{.size = 29, .ring_bytes = 8'192, .producers = kProducers};
  const auto geometry = geometry_of(GetParam(), shape);
  const auto subject = make_emitted_subject(*GetParam().row, geometry, GetParam().options);
  std::vector<Tally> tallies(kProducers);
  std::atomic<unsigned> running{kProducers};
  std::vector<std::thread> threads;
  for (unsigned p = 0; p < kProducers; ++p) {
    threads.emplace_back([&, p] {
      const Pinned pinned(geometry.cpus[p]);
      const auto emitter = subject->emitter(p);
      for (unsigned done = 0; done < kEvents;) {
        const auto some = std::min(emitter->batch(), kEvents - done);
        emitter->emit(done, some);
        done += some;
      }
      tallies[p] = emitter->tally();
      running.fetch_sub(1);
    });
  }
  Reader reader(shape);
  for (bool last = false; !last;) {
    last = running.load() == 0;
    for (unsigned ring = 0; ring < geometry.rings; ++ring) subject->consume(ring, reader, 0);
  }
  for (auto& thread : threads) thread.join();
  std::uint64_t committed = 0;
  for (unsigned p = 0; p < kProducers; ++p) {
    EXPECT_EQ(tallies[p].committed + tallies[p].dropped(), kEvents);
    const auto found = reader.sequences(p);
    EXPECT_EQ(found.size(), tallies[p].committed) << "producer " << p;
    EXPECT_TRUE(std::ranges::is_sorted(found, std::ranges::less_equal{})) << "producer " << p;
    committed += tallies[p].committed;
  }
  EXPECT_GT(committed, 0U);
  EXPECT_EQ(reader.records(), committed);
  EXPECT_EQ(subject->audit(), "");
}

// --- who shares what
// ------------------------------------------------------------------------------

TEST_F(KernelProducers, OfOneGroupShareARing) {
  KernelRig rig(variant_of("kernel_hybrid", {}), {.producers = 3});
  ASSERT_EQ(rig.geometry.rings, 2U);
  rig.emit(0, 200);
  rig.emit(1, 100);
  EXPECT_EQ(rig.sent(1).size(), 55U) << "what the other left of 255";
  EXPECT_EQ(rig.subject->occupancy(1), 0U);
  rig.emit(2, 100);
  EXPECT_EQ(rig.sent(2).size(), 100U);
  EXPECT_EQ(rig.consume(1), 100U);
  EXPECT_EQ(rig.reader.sequences(2).size(), 100U);
  EXPECT_EQ(rig.consume(0), 255U);
  EXPECT_EQ(rig.reader.sequences(0).size(), 200U);
  expect_all_arrived(rig);
}

TEST_F(KernelProducers, WithARingOrABufferEachDoNotDisturbEachOther) {
  const auto perf = variant_of("kernel_perfbuf", {});
  KernelRig rig(perf, {.producers = 2});
  rig.emit(0, 300);
  EXPECT_EQ(rig.subject->occupancy(1), 0U);
  rig.emit(1, 20);
  EXPECT_EQ(rig.sent(1).size(), 20U);
  rig.drain();
  rig.emit(0, 1);
  expect_all_arrived(rig);
}

TEST_F(KernelProducers, OfOneRingAreReadInTheOrderOfTheirReserves) {
  KernelRig rig(variant_of("kernel_ringbuf", {}), {.producers = 2});
  for (int i = 0; i < 5; ++i) {
    rig.emit(0, 1);
    rig.emit(1, 1);
  }
  rig.drain();
  ASSERT_EQ(rig.reader.arrivals.size(), 10U);
  for (unsigned i = 0; i < 10; ++i) EXPECT_EQ(rig.reader.arrivals[i].event.producer, i % 2);
}

// --- losses
// ------------------------------------------------------------------------------------------

TEST_F(KernelProducers, LossesAreToldWhereTheyHappened) {
  for (const char* reader : {"mapped", "libbpf"}) {
    KernelRig rig(variant_of("kernel_perfbuf", {{"reader", reader}}), {});
    rig.emit(0, 170 + 33);
    rig.drain();
    EXPECT_EQ(rig.reader.lost_in_all(), 0U) << "nobody knows yet";
    rig.emit(0, 2);
    rig.drain();
    const auto& arrivals = rig.reader.arrivals;
    ASSERT_EQ(arrivals.size(), 173U);
    EXPECT_EQ(arrivals[170].lost, 33U);
    EXPECT_EQ(arrivals[171].event.sequence, 203U);
    EXPECT_EQ(rig.drops(0, Drop::no_space), 33U);
    expect_all_arrived(rig);
  }
}

// The producers' counts of a perf buffer: the only pages of a BPF map that it has in this process.
std::span<producer_state> counts_of_the_program(std::size_t producers) {
  std::ifstream maps("/proc/self/maps");
  for (std::string line; std::getline(maps, line);) {
    if (!line.ends_with("anon_inode:bpf-map")) continue;
    return {reinterpret_cast<producer_state*>(std::stoull(line, nullptr, 16)), producers};
  }
  throw std::runtime_error("no page of a BPF map is mapped");
}

TEST_F(KernelProducers, ALossThatTheProgramDidNotCountFailsTheAudit) {
  KernelRig rig(variant_of("kernel_perfbuf", {}), {.producers = 2});
  rig.emit(1, 200);
  EXPECT_EQ(rig.subject->audit(), "");
  --counts_of_the_program(2)[1].drop_no_space;
  EXPECT_EQ(
      rig.subject->audit(),
      "producer 1: bpf_perf_event_output said ENOSPC 29 times, but its event lost 30 records");
}

// An event is bound to its CPU: from another one the kernel refuses, and that is no drop.
TEST_F(KernelProducers, AnErrorOfTheProgramFailsTheAudit) {
  if (allowed_cpus().size() < 2) GTEST_SKIP() << "needs 2 CPUs, this process may use 1";
  const auto variant = variant_of("kernel_perfbuf", {});
  KernelRig rig(variant, {});
  const Pinned pinned(allowed_cpus()[1]);
  EXPECT_EQ(rig.emitters[0]->emit(0, 3), 3U);
  EXPECT_EQ(rig.emitters[0]->tally(), Tally{});
  EXPECT_THAT(rig.subject->audit(), HasSubstr("producer 0: the kernel refused 3 records with"));
}

// --- the driver `syscall`
// ----------------------------------------------------------------------------

class KernelSyscall : public KernelProducers {
 protected:
  KernelSyscall() : variant_(variant_of("kernel_ringbuf", {{"driver", "syscall"}})) {}
  kernel::Loaded load() const {
    return kernel::load_kernel_ringbuf(geometry_of(variant_, {.producers = 2}), variant_.options);
  }
  Variant variant_;
};

TEST_F(KernelSyscall, EachCallRunsTheProgramOnce) {
  const auto loaded = load();
  kernel::Producer producer(loaded.program, 1);
  EXPECT_EQ(producer.batch(), 1U);
  for (std::uint64_t i = 0; i < 5; ++i) EXPECT_EQ(producer.emit(i, 1), 1U);
  producer.emit_nothing(5, 1);
  const auto& state = loaded.program.states[1];
  EXPECT_EQ(state.runs, 6U);
  EXPECT_EQ(state.committed, 5U);
  EXPECT_EQ(producer.tally.committed, 5U);
  EXPECT_EQ(loaded.program.states[0].runs, 0U);
  EXPECT_EQ(kernel::audit(loaded.program), "");
}

TEST_F(KernelSyscall, OnlyOurCallWithOurTokenMakesAnEvent) {
  const auto loaded = load();
  const auto token = loaded.program.token;
  const auto& state = loaded.program.states[0];
  ASSERT_NE(token, 0U);
  EXPECT_NE(token, load().program.token) << "another run has another";
  syscall(TRIGGER_SYSCALL, 0, 0, 1, token ^ 1);
  syscall(TRIGGER_SYSCALL, 0, 0, 1, 0);
  syscall(TRIGGER_SYSCALL, 0, 0, 1, token << 32);
  syscall(TRIGGER_SYSCALL, token, token, token, 0);
  syscall(SYS_getppid, 0, 0, 1, token);
  syscall(TRIGGER_SYSCALL + 1, 0, 0, 1, token);
  EXPECT_EQ(state.runs, 0U);
  syscall(TRIGGER_SYSCALL, 2, 0, 1, token);
  EXPECT_EQ(state.runs, 0U) << "a producer that there is not";
  syscall(TRIGGER_SYSCALL, 0, 0, 1, token);
  EXPECT_EQ(state.runs, 1U);
  EXPECT_EQ(state.committed, 1U);
}

TEST_F(KernelSyscall, WithItsObjectTheProgramIsGone) {
  auto loaded = load();
  const auto token = loaded.program.token;
  // The counts outlive the program as long as they are mapped.
  auto counts = std::move(loaded.program.states_mapping);
  const auto& state = loaded.program.states[0];
  syscall(TRIGGER_SYSCALL, 0, 0, 1, token);
  EXPECT_EQ(state.runs, 1U);
  loaded.program.object.reset();
  syscall(TRIGGER_SYSCALL, 0, 0, 1, token);
  EXPECT_EQ(state.runs, 1U);
}

// What the kernel does when the program is running on this CPU already: nothing.
TEST_F(KernelSyscall, ACallThatDoesNotRunTheProgramIsADrop) {
  auto loaded = load();
  loaded.program.token ^= 2;
  kernel::Producer producer(loaded.program, 0);
  producer.emit_nothing(0, 1);
  EXPECT_EQ(producer.tally.dropped(), 0U) << "an empty call has no event to lose";
  for (std::uint64_t i = 0; i < 3; ++i) {
    EXPECT_EQ(producer.emit(i, 1), 1U);
    ASSERT_EQ(producer.refused().size(), 1U);
    EXPECT_EQ(producer.refused()[0], 1U);
  }
  EXPECT_EQ(producer.tally.committed, 0U);
  EXPECT_EQ(producer.tally.dropped(), 3U);
  EXPECT_EQ(producer.tally.drops[static_cast<std::size_t>(Drop::recursion)], 3U);
  EXPECT_EQ(kernel::audit(loaded.program),
            "4 calls did not run the program, but the kernel counts 0 recursion misses");
}

TEST_F(KernelProducers, ABatchThatTheKernelDoesNotRunIsAnError) {
  const auto variant = variant_of("kernel_ringbuf", {});
  auto loaded = kernel::load_kernel_ringbuf(geometry_of(variant, {}), variant.options);
  loaded.program.batch_fd = loaded.map_fds[0];  // no program
  kernel::Producer producer(loaded.program, 0);
  EXPECT_THAT([&] { producer.emit(0, 1); },
              ThrowsMessage<std::system_error>(HasSubstr("BPF_PROG_TEST_RUN")));
}

// --- stamps
// ---------------------------------------------------------------------------------------------

std::uint64_t now_ns() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000 +
         static_cast<std::uint64_t>(now.tv_nsec);
}

// The line's arithmetic in the program against ours: base now, 3 s ago, and so long ago that its
// nanoseconds do not fit 32 bits. The slope is exact to 2^-28 of a tick a ns, and the kernel's
// clock for programs may be some ns off the one that we read.
TEST_F(KernelProducers, StampsAreOnTheLine) {
  for (const std::uint64_t age : {0ULL, 3'000'000'000ULL, 1ULL << 33}) {
    for (const double slope : {1.0, 2.095, 3.7, 7.99}) {
      const StampLine line{now_ns() - age, 1'000'000, slope};
      KernelRig rig(variant_of("kernel_ringbuf", {}), {.size = 16, .stamps = true, .line = line});
      const auto at = [&](std::uint64_t ns) {
        return 1e6 + static_cast<double>(ns - line.base_ns) * slope;
      };
      const double slack = 1'000 * slope + static_cast<double>(age) * std::ldexp(1, -29) + 2;
      double last = 0;
      for (int i = 0; i < 3; ++i) {
        const auto before = now_ns();
        rig.emit(0, 1);
        const auto after = now_ns();
        rig.drain();
        const auto stamp = static_cast<double>(rig.reader.arrivals.back().event.stamp);
        EXPECT_GE(stamp, at(before) - slack) << age << " " << slope;
        EXPECT_LE(stamp, at(after) + slack) << age << " " << slope;
        EXPECT_GE(stamp, last);
        last = stamp;
      }
    }
  }
}

TEST_F(KernelProducers, StampsOfShortRecordsAreTheSameInUnitsOf16) {
  for (const char* transport : {"kernel_ringbuf", "kernel_perfbuf", "kernel_hybrid"}) {
    const StampLine line{now_ns(), 1'000'000, 2};
    KernelRig rig(variant_of(transport, {}), {.size = 9, .stamps = true, .line = line});
    const auto before = now_ns();
    rig.emit(0, 1);
    const auto after = now_ns();
    rig.drain();
    ASSERT_EQ(rig.reader.arrivals.size(), 1U);
    const auto stamp = rig.reader.arrivals[0].event.stamp;
    EXPECT_EQ(stamp % 16, 0U);
    EXPECT_GE(stamp + 2'016, 1'000'000 + (before - line.base_ns) * 2);
    EXPECT_LE(stamp, 1'002'000 + (after - line.base_ns) * 2);
  }
}

TEST_F(KernelProducers, WithoutStampsThereIsNone) {
  KernelRig rig(variant_of("kernel_perfbuf", {}), {.size = 16});
  rig.emit(0, 4);
  rig.drain();
  for (const auto& arrival : rig.reader.arrivals) EXPECT_EQ(arrival.event.stamp, 0U);
}

// Beyond what the sequence of a short record can count it begins again.
TEST_F(KernelProducers, LongSequencesAreCutToWhatARecordCanCount) {
  for (const bool stamps : {false, true}) {
    for (const std::uint32_t size : {8, 16}) {
      const Shape shape{.size = size, .stamps = stamps};
      KernelRig rig(variant_of("kernel_ringbuf", {}), shape);
      const auto first = sequence_modulus(size, stamps) - 2;
      EXPECT_EQ(rig.emitters[0]->emit(first, 4), 4U);
      EXPECT_EQ(rig.consume(0), 4U);
      EXPECT_EQ(rig.reader.sequences(0), (std::vector<std::uint64_t>{first, first + 1, 0, 1}));
    }
  }
}

}  // namespace
}  // namespace ringbench::conformance
