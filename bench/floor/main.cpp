// How close the harness and the transports come to their floors: ratios measured in one run.
//
//     null, untimed     against the same loop by hand: at most 3 cycles an event more
//     null, sampled     against null untimed: at most 2 cycles an event more
//     perfbuf           reserve + commit of 64 bytes against the fill and its header stores: at
//     most 1.5 times ringbuf           the same against its bare atomic instructions and the same
//     fill: at most 1.3 times
//
// Every contender is a Google Benchmark that times batches of events; repetitions are interleaved
// at random, and the ratios are made from their medians. Nothing contends, and buffers are drained
// outside the timed section.
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "bench/run/statistics.hpp"
#include "bench/trial/producer_loop.hpp"
#include "impls/null.hpp"
#include "impls/payload.hpp"
#include "impls/perfbuf.hpp"
#include "impls/ringbuf.hpp"
#include "topology/clock.hpp"

namespace {

using namespace ringbench;

// As in a trial, the compiler does not know it.
const std::uint32_t kSize = [] {
  std::uint32_t size = 64;
  benchmark::DoNotOptimize(size);
  return size;
}();
constexpr std::uint64_t kBatch = 4'096;
constexpr std::size_t kRingBytes = std::size_t{1} << 20;

struct Ignore {
  void record(std::span<const std::byte> payload) { benchmark::DoNotOptimize(payload.data()); }
  void lost(std::uint64_t /*count*/) {}
};

Options defaults(const Row& row) {
  Options options;
  for (const auto& spec : row.options) options[std::string(spec.key)] = spec.fallback;
  return options;
}

Geometry one_ring() {
  Geometry geometry;
  geometry.ring_bytes = kRingBytes;
  geometry.ring_of = {0};
  return geometry;
}

// The time of an iteration is that of one event, in ticks taken for nanoseconds.
template <class Batch>
void time_batches(benchmark::State& state, Batch batch) {
  for ([[maybe_unused]] auto iteration : state) {
    const auto begin = begin_timing();
    const std::uint64_t events = batch();
    const auto end = end_timing();
    state.SetIterationTime(static_cast<double>(end - begin) / static_cast<double>(events) * 1e-9);
  }
}

// The scratch memory of the null transport, and what its loop does, written out.
void hand_loop(benchmark::State& state) {
  std::vector<std::byte> scratch(null::kScratchBytes);
  const std::uint32_t size = kSize;
  std::uint64_t sequence = 0, committed = 0;
  time_batches(state, [&] {
    for (std::uint64_t i = 0; i < kBatch; ++i) {
      write_payload(scratch.data(), size, {0, sequence++, 0}, false);
      ++committed;
      benchmark::ClobberMemory();
    }
    benchmark::DoNotOptimize(committed);
    return kBatch;
  });
}

void null_transport(benchmark::State& state, std::uint64_t sample_every) {
  null::Null transport(one_ring(), {});
  auto producer = transport.producer(0);
  ProducerPlan plan;
  plan.record_size = kSize;
  plan.sample_every = sample_every;
  std::atomic<std::uint64_t> progress{0};
  const std::atomic<bool> stop{false};
  ProducerLoop loop(producer, plan, progress, stop);
  ProducerLog log;
  time_batches(state, [&] {
    const auto before = loop.attempted();
    loop.saturate(ticks() + kBatch * 100, log);
    return loop.attempted() - before;
  });
}

template <class T>
void transport(benchmark::State& state, const Row& row) {
  T buffers(one_ring(), defaults(row));
  auto producer = buffers.producer(0);
  Ignore sink;
  const std::uint32_t size = kSize;
  std::uint64_t sequence = 0;
  for ([[maybe_unused]] auto iteration : state) {
    const auto begin = begin_timing();
    for (std::uint64_t i = 0; i < kBatch; ++i) {
      auto reservation = producer.reserve(size);
      if (!reservation) continue;
      write_payload(reservation.data(), size, {0, sequence++, 0}, false);
      reservation.commit();
    }
    const auto end = end_timing();
    state.SetIterationTime(static_cast<double>(end - begin) / kBatch * 1e-9);
    buffers.consume(0, sink, 0);
  }
  if (producer.tally.dropped() != 0)
    state.SkipWithError("the buffer was full: the ratio would be wrong");
}

// Walks the same memory as the transports do.
class Walk {
 public:
  Walk() : memory_(2 * kRingBytes) {}
  std::byte* next(std::size_t bytes) {
    std::byte* const at = memory_.data() + (position_ & (kRingBytes - 1));
    position_ += bytes;
    return at;
  }
  std::uint64_t position() const { return position_; }

