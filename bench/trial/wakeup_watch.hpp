// What a sleep that nobody ended says of the wake-ups that a consumer was promised.
#pragma once

#include <atomic>
#include <cstdint>
#include <vector>

#include "bench/trial/sleeper.hpp"
#include "impls/payload.hpp"

namespace ringbench {

// Attempts of each producer that are over, as its own thread stores them.
using AttemptsOver = std::vector<const std::atomic<std::uint64_t>*>;

// The time-out of a sleep finds a record: was its wake-up lost, or had it not been sent yet?
//
// A producer rings inside its commit, and stores how many attempts are over after that, with
// release. So if the acquire in begin() reads a number beyond a record's, that record's commit has
// returned and with it the ringing, if there was one, which the look that follows would see. If it
// sees none, nobody is left who would ring: the wake-up is lost. Otherwise it is late: the producer
// was still between its reserve and the end of its commit, or the bell rang after the time-out.
//
// Who produces as fast as it can stores the number once a block, far more often than once in
// Sleeper::kPatienceMs; so a record that lay there for as long has been passed. Where the record at
// which the consumer stands was discarded, its producer may still be on its way to ring while
// another's record behind it is taken for one that was slept over: with reservations given up on a
// shared ring the lost ones are an upper bound.
class WakeupWatch {
 public:
  enum class Verdict : std::uint8_t { none, late, lost };

  // After the time-out, before anything is consumed.
  void begin(const AttemptsOver& progress, Sleeper& sleeper) {
    verdict_ = Verdict::none;
    over_.clear();
    for (const auto* producer : progress) {
      over_.push_back(producer->load(std::memory_order_acquire));
    }
    rang_ = sleeper.was_notified();
  }

  // The first record that a ring then holds. `modulus`: of the sequence it carries.
  void judge(const Event& event, std::uint64_t modulus) {
    if (event.producer >= over_.size()) return;  // of no producer: the receiver says so
    const std::uint64_t beyond = (over_[event.producer] - 1 - event.sequence) & (modulus - 1);
    const bool was_over = over_[event.producer] != 0 && beyond < modulus / 2;
    if (was_over && !rang_) verdict_ = Verdict::lost;
    if (verdict_ == Verdict::none) verdict_ = Verdict::late;
  }

  Verdict verdict() const { return verdict_; }

 private:
  Verdict verdict_ = Verdict::none;
  std::vector<std::uint64_t> over_;
  bool rang_ = false;
};

}  // namespace ringbench
