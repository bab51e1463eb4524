// The atomics that a row promises against the instructions that an event executes. Stores with
// release order are ordinary stores on x86-64 and cannot be told apart: they are counted in the
// source.
#include <gtest/gtest.h>

#include <atomic>
#include <cstring>

#include "generated/transports.hpp"
#include "impls/list.hpp"
#include "tests/impls/single_step.hpp"
#include "tests/impls/variants.hpp"

namespace ringbench::conformance {
namespace {

// A sanitizer brings atomic instructions of its own; an unoptimised build exchanges where it should
// store, because it does not see which memory order it was given.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || !defined(__OPTIMIZE__)
constexpr bool kIsTheRealCode = false;
#else
constexpr bool kIsTheRealCode = true;
#endif
constexpr const char* kNotTraced = "this process may not trace, or this is not an optimised build";

std::optional<Executed> traced(const std::function<void()>& work) {
  return kIsTheRealCode ? executed_by(work) : std::nullopt;
}

struct Ignore {
  void record(std::span<const std::byte> /*payload*/) {}
  void lost(std::uint64_t /*count*/) {}
};

template <SplitProducer Producer>
void emit(Producer& producer) {
  auto reservation = producer.reserve(64);
  if (!reservation) return;
  std::memset(reservation.data(), 1, 64);
  reservation.commit();
}

// What the kernel executes is not ours to count.
template <WholeProducer Producer>
void emit(Producer& /*producer*/) {}

// One event between two marks, after so many that a ring which overwrites is full.
struct OneEvent {
  const Geometry& geometry;
  const Options& options;

  template <class T>
  void operator()() const {
    constexpr int kEnoughToWrap = 200;
    T transport(geometry, options);
    auto producer = transport.producer(0);
    Ignore sink;
    const auto overwrite = options.find("overwrite");
    const bool overwrites = overwrite != options.end() && overwrite->second == "on";
    for (int i = 0; i < kEnoughToWrap; ++i) {
      emit(producer);
      if (!overwrites) transport.consume(0, sink, 0);
    }
    mark();
    emit(producer);
    mark();
  }
};

void run_one_event(const Variant& variant) {
  const auto geometry = geometry_for(*variant.row, 4096, 2);
  const OneEvent event{geometry, variant.options};
#define TRANSPORT(stem) \
  if (variant.row == &stem::row) return stem::with_variant(variant.options, event);
#include "impls/transports.def"
#undef TRANSPORT
}

TEST(Atomics, SingleStepsSeeEveryKind) {
  std::atomic<std::uint64_t> word{0};
  std::atomic<std::uint32_t> half{0};
  const auto executed = traced([&] {
    mark();
    for (int i = 0; i < 3; ++i) asm volatile("" : : "r"(word.fetch_add(1)));
    half.fetch_sub(1);
    word.fetch_add(7);  // nobody wants the result: no XADD, but as dear
    for (int i = 0; i < 2; ++i) asm volatile("" : : "r"(half.exchange(1)));
    std::uint64_t wanted = 1;
    word.compare_exchange_strong(wanted, 2);
    word.fetch_or(1);
    word.store(1, std::memory_order_release);
    mark();
  });
  if (!executed) GTEST_SKIP() << kNotTraced;
  EXPECT_EQ(executed->xadd, 5U);
  EXPECT_EQ(executed->xchg, 2U);
  EXPECT_EQ(executed->cmpxchg, 1U);
  EXPECT_EQ(executed->other_locked, 1U);
}

TEST(Atomics, AreThoseThatAnEventExecutes) {
  for (const Variant& variant : all_variants()) {
    SCOPED_TRACE(name_of(variant));
    const auto executed = traced([&] { run_one_event(variant); });
    if (!executed) GTEST_SKIP() << kNotTraced;
    const Atomics promised = variant.row->atomics(variant.options);
    EXPECT_EQ(executed->xadd, promised.xadd);
    EXPECT_EQ(executed->xchg, promised.xchg);
    EXPECT_EQ(executed->cmpxchg, promised.cmpxchg);
    EXPECT_EQ(executed->other_locked, 0U);
    EXPECT_GT(executed->steps, 4U) << "the event was stepped through";
  }
}

TEST(Atomics, HybridHasTheAtomicsOfItsBaseAndItsLock) {
  const auto of = [](const char* transport, auto... given) {
    const Row& row = *find_transport(transport);
    return row.atomics(options_of(row, {given...}));
  };
  using Given = std::pair<std::string_view, std::string_view>;
  EXPECT_EQ(of("ringbuf"), (Atomics{0, 2, 1, 1}));
  EXPECT_EQ(of("ringbuf", Given{"lock", "ticket"}), (Atomics{2, 1, 0, 1}));
  EXPECT_EQ(of("ringbuf", Given{"lock", "ttas"}), (Atomics{0, 2, 0, 2}));
  EXPECT_EQ(of("perfbuf"), (Atomics{0, 0, 0, 1}));
  EXPECT_EQ(of("perfbuf", Given{"overwrite", "on"}), (Atomics{0, 1, 0, 2}));
  EXPECT_EQ(of("hybrid"), of("ringbuf"));
  EXPECT_EQ(of("hybrid", Given{"base", "perfbuf"}), (Atomics{0, 1, 1, 1}));
  EXPECT_EQ(of("null"), Atomics{});
}

}  // namespace
}  // namespace ringbench::conformance
