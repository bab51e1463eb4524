// What interrupts a producer: an event of its own from a signal handler on the producer's thread.
#pragma once

#include <cstdint>
#include <optional>

#include "bench/trial/producer_log.hpp"
#include "bench/trial/signal_timer.hpp"
#include "impls/payload.hpp"
#include "impls/transport.hpp"
#include "topology/clock.hpp"

namespace ringbench {

struct InterruptLog {
  std::uint64_t attempted = 0;
  Tally tally;
};

// Where the transport cannot be interrupted, or is not to be: nothing.
template <class T>
class InterruptingProducer {
 public:
  InterruptingProducer(T& /*transport*/, const typename T::Producer& /*interrupted*/,
                       unsigned /*index*/, const ProducerPlan& /*plan*/) {}
  void start() {}
  InterruptLog stop() { return {}; }
};

// `plan`: of the producer that it interrupts, whose number its own follows by as many as there are
// producers, so that each sequence has one writer.
template <Interruptible T>
class InterruptingProducer<T> {
 public:
  InterruptingProducer(T& transport, const typename T::Producer& interrupted, unsigned index,
                       const ProducerPlan& plan)
      : plan_(plan), handle_(transport.interrupter(index, interrupted)) {}

  void start() {
    if (plan_.interrupt_every_us == 0) return;
    timer_.emplace(
        plan_.interrupt_every_us, plan_.seed,
        [](void* self) { static_cast<InterruptingProducer*>(self)->send(); }, this);
  }
  InterruptLog stop() {
    timer_.reset();
    return {sequence_, handle_.tally};
  }

 private:
  void send() {
    const Event event{plan_.interrupter, sequence_++, plan_.stamps ? ticks() : 0};
    auto reservation = handle_.reserve(plan_.record_size);
    if (!reservation) return;
    write_payload(reservation.data(), plan_.record_size, event, plan_.stamps);
    reservation.commit();
  }

  const ProducerPlan plan_;
  typename T::Interrupter handle_;
  std::uint64_t sequence_ = 0;
  std::optional<SignalTimer> timer_;
};

}  // namespace ringbench
