#include "bench/trial/isolation.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <stdexcept>

#include "bench/config/matrix.hpp"
#include "bench/trial/columns.hpp"
#include "bench/trial/trial.hpp"
#include "impls/locks.hpp"
#include "impls/null.hpp"
#include "tests/bench/trial/planted_trial.hpp"

namespace ringbench {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;

TrialResult isolated(TrialResult (*run)(const TrialSpec&), const TrialSpec& spec = {}) {
  return run_isolated(Entry{&null::row, run}, spec);
}

// One producer, and its consumer on the same CPU, so that one CPU is enough.
TrialSpec spec_of_one_producer(double watchdog_s) {
  Cell cell;
  cell.transport = "ringbuf";
  cell.consumer = "shares_producer_core";
  cell.warmup_ms = 1;
  cell.duration_ms = 30;  // the producer has its turn even if the consumer's slice comes first
  resolve(cell);
  const auto machine = this_machine();
  auto spec = std::get<TrialSpec>(specify(cell, machine));
  spec.clock.hz = 1e9;  // near enough for a trial that is meant to go wrong
  spec.watchdog_s = watchdog_s;
  return spec;
}

TEST(Isolation, BringsTheWholeResultBack) {
  const auto planted = [](const TrialSpec&) {
    PlantedTrial trial;
    trial.deliver_all();
    trial.producers[0].log.first_drop_ticks = PlantedTrial::kWindowBegin + 1'000;
    trial.producers[0].log.event.record(70, 10'000);
    trial.producers[1].log.gap.record(5, 20);
    trial.producers[1].log.refused.record(std::uint64_t{1} << 63, 2'000);
    trial.nodes_found[0] = {{-1, 1}, {0, 2}};
    trial.threads[0].involuntary_switches = 3;
    trial.producers[0].core_cycles = trial.producers[1].core_cycles = 1.5e6;
    trial.spec.placement.oversubscribed = true;
    return trial.judged();
  };
  const auto wanted = planted({});
  const auto found = isolated(planted);
  EXPECT_EQ(found.status, Status::tainted);
  EXPECT_EQ(found.reason, wanted.reason);
  EXPECT_EQ(found.rings[0].nodes_found, wanted.rings[0].nodes_found);
  EXPECT_EQ(found.rings[0].nodes_wanted, wanted.rings[0].nodes_wanted);
  EXPECT_EQ(found.threads[2].role, "consumer");
  EXPECT_EQ(found.producers[0].first_drop_us, wanted.producers[0].first_drop_us);
  EXPECT_FALSE(found.producers[1].first_drop_us);
  for (const auto& column : columns()) {
    if (column.name.starts_with("delivery_ns"))
      continue;  // read from the clock: another in each process
    EXPECT_EQ(column.value(found), column.value(wanted)) << column.name;
  }
  const auto wanted_distributions = named(wanted.distributions);
  const auto found_distributions = named(found.distributions);
  for (std::size_t i = 0; i < wanted_distributions.size(); ++i) {
    const auto& [name, histogram] = wanted_distributions[i];
    if (name == "delivery_ns") continue;
    EXPECT_EQ(found_distributions[i].second->buckets(), histogram->buckets()) << name;
  }
}

TEST(Isolation, RunsTheTrialInAnotherProcess) {
  const auto result = isolated([](const TrialSpec&) { return failed(std::to_string(getpid())); });
  EXPECT_NE(result.reason, std::to_string(getpid()));
}

TEST(Isolation, ACrashIsAFailedTrial) {
  const auto result = isolated([](const TrialSpec&) -> TrialResult {
    signal(SIGSEGV, SIG_DFL);  // a sanitizer would handle it
    raise(SIGSEGV);
    return {};
  });
  EXPECT_EQ(result.status, Status::failed);
  EXPECT_EQ(result.reason, "the trial's process was ended by signal 11 (Segmentation fault)");
}

TEST(Isolation, AKilledChildIsAFailedTrial) {
  const auto result = isolated([](const TrialSpec&) -> TrialResult {
    kill(getpid(), SIGKILL);
    return {};
  });
  EXPECT_EQ(result.reason,
            "the trial's process was ended by signal 9 (Killed), as the kernel does where memory "
            "runs out: see dmesg");
}

TEST(Isolation, AnExitIsAFailedTrial) {
  const auto result = isolated([](const TrialSpec&) -> TrialResult { _exit(7); });
  EXPECT_EQ(result.status, Status::failed);
  EXPECT_EQ(result.reason, "the trial's process ended with status 7 and no result");
}

TEST(Isolation, AnExceptionIsAFailedTrial) {
  const auto result = isolated(
      [](const TrialSpec&) -> TrialResult { throw std::runtime_error("no memory for the ring"); });
  EXPECT_EQ(result.status, Status::failed);
  EXPECT_EQ(result.reason, "no memory for the ring");
}

TEST(Isolation, SomethingThrownThatIsNoExceptionIsAFailedTrial) {
  const auto result = isolated([](const TrialSpec&) -> TrialResult { throw 42; });
  EXPECT_EQ(result.reason, "the trial's process was ended by signal 6 (Aborted)");
}

// Its own watchdog is deaf, so the parent's has to do.
TEST(Isolation, AChildThatNeverAnswersIsKilled) {
  TrialSpec spec;
  spec.cell.warmup_ms = spec.cell.duration_ms = 1;
  spec.watchdog_s = 0.01;
  const auto begin = std::chrono::steady_clock::now();
  const auto result = isolated(
      [](const TrialSpec&) -> TrialResult {
        for (volatile bool forever = true; forever;) pause();
        return {};
      },
      spec);
  EXPECT_EQ(result.status, Status::failed);
  EXPECT_EQ(result.reason, "the trial's process did not answer and was killed");
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(20));
  EXPECT_EQ(waitpid(-1, nullptr, WNOHANG), -1) << "no child is left";
}

TEST(Isolation, AResultLargerThanAPipeComesBackWhole) {
  const auto result =
      isolated([](const TrialSpec&) { return failed(std::string(3'000'000, 'x')); });
  EXPECT_EQ(result.reason.size(), 3'000'000U);
}

TEST(Isolation, TheParentDecidesWhenToStop) {
  const auto result = isolated([](const TrialSpec&) {
    raise(SIGINT);
    raise(SIGTERM);
    return failed("still here");
  });
  EXPECT_EQ(result.reason, "still here");
}

TEST(Isolation, AChildDoesNotOutliveItsParent) {
  std::array<int, 2> ends{};
  ASSERT_EQ(pipe(ends.data()), 0);
  const pid_t parent = fork();
  if (parent == 0) {
    close(ends[0]);
    static int told = -1;
    told = ends[1];
    isolated([](const TrialSpec&) -> TrialResult {
      const pid_t child = getpid();
      [[maybe_unused]] const auto written = write(told, &child, sizeof child);
      for (;;) pause();
    });
    _exit(0);
  }
  close(ends[1]);
  pid_t child = 0;
  ASSERT_EQ(read(ends[0], &child, sizeof child), ssize_t{sizeof child});
  kill(parent, SIGKILL);
  waitpid(parent, nullptr, 0);
  // Both have closed their ends, so the pipe is at its end: the child is gone.
  char nothing = 0;
  EXPECT_EQ(read(ends[0], &nothing, 1), 0);
  close(ends[0]);
}

// --- trials that hang
// ---------------------------------------------------------------------------------------

// What the transports below share: no record ever reaches a consumer.
struct Silent {
  Silent(const Geometry& /*geometry*/, const Options& /*options*/) {}
  template <Sink S>
  std::size_t consume(unsigned /*ring*/, S& /*sink*/, std::size_t /*budget*/) {
    return 0;
  }
  std::size_t occupancy(unsigned /*ring*/) const { return 0; }
  std::uint64_t overwritten() const { return 0; }
  std::size_t footprint() const { return 0; }
};

// The tenth reserve never returns.
struct SpinningReserve : Silent {
  using Silent::Silent;
  struct Producer {
    Reservation<Producer> reserve(std::uint32_t /*size*/) {
      for (volatile bool forever = true; attempts == 9 && forever;) _mm_pause();
      ++attempts;
      return {*this, Drop::no_space};
    }
    void commit(std::byte* /*payload*/, std::uint32_t /*size*/) {}
    void discard(std::byte* /*payload*/, std::uint32_t /*size*/) {}
    Tally tally;
    int attempts = 0;
  };
  Producer producer(unsigned /*index*/) { return {}; }
  std::string describe() const { return "the tenth reserve spins"; }
};
static_assert(Transport<SpinningReserve>);

// A reserve that is refused forgets to give the lock back.
struct LostLock : Silent {
  using Silent::Silent;
  struct Producer {
    Reservation<Producer> reserve(std::uint32_t /*size*/) {
      lock.lock(node);
      return {*this, Drop::no_space};
    }
    void commit(std::byte* /*payload*/, std::uint32_t /*size*/) {}
    void discard(std::byte* /*payload*/, std::uint32_t /*size*/) {}
    RawTtas& lock;
    RawTtas::Node node{};
    Tally tally{};
  };
  Producer producer(unsigned /*index*/) { return {lock}; }
  std::string describe() const { return lock.locked() ? "lock held" : "lock free"; }
  mutable RawTtas lock;
};

// Its producer cannot even be made.
struct SpinningSetup : SpinningReserve {
  using SpinningReserve::SpinningReserve;
  Producer producer(unsigned /*index*/) {
    for (volatile bool forever = true; forever;) _mm_pause();
    return {};
  }
};

struct BrokenSetup : SpinningReserve {
  using SpinningReserve::SpinningReserve;
  Producer producer(unsigned index) {
    if (index == 0) throw std::runtime_error("no room for a producer");
    return {};
  }
};

TEST(Hang, InReserveIsToldWithProducerPhaseAndTransport) {
  auto spec = spec_of_one_producer(2);
  spec.cell.sample_every = 1;
  const auto result = isolated(run_trial<SpinningReserve>, spec);
  EXPECT_EQ(result.status, Status::failed);
  EXPECT_THAT(
      result.reason,
      AllOf(MatchesRegex("hung: .*producer 0 on CPU [0-9]+: in (warm-up|window), 9 attempted; .*"),
            HasSubstr("consumer 0 on CPU"), HasSubstr("the tenth reserve spins")));
  EXPECT_TRUE(result.producers.empty()) << "a hung trial has no numbers";
}

TEST(Hang, OnALockIsToldByTheTransport) {
  const auto result = isolated(run_trial<LostLock>, spec_of_one_producer(2));
  EXPECT_EQ(result.status, Status::failed);
  EXPECT_THAT(result.reason,
              AllOf(HasSubstr("hung: "), HasSubstr("producer 0"), HasSubstr("lock held")));
}

TEST(Hang, InSetupIsTold) {
  const auto result = isolated(run_trial<SpinningSetup>, spec_of_one_producer(2));
  EXPECT_THAT(result.reason,
              MatchesRegex("hung: .*producer 0 on CPU [0-9]+: in setup, 0 attempted; .*"));
}

TEST(Hang, ALaterTrialIsNotAffected) {
  isolated(run_trial<SpinningReserve>, spec_of_one_producer(1));
  const auto result = isolated([](const TrialSpec&) { return failed("ran"); });
  EXPECT_EQ(result.reason, "ran");
}

TEST(Setup, AProducerThatCannotBeMadeFailsTheTrialAtOnce) {
  const auto begin = std::chrono::steady_clock::now();
  const auto result = isolated(run_trial<BrokenSetup>, spec_of_one_producer(60));
  EXPECT_EQ(result.reason, "producer 0: no room for a producer");
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(30));
}

// The other producer has an event due every 20 s, for two minutes.
TEST(Setup, AProducerThatCannotBeMadeStopsTheOthers) {
  auto spec = spec_of_one_producer(120);
  spec.cell.producers = 2;
  spec.ring_of.push_back(0);
  spec.placement.producer_cpus.push_back(spec.placement.producer_cpus.front());
  spec.cell.arrival = "constant";
  spec.cell.rate = 0.05;
  spec.cell.duration_ms = 120'000;
  const auto begin = std::chrono::steady_clock::now();
  const auto result = isolated(run_trial<BrokenSetup>, spec);
  EXPECT_EQ(result.reason, "producer 0: no room for a producer");
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(15));
}

}  // namespace
}  // namespace ringbench