 private:
  std::vector<std::byte> memory_;
  std::uint64_t position_ = 0;
};

// A perf sample's stores, without reading a tail, counting or waking.
void perfbuf_stores(benchmark::State& state) {
  Walk walk;
  std::atomic<std::uint64_t> head{0};
  const std::uint32_t size = kSize;
  std::uint64_t sequence = 0;
  time_batches(state, [&] {
    for (std::uint64_t i = 0; i < kBatch; ++i) {
      const auto bytes = static_cast<std::uint16_t>(perfbuf::record_bytes(size));
      std::byte* const record = walk.next(bytes);
      const perfbuf::Header header{perfbuf::kSample, 0, bytes};
      std::memcpy(record, &header, sizeof header);
      std::memcpy(record + sizeof header, &size, sizeof size);
      write_payload(record + perfbuf::kPayloadAt, size, {0, sequence++, 0}, false);
      head.store(walk.position(), std::memory_order_release);
    }
    return kBatch;
  });
}

// What the ring buffer cannot do without: exchange and compare-exchange of the queued lock's word,
// the exchange that commits, and the fill.
void ringbuf_atomics(benchmark::State& state) {
  Walk walk;
  std::atomic<std::uint64_t> lock{0};
  const std::uint32_t size = kSize;
  std::uint64_t sequence = 0;
  time_batches(state, [&] {
    for (std::uint64_t i = 0; i < kBatch; ++i) {
      std::uint64_t mine = lock.exchange(1) + 1;
      lock.compare_exchange_strong(mine, 0);
      std::byte* const record = walk.next(ringbuf::record_bytes(size));
      write_payload(record + sizeof(ringbuf::Header), size, {0, sequence++, 0}, false);
      std::atomic_ref(reinterpret_cast<ringbuf::Header*>(record)->len).exchange(size);
    }
    return kBatch;
  });
}

// Keeps the cycles of every repetition; prints the aggregates alone.
class Keeper : public benchmark::ConsoleReporter {
 public:
  void ReportRuns(const std::vector<Run>& runs) override {
    std::vector<Run> aggregates;
    for (const auto& run : runs) {
      if (run.run_type == Run::RT_Aggregate) {
        aggregates.push_back(run);
      } else {
        cycles[run.run_name.function_name].push_back(run.GetAdjustedRealTime());
      }
    }
    ConsoleReporter::ReportRuns(aggregates);
  }
  std::map<std::string, std::vector<double>> cycles;
};

int print_ratios(const Keeper& keeper) {
  const auto cycles = [&](const char* name) { return median(keeper.cycles.at(name)); };
  int missed = 0;
  const auto line = [&](const char* what, double found, double limit, const char* unit) {
    missed += found > limit ? 1 : 0;
    fmt::print("{:<58} {:6.2f} {} (at most {}){}\n", what, found, unit, limit,
               found > limit ? "  MISSED" : "");
  };
  fmt::print("\n");
  line("null, untimed, over the loop by hand", cycles("null_untimed") - cycles("hand_loop"), 3,
       "cycles");
  line("null, one event in 128 timed, over untimed",
       cycles("null_sampled") - cycles("null_untimed"), 2, "cycles");
  line("perfbuf, over a fill and its header stores", cycles("perfbuf") / cycles("perfbuf_stores"),
       1.5, "times");
  line("ringbuf, over its bare atomic instructions and a fill",
       cycles("ringbuf") / cycles("ringbuf_atomics"), 1.3, "times");
  return missed == 0 ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  std::string repetitions = "--benchmark_repetitions=21",
              interleave = "--benchmark_enable_random_interleaving=true";
  std::vector<char*> arguments{argv[0], repetitions.data(), interleave.data()};
  arguments.insert(arguments.end(), argv + 1, argv + argc);
  int count = static_cast<int>(arguments.size());
  arguments.push_back(nullptr);
  benchmark::Initialize(&count, arguments.data());
  if (benchmark::ReportUnrecognizedArguments(count, arguments.data())) return 2;

  const auto add = [](const char* name, auto run) {
    benchmark::RegisterBenchmark(name, run)->UseManualTime()->Iterations(200);
  };
  add("hand_loop", hand_loop);
  add("null_untimed", [](benchmark::State& state) { null_transport(state, 0); });
  add("null_sampled", [](benchmark::State& state) { null_transport(state, 128); });
  add("perfbuf_stores", perfbuf_stores);
  add("perfbuf", [](benchmark::State& state) {
    transport<RingSet<perfbuf::Buffer<NoLock, false>>>(state, perfbuf::row);
  });
  add("ringbuf_atomics", ringbuf_atomics);
  add("ringbuf", [](benchmark::State& state) {
    transport<RingSet<ringbuf::Ring<McsLock>>>(state, ringbuf::row);
  });

  Keeper keeper;
  benchmark::RunSpecifiedBenchmarks(&keeper);
  return print_ratios(keeper);
}
