// The consumer takes the last record and looks once more before it sleeps; at that moment the next
// record is committed. One of the two must notice the other.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <random>
#include <thread>

#include "tests/impls/subject.hpp"
#include "tests/impls/variants.hpp"

namespace ringbench::conformance {
namespace {

constexpr std::uint32_t kRounds = 20'000;
constexpr auto kLongestLook = std::chrono::milliseconds(150);

class Ignored final : public Receiver {
 public:
  void record(std::span<const std::byte> /*payload*/) override {}
  void lost(std::uint64_t /*count*/) override {}
};

void wait_for(const std::atomic<std::uint32_t>& word, std::uint32_t round) {
  for (int spins = 0; word.load(std::memory_order_acquire) < round; ++spins) {
    if (spins > 2'000) std::this_thread::yield();
  }
}

void linger(std::uint32_t turns) {
  for (; turns != 0; --turns) std::atomic_signal_fence(std::memory_order_seq_cst);
}

class LastLook {
 public:
  explicit LastLook(const Variant& variant) {
    auto geometry = geometry_for(*variant.row, 4096, 1);
    geometry.waits = true;
    subject_ = make_subject(*variant.row, geometry, variant.options);
  }

  void run() {
    const std::jthread producer([this] { produce(); });
    consume();
    EXPECT_GT(rounds_, 0U);
    EXPECT_EQ(unnoticed_, 0U) << "of " << rounds_ << " rounds";
  }

 private:
  // A round: one record, then one whose commit races with the consumer of the first.
  void produce() {
    const auto writer = subject_->writer(0);
    const Fill nothing = [](std::span<std::byte>) { return true; };
    std::mt19937 random(1);
    std::uint32_t delay = 0;
    const auto end = std::chrono::steady_clock::now() + kLongestLook;
    for (std::uint32_t round = 1; round <= kRounds; ++round) {
      writer->output(8, nothing);
      const auto before = writer->tally().notifications;
      const auto second = writer->reserve(8);
      last_ = round == kRounds || std::chrono::steady_clock::now() > end;
      first_.store(round, std::memory_order_release);
      linger(delay + random() % 64);
      second->commit();
      silent_ = writer->tally().notifications == before;
      second_.store(round, std::memory_order_release);
      wait_for(checked_, round);
      if (last_) return;
      // Aims at the moment of the look: the consumer sleeps in every other round.
      delay = sleeps_ ? delay - std::min(delay, 8U) : delay + 8;
    }
  }

  void consume() {
    Ignored ignored;
    for (bool last = false; !last;) {
      wait_for(first_, ++rounds_);
      subject_->consume(0, ignored, 1);
      sleeps_ = subject_->ready_to_wait(0);
      wait_for(second_, rounds_);
      unnoticed_ += sleeps_ && silent_ ? 1 : 0;
      last = last_;
      subject_->consume(0, ignored, 0);
      checked_.store(rounds_, std::memory_order_release);
    }
  }

  std::unique_ptr<Subject> subject_;
  alignas(64) std::atomic<std::uint32_t> first_{0};
  alignas(64) std::atomic<std::uint32_t> second_{0};
  alignas(64) std::atomic<std::uint32_t> checked_{0};
  bool last_ = false;    // the producer's, read after second_
  bool silent_ = false;  // likewise: the second record was committed and notified nobody
  bool sleeps_ = false;  // the consumer's, read after checked_
  std::uint32_t rounds_ = 0;
  std::uint32_t unnoticed_ = 0;
};

class LastLookStress : public testing::TestWithParam<Variant> {};
INSTANTIATE_TEST_SUITE_P(Every, LastLookStress,
                         testing::ValuesIn(variants_where(wakes_every_sleeper)), name);

TEST_P(LastLookStress, NoWakeUpIsLost) {
  LastLook(GetParam()).run();
}

}  // namespace
}  // namespace ringbench::conformance
